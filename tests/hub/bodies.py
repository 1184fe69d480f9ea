"""The world's records as the bodies of GitHub's REST replies: every field that means something here.

`filler` adds the fields that GitHub requires beyond these.
"""

import base64
from typing import Any

from hub import pulls
from hub.call import Call
from hub.checks import pulls_of
from hub.facts import page, utc
from hub.pulls import FileRow
from hub.records import Account, CheckRun, Pull, Reaction, Repository, Review, ReviewComment, Said
from hub.threads import place_now
from hub.world import World

Body = dict[str, Any]


def user(account: Account | None) -> Body | None:
    """None where the account is gone (THREATS G36)."""
    if account is None:
        return None
    return {
        "login": account.login,
        "id": account.id,
        "node_id": f"U_{account.id}",
        "type": account.kind,
        "html_url": f"https://hub.test/{'apps/' if account.kind == 'Bot' else ''}{account.bare_login}",
    }


def repository(call: Call, repo: Repository) -> Body:
    owner, name = repo.name.split("/")
    return {
        "id": repo.id,
        "node_id": f"R_{repo.id}",
        "name": name,
        "full_name": repo.name,
        "private": repo.private,
        "owner": user(call.world.accounts.get(owner) or Account(owner, repo.id + 1)),
        "fork": repo.id != call.world.repository.id,
        "archived": call.world.state == "archived",
        "default_branch": "main",
        "url": f"{call.api}/repos/{repo.name}",
        "html_url": f"{call.world.address}/{repo.name}",
        "clone_url": f"{call.world.address}/{repo.name}.git",
    }


def pull_request(call: Call, pull: Pull) -> Body:
    """What a pull request says when it is asked for alone: its row in the list, and how much it changes."""
    row, files = pull_row(call, pull), pulls.changes(call.world, pull)
    return row | {
        "commits": len(call.world.store.between(row["base"]["sha"], row["head"]["sha"])),
        "changed_files": len(files),
        "additions": sum(file.additions for file in files),
        "deletions": sum(file.deletions for file in files),
    }


def pull_row(call: Call, pull: Pull) -> Body:
    world, head = call.world, pulls.head_as_read(call.world, pull)
    own, theirs = repository(call, world.repository), pull.head_repository
    return {
        "id": pull.id,
        "node_id": f"PR_{pull.id}",
        "number": pull.number,
        "state": pull.state,
        "locked": pull.locked,
        "draft": pull.draft,
        "title": pull.title,
        "body": pull.body,
        "user": user(pull.author),
        "author_association": pull.association,
        "html_url": page(world, pull.number),
        "url": f"{call.api}/repos/{world.repository.name}/pulls/{pull.number}",
        "created_at": utc(pull.created),
        "updated_at": utc(pull.updated),
        "head": {
            "label": f"{theirs.name.split('/')[0] if theirs else 'unknown'}:{pull.head_ref}",
            "ref": pull.head_ref,
            "sha": head,
            "user": user(pull.author),
            "repo": repository(call, theirs) if theirs else None,
        },
        "base": {
            "label": f"{own['owner']['login']}:{pull.base_ref}",
            "ref": pull.base_ref,
            "sha": pulls.base_tip(world, pull),
            "user": own["owner"],
            "repo": own,
        },
    }


def file(row: FileRow) -> Body:
    """`patch` and `previous_filename` are left out, not null, where there are none."""
    body: Body = {
        "sha": row.sha,
        "filename": row.path,
        "status": row.status,
        "additions": row.additions,
        "deletions": row.deletions,
        "changes": row.additions + row.deletions,
    }
    body |= {} if row.patch is None else {"patch": row.patch}
    return body | ({} if row.old_path is None else {"previous_filename": row.old_path})


