"""The world's records as the facts of reviewbot's port: what the real adapter reads out of GitHub's replies."""

from datetime import UTC, datetime

from hub.pulls import FileRow, base_tip, changes, head_as_read
from hub.records import Account, Pull, Said, Thread
from hub.reviews import listed_reviews
from hub.talk import listed_comments
from hub.threads import place_now, submitted_comments
from hub.world import World

from reviewbot.forge import model

UP, DOWN = {"+1", "heart"}, {"-1", "confused"}


def utc(seconds: float) -> str:
    """As GitHub writes a time."""
    return datetime.fromtimestamp(seconds, UTC).strftime("%Y-%m-%dT%H:%M:%SZ")


def page(world: World, number: int, said: Said | None = None) -> str:
    """The address of a pull request for a browser, at something said on it."""
    anchors = {"PRRC": "discussion_r", "PRR": "pullrequestreview-", "IC": "issuecomment-"}
    place = f"#{anchors[said.prefix]}{said.id}" if said else ""
    return f"{world.address or 'https://hub.test'}/{world.repository.name}/pull/{number}{place}"


def pull_fact(world: World, pull: Pull) -> model.Pull:
    files = changes(world, pull)
    return model.Pull(
        address=model.Address(world.repository.name, pull.number),
        repository_id=world.repository.id,
        title=pull.title,
        body=pull.body or "",
        author_is_bot=pull.author is not None and pull.author.kind == "Bot",
        author_association=pull.association,
        state=pull.state,
        draft=pull.draft,
        base_sha=base_tip(world, pull),
        base_ref=pull.base_ref,
        head_sha=head_as_read(world, pull),
        head_repository_id=pull.head_repository.id if pull.head_repository else None,
        changed_files=len(files),
        additions=sum(file.additions for file in files),
        deletions=sum(file.deletions for file in files),
    )


def file_fact(row: FileRow) -> model.PullFile:
    return model.PullFile(
        path=row.path, old_path=row.old_path, status=row.status, additions=row.additions, deletions=row.deletions,
        patch=row.patch,
    )  # fmt: skip


def posted(world: World, number: int, said: Said) -> model.Posted:
    return model.Posted(id=said.id, url=page(world, number, said))


def conversation(world: World, pull: Pull, reader: Account) -> model.Conversation:
    """Everything listed by now, as this account sees it; a pending review is nowhere in it."""
    submitted = [review for review in listed_reviews(world, pull, reader) if review.state != "PENDING"]
    threads = [_thread(world, pull, thread, reader) for thread in pull.threads]
    return model.Conversation(
        threads=tuple(thread for thread in threads if thread.remarks),
        comments=tuple(_remark(world, pull, said, reader) for said in listed_comments(world, pull.number)),
        reviews=tuple(_remark(world, pull, said, reader) for said in submitted),
    )


def _thread(world: World, pull: Pull, thread: Thread, reader: Account) -> model.Thread:
    now, comments = place_now(world, pull, thread), submitted_comments(world, pull, thread)
    return model.Thread(
        id=thread.node_id,
        path=thread.path,
        line=now.line if now else None,
        resolved=thread.resolved or any(comment.minimized for comment in comments[:1]),
        outdated=now is None,
        remarks=tuple(_remark(world, pull, comment, reader) for comment in comments),
    )


def _remark(world: World, pull: Pull, said: Said, reader: Account) -> model.Remark:
    contents = [reaction.content for reaction in said.reactions]
    return model.Remark(
        id=said.id,
        node_id=said.node_id,
        body=said.body,
        ours=said.author == reader,
        author=said.author.bare_login if said.author else "",
        author_is_bot=said.author is not None and said.author.kind == "Bot",
        created=utc(said.created),
        url=page(world, pull.number, said),
        up=sum(content in UP for content in contents),
        down=sum(content in DOWN for content in contents),
    )
