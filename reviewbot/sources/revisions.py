"""From the words of a selection to commits: what is compared with what, and how to say so to a person.

Knows refs and merge bases. Reads no file and no diff.
"""

import difflib
import re
from dataclasses import dataclass

from reviewbot.errors import BadRange
from reviewbot.sources.git import Git, refusal
from reviewbot.sources.repository import Repository
from reviewbot.sources.selection import Selection

_USUAL = (
    "refs/remotes/origin/HEAD",
    "refs/remotes/upstream/HEAD",
    "refs/remotes/origin/main",
    "refs/remotes/origin/master",
    "refs/heads/main",
    "refs/heads/master",
)


@dataclass(frozen=True, slots=True)
class Span:
    """The commits at both ends, resolved."""

    base: str | None
    """The commit on the old side; None for a repository without commits, whose old side is empty."""
    head: str | None
    """The newest commit of the change. What is staged or in the work tree comes on top; None without commits."""
    words: str
    """The change in words for a person, uncommitted work left out."""


def resolve(repository: Repository, selection: Selection) -> Span:
    """Find both ends. Raises BadRange where a revision, the default branch or a merge base does not exist."""
    git = repository.user
    if selection.head == "commit":
        return _between(repository, selection)
    head, name = _find(git, "HEAD"), _head_name(git)
    if head is None and selection.since is not None:
        raise BadRange(
            name,
            "has no commits yet, so nothing has happened since any revision",
            "review without --base: everything is then shown as new",
        )
    if head is None:
        return Span(None, None, f"{name}, which has no commits yet")
    if selection.head == "index":
        return Span(head, head, f"staged changes on {name}")
    since = selection.since or _default_branch(git)
    base = _merge_base(repository, commit(git, since), head, f"{since} and {name}")
    return Span(base, head, name if base == head else f"{name} since {_short(since)}")


def commit(git: Git, revision: str) -> str:
    """The commit a revision names. Raises BadRange, with the nearest name that exists."""
    if revision.startswith("-") or "\0" in revision:
        raise BadRange(repr(revision), "is no revision: none begins with a dash", "name a branch, a tag or a commit")
    found = _find(git, revision)
    if found is None:
        names = git.read("for-each-ref", "--format=%(refname:short)", "refs/heads", "refs/remotes", "refs/tags")
        near = difflib.get_close_matches(revision, names.decode("utf-8", "replace").splitlines(), n=1)
        raise BadRange(
            revision,
            "names no commit here",
            f"did you mean {near[0]}?"
            if near
            else "name a branch, a tag or a commit; `git fetch` brings those of the remote",
        )
    return found


def _find(git: Git, revision: str) -> str | None:
    output = git.call("rev-parse", "--verify", "--quiet", "--end-of-options", revision + "^{commit}")
    found = output.out.decode("utf-8", "replace").strip()
    return found if output.code == 0 and re.fullmatch(r"[0-9a-f]{40,64}", found) else None  # ^REV prints ^<hash>


def _between(repository: Repository, selection: Selection) -> Span:
    since, until = selection.since or "HEAD", selection.until
    base, head = commit(repository.user, since), commit(repository.user, until)
    if not selection.from_merge_base:
        return Span(base, head, f"{since}..{until}")
    return Span(_merge_base(repository, base, head, f"{since} and {until}"), head, f"{since}...{until}")


def _head_name(git: Git) -> str:
    """The branch, or the commit where HEAD is detached."""
    output = git.call("symbolic-ref", "--quiet", "--short", "HEAD")
    if output.code == 0:
        return output.out.decode("utf-8", "replace").strip()
    return git.line("rev-parse", "--short", "HEAD")


def _default_branch(git: Git) -> str:
    """The full name of the ref that work starts from. A remote's own word comes first, names people use later."""
    found = _first_ref(git, _USUAL)
    if found is None:
        chosen = dict(git.settings(r"^init\.defaultbranch$")).get("init.defaultbranch")
        found = _first_ref(git, (f"refs/remotes/origin/{chosen}", f"refs/heads/{chosen}")) if chosen else None
    if found is None:
        raise BadRange(
            "git",
            "no default branch was found: neither origin/HEAD, nor main, nor master",
            "name what to compare with: `--base REF`",
        )
    return found


def _first_ref(git: Git, candidates: tuple[str, ...]) -> str | None:
    """The first that exists; of a symbolic ref such as origin/HEAD, the ref it names."""
    listed = git.read("for-each-ref", "--format=%(refname) %(symref)", "--", *candidates).decode("utf-8", "replace")
    targets = dict(line.split(" ", 1) for line in listed.splitlines())
    return next((targets[name] or name for name in candidates if name in targets), None)


def _short(ref: str) -> str:
    return ref.removeprefix("refs/heads/").removeprefix("refs/remotes/")


def _merge_base(repository: Repository, one: str, other: str, names: str) -> str:
    output = repository.user.call("merge-base", one, other)
    found = output.out.decode("ascii", "replace").strip()
    if output.code == 0 and found:
        return found
    if output.code != 1 or b"error: " in output.err:  # 1 means none, and also that a commit could not be read
        raise refusal("merge-base", output.err)
    if repository.shallow:
        raise BadRange(
            "git",
            f"this shallow clone does not reach the merge base of {names}",
            "run `git fetch --unshallow`, or compare two commits it has: `reviewbot check A..B`",
        )
    raise BadRange("git", f"{names} have no commit in common", "compare them as they are: `reviewbot check A..B`")
