"""Which file of the diff a member means. Knows names only: neither lines nor quotes.

Members write paths as they remember them: with git's `a/` and `b/`, with backslashes, in another case, or only the
tail (THREATS L12), and all they saw of an odd one is how prompts write it. A name is taken only when it can mean one
file.
"""

from collections import defaultdict
from collections.abc import Iterator, Mapping
from typing import NamedTuple

from reviewbot.change import Diff
from reviewbot.change.redact import shown_path


class Paths(NamedTuple):
    """Every name the files of a diff go by."""

    names: Mapping[str, str]
    """Each name, new or old, to the path of its file. A new name wins over an old one that is spelled alike."""
    tails: Mapping[str, frozenset[str]]
    """Each ending of a name at a folder, without regard to case, to the names that end so."""


def paths_of(diff: Diff) -> Paths:
    names = {file.path: file.path for file in diff.files}
    old: defaultdict[str, set[str]] = defaultdict(set)
    for file in diff.files:
        if file.old_path and file.old_path not in names:
            old[file.old_path].add(file.path)
    names |= {name: path for name, (path, *others) in old.items() if not others}
    shown: defaultdict[str, set[str]] = defaultdict(set)
    for name, path in names.items():
        shown[shown_path(name)].add(path)
    names = {name: path for name, (path, *others) in shown.items() if not others} | names
    tails: defaultdict[str, set[str]] = defaultdict(set)
    for name in names:
        for tail in _tails(name.casefold()):
            tails[tail].add(name)
    return Paths(names, {tail: frozenset(ending) for tail, ending in tails.items()})


def resolve(said: str, paths: Paths) -> str | None:
    """The diff's own path for what a member wrote, or None where it means no file here, or more than one."""
    for name in _spellings(said):
        if found := paths.names.get(name):
            return found
    plain = [*_spellings(said)][-1]
    return _ending_in(plain, paths) or _within(plain, paths)


def _spellings(said: str) -> Iterator[str]:
    """As written, with forward slashes, without a root, without git's prefix: from the letter to the likely."""
    yield said
    slashed = said.strip().strip("`'\"").replace("\\", "/")
    yield slashed
    bare = slashed.removeprefix("./").lstrip("/")
    yield bare
    yield bare[2:] if bare.startswith(("a/", "b/")) else bare


def _ending_in(tail: str, paths: Paths) -> str | None:
    """A tail of one name only; the whole name, then the tail in its own case, are better than any case."""
    candidates = paths.tails.get(tail.casefold(), frozenset())
    whole = {name for name in candidates if name.casefold() == tail.casefold()}
    exact = {name for name in candidates if f"/{name}".endswith(f"/{tail}")}
    files = {paths.names[name] for name in whole or exact or candidates}
    return files.pop() if len(files) == 1 else None


def _within(said: str, paths: Paths) -> str | None:
    """A name inside a longer one, as in `/home/me/repo/src/x.py`. A bare file name would fit too many places."""
    return next((paths.names[tail] for tail in _tails(said) if "/" in tail and tail in paths.names), None)


def _tails(name: str) -> Iterator[str]:
    """The name and its endings behind each slash, longest first."""
    parts = name.split("/")
    return ("/".join(parts[start:]) for start in range(len(parts)))
