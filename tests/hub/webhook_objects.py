"""What webhook payloads are made of: accounts, repositories, pull requests and issues in all the fields GitHub gives.

Knows the shape of each object and nothing of events. Times are constants, and so are the counts that nobody reads.
"""

from typing import Any, Literal, NamedTuple
from urllib.parse import quote

SERVER = "https://github.com"
API = "https://api.github.com"
TIME = "2026-11-21T09:00:00Z"
ZERO = "0" * 40

Payload = dict[str, Any]
Association = Literal[
    "COLLABORATOR", "CONTRIBUTOR", "FIRST_TIMER", "FIRST_TIME_CONTRIBUTOR", "MANNEQUIN", "MEMBER", "NONE", "OWNER"
]


class Account(NamedTuple):
    """Somebody on GitHub: a person, a bot, or the owner of a repository."""

    login: str
    id: int
    type: Literal["User", "Bot", "Organization"] = "User"


AUTHOR = Account("ada", 101)
MAINTAINER = Account("grace", 102)
BOT = Account("reviewbot[bot]", 900, "Bot")


class PullRequest(NamedTuple):
    """A pull request, as far as its events differ from those of another."""

    repository: str = "octo/shop"
    repository_id: int = 7
    number: int = 1
    title: str = "Match customers by e-mail"
    body: str | None = None
    author: Account = AUTHOR
    state: Literal["open", "closed"] = "open"
    draft: bool = False
    base_ref: str = "main"
    base_sha: str = "b" * 40
    head_ref: str = "feature"
    head_sha: str = "a" * 40
    head_repository: str | None = "octo/shop"
    """None where the fork is gone."""
    head_repository_id: int = 7
    association: str = "NONE"
    """Of its author with the repository."""
    installation_id: int | None = None
    """Of the App that is told; None in a workflow, where there is none."""

    @property
    def owner(self) -> Account:
        return Account(self.repository.partition("/")[0], 100, "Organization")

    @property
    def from_fork(self) -> bool:
        return self.head_repository != self.repository

    @property
    def api(self) -> str:
        """The address of its repository's REST."""
        return f"{API}/repos/{self.repository}"

    @property
    def page(self) -> str:
        """Where a person reads it."""
        return f"{SERVER}/{self.repository}/pull/{self.number}"


def account(who: Account) -> Payload:
    login = quote(who.login)  # "reviewbot%5Bbot%5D"
    url = f"{API}/users/{login}"
    paths = (
        "followers following{/other_user} gists{/gist_id} starred{/owner}{/repo} subscriptions organizations=orgs "
        "repos events{/privacy} received_events"
    )
    return {
        "login": who.login,
        "id": who.id,
        "node_id": f"U_{who.id}",
        "avatar_url": f"https://avatars.githubusercontent.com/u/{who.id}?v=4",
        "gravatar_id": "",
        "url": url,
        "html_url": f"{SERVER}/{login}",
        **_addresses(url, paths),
        "type": who.type,
        "site_admin": False,
    }


def repository(full_name: str, repository_id: int, *, fork: bool = False) -> Payload:
    owner, _, name = full_name.partition("/")
    url, page = f"{API}/repos/{full_name}", f"{SERVER}/{full_name}"
    counts = "stargazers_count watchers_count forks_count open_issues_count forks open_issues watchers size"
    return {
        "id": repository_id,
        "node_id": f"R_{repository_id}",
        "name": name,
        "full_name": full_name,
        "owner": account(Account(owner, 100, "Organization")),
        "url": url,
        "html_url": page,
        "clone_url": f"{page}.git",
        "svn_url": page,
        "git_url": f"git://github.com/{full_name}.git",
        "ssh_url": f"git@github.com:{full_name}.git",
        **_addresses(url, _BELOW_A_REPOSITORY),
        **_each("created_at updated_at pushed_at", TIME),
        **_each(counts, 0),
        **_each("description homepage language mirror_url license", None),
        **_each("has_issues has_projects has_downloads has_wiki", value=True),
        **_each("private has_pages archived disabled is_template web_commit_signoff_required", value=False),
        "fork": fork,
        "default_branch": "main",
        "topics": [],
        "visibility": "public",
        "custom_properties": {},
    }


_BELOW_A_REPOSITORY = (
    "forks keys{/key_id} collaborators{/collaborator} teams hooks issue_events=issues/events{/number} events "
    "assignees{/user} branches{/branch} tags blobs=git/blobs{/sha} git_tags=git/tags{/sha} git_refs=git/refs{/sha} "
    "trees=git/trees{/sha} statuses=statuses/{sha} languages stargazers contributors subscribers subscription "
    "commits{/sha} git_commits=git/commits{/sha} comments{/number} issue_comment=issues/comments{/number} "
    "contents=contents/{+path} compare=compare/{base}...{head} merges archive={archive_format}{/ref} downloads "
    "issues{/number} pulls{/number} milestones{/number} notifications{?since,all,participating} labels{/name} "
    "releases{/id} deployments"
)


def _addresses(url: str, paths: str) -> Payload:
    """Fields named for an address: "tags" is tags_url below `url`; "blobs=git/blobs{/sha}" has another path."""
    entries = ((entry.partition("{")[0], entry) if "=" not in entry else entry.split("=", 1) for entry in paths.split())
    return {f"{field}_url": f"{url}/{path}" for field, path in entries}


def _each(fields: str, value: Any) -> Payload:
    """The same value in several fields."""
    return dict.fromkeys(fields.split(), value)