def comparison(call: Call, base: str, head: str) -> Body:
    world = call.world
    start = pulls.merge_base(world, base, head)
    tips = [world.branches.get(name) or world.store.find(name) or name for name in (base, head)]
    ahead, behind = (len(world.store.between(old, new)) for old, new in (tips, tips[::-1]))
    status = {(False, False): "identical", (True, False): "ahead", (False, True): "behind"}
    first = int(call.query.get("page", "1")) == 1  # files stand on the first page only: THREATS G21
    return {
        "base_commit": {"sha": tips[0]},
        "merge_base_commit": {"sha": start},
        "status": status.get((ahead > 0, behind > 0), "diverged"),
        "ahead_by": ahead,
        "behind_by": behind,
        "total_commits": ahead,
        "commits": [],
        "files": [file(row) for row in pulls.compared_files(world, base, head)] if first else [],
    }


def blob(sha: str, content: bytes) -> Body:
    """Base64 in lines, as GitHub breaks it."""
    text = base64.encodebytes(content).decode()
    return {"sha": sha, "node_id": f"B_{sha}", "size": len(content), "encoding": "base64", "content": text}


def review(world: World, pull: Pull, one: Review) -> Body:
    submitted = {"submitted_at": utc(one.created)} if one.state != "PENDING" else {}
    return submitted | {
        "id": one.id,
        "node_id": one.node_id,
        "user": user(one.author),
        "body": one.body,
        "state": one.state,
        "commit_id": one.commit_id,
        "html_url": page(world, pull.number, one),
        "author_association": "NONE",
    }


def review_comment(world: World, pull: Pull, comment: ReviewComment) -> Body:
    thread = next(thread for thread in pull.threads if thread.id == comment.thread)
    now = place_now(world, pull, thread)
    reply = {} if comment.in_reply_to is None else {"in_reply_to_id": comment.in_reply_to}
    return reply | {
        **said(world, pull, comment),
        "pull_request_review_id": comment.review,
        "diff_hunk": thread.hunk,
        "path": thread.path,
        "commit_id": comment.commit_id,
        "original_commit_id": thread.commit,
        "side": thread.side,
        "line": now.line if now else None,
        "original_line": thread.line,
        "start_line": now.start_line if now else None,
        "original_start_line": thread.start_line,
        "start_side": None if thread.start_line is None else thread.side,
        "subject_type": "line",
    }


def said(world: World, pull: Pull, one: Said) -> Body:
    """An issue comment, and what a review comment has in common with it."""
    return {
        "id": one.id,
        "node_id": one.node_id,
        "user": user(one.author),
        "body": one.body,
        "created_at": utc(one.created),
        "updated_at": utc(one.edited or one.created),
        "html_url": page(world, pull.number, one),
        "author_association": "NONE",
        "reactions": _rollup(one),
    }


def reaction(one: Reaction, created: float) -> Body:
    return {
        "id": one.id,
        "node_id": f"REA_{one.id}",
        "user": user(one.account),
        "content": one.content,
        "created_at": utc(created),
    }


def check_run(call: Call, check: CheckRun) -> Body:
    world = call.world
    named = [
        {
            "id": pull.id,
            "number": pull.number,
            "head": {"ref": pull.head_ref, "sha": pull.head_sha},
            "base": {"ref": pull.base_ref, "sha": pulls.base_tip(world, pull)},
        }
        for pull in pulls_of(world, check)
    ]
    return {
        "id": check.id,
        "node_id": f"CR_{check.id}",
        "name": check.name,
        "head_sha": check.head_sha,
        "external_id": check.external_id,
        "status": check.status,
        "conclusion": check.conclusion,
        "started_at": utc(check.started),
        "completed_at": utc(check.completed) if check.completed else None,
        "output": {
            "title": check.title,
            "summary": check.summary,
            "text": check.text,
            "annotations_count": len(check.annotations),
            "annotations_url": f"{call.api}/repos/{world.repository.name}/check-runs/{check.id}/annotations",
        },
        "pull_requests": named,
        "app": {"id": 12345, "slug": "reviewbot", "name": "reviewbot"},
        "url": f"{call.api}/repos/{world.repository.name}/check-runs/{check.id}",
        "html_url": f"{world.address}/{world.repository.name}/runs/{check.id}",
    }


def _rollup(one: Said) -> Body:
    contents = [reaction.content for reaction in one.reactions]
    words = ("+1", "-1", "laugh", "confused", "heart", "hooray", "rocket", "eyes")
    return {"total_count": len(contents)} | {word: contents.count(word) for word in words}
