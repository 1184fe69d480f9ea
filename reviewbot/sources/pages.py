"""What a repository asks of its reviews: policy, invariants and lenses, as they stand at the base commit (THREATS S08).

Read as blobs of a `Tree`, from git or a forge. Nothing of the head counts, no symbolic link or submodule is followed,
and the file system is never asked, but for the policy an operator names with `--policy`.
"""

import posixpath
from collections.abc import Iterable
from pathlib import Path
from typing import NamedTuple

from reviewbot.change import Document
from reviewbot.errors import BadPolicy, BadPrompt, BadSettings
from reviewbot.settings import MAX_SETTINGS_BYTES, POLICY_FILE, Policy, load_policy
from reviewbot.sources.trees import REGULAR, Entry, Tree

LENSES = ".reviewbot/lenses"
MAX_PAGE_BYTES = MAX_SETTINGS_BYTES
"""A longer page is refused before it is read: it would push the change itself out of a prompt."""


class Pages(NamedTuple):
    """What the base commit says; the fields are those of `Change`."""

    policy: Policy
    policy_from: str
    invariants: tuple[Document, ...]
    lenses: tuple[Document, ...]


def read_pages(base: Tree | None, policy_file: Path | None, *, lenient: bool = False) -> Pages:
    """Read every page of the base commit; None is a repository without commits, which has none.

    `policy_file` takes the place of the policy and of nothing else. `lenient` reads on without a policy that does not
    hold, and `policy_from` says why (THREATS S38): where nobody is there to mend it before this run ends. Raises
    BadPolicy, and BadPrompt for a lens.
    """
    chosen = policy_in(policy_file) if policy_file else None
    if base is None:
        return Pages(*(chosen or (Policy(), "defaults")), (), ())
    entries = base.entries(POLICY_FILE, LENSES + "/")
    policy, policy_from = chosen or _policy(base, entries.get(POLICY_FILE), lenient=lenient)
    return Pages(
        policy,
        policy_from,
        _invariants(base, policy.invariants),
        tuple(
            _lens(base, entry)
            for path, entry in sorted(entries.items())
            if posixpath.dirname(path) == LENSES and path.endswith(".md")
        ),
    )


def policy_in(file: Path) -> tuple[Policy, str]:
    """The operator's policy file and its name, in words. Raises BadPolicy."""
    who = f"--policy {file}"
    try:
        with file.open("rb") as stream:
            data = stream.read(MAX_PAGE_BYTES + 1)
    except OSError as error:
        raise BadPolicy(who, error.strerror or "cannot be read", "name a file that can be read") from error
    if len(data) > MAX_PAGE_BYTES:
        raise BadPolicy(who, f"is longer than {MAX_PAGE_BYTES:,} bytes", "shorten it")
    return load_policy(_decoded(data, who=who, error=BadPolicy), who=who), who


def _policy(base: Tree, entry: Entry | None, *, lenient: bool) -> tuple[Policy, str]:
    if entry is None:
        return Policy(), "defaults"
    who = _who(entry, base)
    if entry.mode not in REGULAR:
        return Policy(), f"defaults ({who} is not a regular file, and nothing is followed)"
    try:
        return load_policy(_text(base, entry, BadPolicy), who=who), who
    except BadPolicy as e:
        if not lenient:
            raise
        return Policy(), f"defaults ({e})"


def _invariants(base: Tree, names: Iterable[str]) -> tuple[Document, ...]:
    """The first of the named pages that stands at the base commit as a regular file."""
    paths = [path for path in map(posixpath.normpath, names) if _may_stand_in_a_tree(path)]
    entries = base.entries(*paths)
    for path in paths:
        if path in entries and entries[path].mode in REGULAR:
            return (Document(path=path, text=_text(base, entries[path], BadPolicy)),)
    return ()


def _may_stand_in_a_tree(path: str) -> bool:
    return not path.startswith(("/", "../")) and path not in {".", ".."} and "\0" not in path


def _lens(base: Tree, entry: Entry) -> Document:
    if entry.mode not in REGULAR:
        raise BadPrompt(_who(entry, base), "is not a regular file, and nothing is followed", "make it a regular file")
    return Document(path=entry.path, text=_text(base, entry, BadPrompt))


def _who(entry: Entry, base: Tree) -> str:
    return f"{entry.path} at {base.commit[:8]}"


def _text(base: Tree, entry: Entry, error: type[BadSettings]) -> str:
    who = _who(entry, base)
    if entry.size > MAX_PAGE_BYTES:
        raise error(who, f"is {entry.size:,} bytes, more than {MAX_PAGE_BYTES:,}", "shorten it on the base branch")
    return _decoded(base.blob(entry), who=who, error=error)


def _decoded(data: bytes, *, who: str, error: type[BadSettings]) -> str:
    try:
        return data.decode("utf-8-sig")
    except UnicodeDecodeError as problem:
        raise error(who, f"is not UTF-8 (byte {problem.start})", "save it as UTF-8") from problem