def stamps(url: str, number: int, author: Account) -> Payload:
    """What a pull request, an issue and a comment have in common."""
    return {
        "url": url,
        "id": number,
        "node_id": f"N_{number}",
        "user": account(author),
        "author_association": "NONE",
        **_each("created_at updated_at", TIME),
    }


def reactions(url: str) -> Payload:
    return {"url": f"{url}/reactions", **_each("total_count +1 -1 laugh hooray confused heart rocket eyes", 0)}


def issue(pull: PullRequest) -> Payload:
    """An issue with the number and the words of a pull request, but not one."""
    url = f"{pull.api}/issues/{pull.number}"
    return {
        **stamps(url, 3_000 + pull.number, pull.author),
        **_addresses(url, "labels{/name} comments events"),
        "repository_url": pull.api,
        "html_url": f"{SERVER}/{pull.repository}/issues/{pull.number}",
        "number": pull.number,
        "title": pull.title,
        "body": pull.body,
        "state": pull.state,
        "locked": False,
        "labels": [],
        "assignees": [],
        **_each("assignee milestone closed_at active_lock_reason", None),
        "comments": 1,
        "reactions": reactions(url),
    }


def pull_as_issue(pull: PullRequest) -> Payload:
    """A pull request as the events of issues show it: without head and base (so both must be asked for)."""
    links = {"url": f"{pull.api}/pulls/{pull.number}", "html_url": pull.page, "merged_at": None}
    patches = {f"{kind}_url": f"{pull.page}.{kind}" for kind in ("diff", "patch")}
    return issue(pull) | {"html_url": pull.page, "draft": pull.draft, "pull_request": links | patches}


def pull_object(pull: PullRequest) -> Payload:
    url, issue_url = f"{pull.api}/pulls/{pull.number}", f"{pull.api}/issues/{pull.number}"
    addresses = {
        "issue": issue_url,
        "comments": f"{issue_url}/comments",
        "review_comments": f"{url}/comments",
        "review_comment": f"{pull.api}/pulls/comments{{/number}}",
        "commits": f"{url}/commits",
        "statuses": f"{pull.api}/statuses/{pull.head_sha}",
    }
    links = {"self": url, "html": pull.page, **addresses}
    return {
        **stamps(url, 4_000 + pull.number, pull.author),
        **{f"{name}_url": address for name, address in addresses.items()},
        **{f"{kind}_url": f"{pull.page}.{kind}" for kind in ("diff", "patch")},
        "_links": {name: {"href": address} for name, address in links.items()},
        "html_url": pull.page,
        "author_association": pull.association,
        "number": pull.number,
        "title": pull.title,
        "body": pull.body,
        "state": pull.state,
        "draft": pull.draft,
        "closed_at": TIME if pull.state == "closed" else None,
        "head": _end(pull.author, pull.head_ref, pull.head_sha, _head_repository(pull)),
        "base": _end(pull.owner, pull.base_ref, pull.base_sha, repository(pull.repository, pull.repository_id)),
        **{name: [] for name in ("assignees", "requested_reviewers", "requested_teams", "labels")},
        **_each("merged_at merged_by merge_commit_sha assignee milestone auto_merge", None),
        **_each("active_lock_reason mergeable rebaseable", None),
        **_each("locked merged maintainer_can_modify", value=False),
        "mergeable_state": "unknown",
        **_each("comments review_comments", 0),
        **_each("commits additions deletions changed_files", 1),
    }


def _head_repository(pull: PullRequest) -> Payload | None:
    if pull.head_repository is None:
        return None
    return repository(pull.head_repository, pull.head_repository_id, fork=pull.from_fork)


def _end(owner: Account, ref: str, sha: str, holder: Payload | None) -> Payload:
    return {"label": f"{owner.login}:{ref}", "ref": ref, "sha": sha, "user": account(owner), "repo": holder}


def pull_references(pull: PullRequest) -> list[Payload]:
    """The pull requests that a check knows of: none where the head is in a fork (THREATS G27)."""
    if pull.from_fork:
        return []
    holder = {"id": pull.repository_id, "url": pull.api, "name": pull.repository.partition("/")[2]}
    return [
        {
            "url": f"{pull.api}/pulls/{pull.number}",
            "id": 4_000 + pull.number,
            "number": pull.number,
            "head": {"ref": pull.head_ref, "sha": pull.head_sha, "repo": holder},
            "base": {"ref": pull.base_ref, "sha": pull.base_sha, "repo": holder},
        }
    ]


def check_suite(pull: PullRequest) -> Payload:
    return {
        "id": 9_001,
        "head_branch": None if pull.from_fork else pull.head_ref,
        "head_sha": pull.head_sha,
        "status": "completed",
        "conclusion": "neutral",
        "url": f"{pull.api}/check-suites/9001",
        "before": ZERO,
        "after": pull.head_sha,
        "pull_requests": pull_references(pull),
        "app": app(),
        **_each("created_at updated_at", TIME),
    }


def app() -> Payload:
    return {
        "id": 12345,
        "slug": "reviewbot",
        "node_id": "A_12345",
        "owner": account(Account("octo", 100, "Organization")),
        "name": "reviewbot",
        "description": None,
        "external_url": "https://reviewbot.example",
        "html_url": f"{SERVER}/apps/reviewbot",
        **_each("created_at updated_at", TIME),
    }


def label(pull: PullRequest, name: str) -> Payload:
    url = f"{pull.api}/labels/{quote(name)}"
    plain = {"name": name, "color": "ededed", "default": False, "description": None}
    return {"id": 6_001, "node_id": "LA_6001", "url": url, **plain}


def installation_lite(installation_id: int) -> Payload:
    """All that most events say of the installation that is told."""
    return {"id": installation_id, "node_id": f"I_{installation_id}"}
