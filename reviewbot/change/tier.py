"""How much depends on a change: whether one cheap look is enough or everybody is asked. Pure.

Knows names of files, kinds and sizes, and what the policy of the base commit says of paths. Nothing that the author of
a change writes in it can lower its stakes, for a fork's own policy is never read.
"""

import re
from collections.abc import Mapping, Sequence
from fnmatch import fnmatchcase
from typing import NamedTuple

from reviewbot.change.kinds import CI, SCHEMA, Kind, is_code, is_instructions, is_lock, is_manifest, kind_of, touched_by
from reviewbot.change.model import Diff, File, Stakes
from reviewbot.settings import TierName

ORDER: tuple[TierName, ...] = ("low", "standard", "high")
MANY_LINES = 1_500
"""Changed lines of code and configuration from which on nobody holds a change in mind."""
MANY_FILES = 60
UNTESTED_LINES = 300
"""Changed lines of code from which on the lack of any test beside them raises the stakes."""
MAX_PATH = 60
"""Characters of a path in a reason."""
_HARMLESS: frozenset[Kind] = frozenset({"docs", "test"})


class _Weighed(NamedTuple):
    """What one file asks for, and why."""

    file: File
    kind: Kind
    tier: TierName
    why: str
    by_policy: bool = False


def weigh(
    diff: Diff,
    *,
    secrets: int = 0,
    hidden: int = 0,
    paths: Mapping[str, TierName] | None = None,
    override: TierName | None = None,
) -> Stakes:
    """The tier of a change, and why in one line.

    `secrets` and `hidden` count what was found in it; `paths` are the policy's globs, each deciding for the files it
    matches. `override` is the word of who runs the review.
    """
    if override:
        return Stakes(tier=override, reason="asked for by who runs the review")
    files = [_weighed(file, paths or {}) for file in diff.files]
    alarms = ((secrets, "a secret", "secrets"), (hidden, "a hidden character", "places with hidden characters"))
    for count, one, many in alarms:
        if count:
            return Stakes(tier="high", reason=f"{one if count == 1 else f'{count:,} {many}'} found in it")
    return max((_of_files(files), _of_size(files)), key=lambda stakes: ORDER.index(stakes.tier))


def stake_of(file: File, paths: Mapping[str, TierName] | None = None) -> int:
    """Where a file stands among what is shown: 0 first. Files with the same number keep the order of the diff."""
    weighed = _weighed(file, paths or {})
    if weighed.tier == "high":
        return 0
    if weighed.by_policy:
        return _PLACES["code" if weighed.tier == "standard" else "docs"]
    return _PLACES[weighed.kind]


_PLACES: Mapping[Kind, int] = {"code": 1, "configuration": 2, "test": 3, "docs": 4, "generated": 5}


def _weighed(file: File, paths: Mapping[str, TierName]) -> _Weighed:
    """The tier of one file. Both its names count, so that a rename hides nothing."""
    names = tuple(dict.fromkeys((file.path, file.old_path or file.path)))
    kinds = sorted(map(kind_of, names), key=lambda kind: _PLACES[kind])
    tier: TierName
    globs = [(glob, tier) for glob, tier in paths.items() if any(fnmatchcase(name, glob) for name in names)]
    if globs:
        glob, tier = max(globs, key=lambda entry: ORDER.index(entry[1]))
        return _Weighed(file, kinds[0], tier, f"{_short(file.path)} is {tier} by the policy ({glob})", by_policy=True)
    if touched := next(filter(None, map(touched_by, names)), None):
        tier = "standard" if _is_routine(file, touched) else "high"
        return _Weighed(file, kinds[0], tier, f"{_short(file.path)} touches {touched}")
    if any(is_instructions(name) for name in names):
        return _Weighed(file, kinds[0], "standard", f"{_short(file.path)} instructs agents or reviewers")
    if any(is_manifest(name) or is_lock(name) for name in names):
        return _Weighed(file, kinds[0], "standard", "the code of others it relies on changes")
    harmless = kinds[0] in _HARMLESS or (kinds[0] == "generated" and not any(map(is_code, names)))
    if file.binary or (harmless and _is_plain(file)):
        return _Weighed(file, kinds[0], "low", "")
    return _Weighed(file, kinds[0], "standard", _ORDINARY[kinds[0]])


_ORDINARY: Mapping[Kind, str] = {
    "code": "ordinary code",
    "configuration": "ordinary settings",
    "generated": "code that a tool or another project wrote",
    "test": "a test becomes a program or a link",
    "docs": "a document becomes a program or a link",
}


def _is_routine(file: File, touched: str) -> bool:
    """Whether a schema only grows, which breaks nobody, or a workflow only takes other versions of what it uses."""
    changed = [raw for hunk in file.hunks for raw in hunk.body if raw[0] in "+-"]
    if touched == SCHEMA:  # a schema in SQL or in Ruby is a program
        return not (file.deletions or is_code(file.path) or any(map(_BINDS.search, changed)))
    uses = [_USES.fullmatch(raw) for raw in changed]
    if touched != CI or not all(uses):
        return False
    before, after = ({found[2] for found in uses if found and found[1] == sign} for sign in "-+")
    return bool(after) and after <= before


_USES = re.compile(r"""([+-])\s*(?:-\s)?\s*uses:\s+["']?([\w./-]+)@[\w./-]+["']?\s*(?:\#.*)?""")
"""One line of a workflow: its sign, and the action whose version it names."""
_BINDS = re.compile(r"\b(?:required|security)\b", re.IGNORECASE)
"""What an addition may ask of who calls, or no longer ask of them."""


def _is_plain(file: File) -> bool:
    """Whether neither side is a link, a submodule or made executable by this change."""
    return (file.new_mode or "100644") in {"100644", "100755"} and (
        file.new_mode != "100755" or file.old_mode == "100755" or file.old_mode is None
    )


def _of_files(files: Sequence[_Weighed]) -> Stakes:
    """The highest tier of any file. Of several, the file with most changed lines is named."""
    if not files:
        return Stakes(tier="low", reason="nothing to read")
    worst = max(files, key=lambda entry: (ORDER.index(entry.tier), entry.kind != "docs", _lines(entry.file)))
    if worst.tier != "low" or worst.by_policy:
        return Stakes(tier=worst.tier, reason=worst.why)
    kinds = {entry.kind if not entry.file.binary else "binary" for entry in files}
    names = [name for kind, name in _ONLY.items() if kind in kinds]
    return Stakes(tier="low", reason=f"{' and '.join(names)} only")


_ONLY = {"docs": "documentation", "test": "tests", "generated": "generated files", "binary": "binary files"}


def _of_size(weighed: Sequence[_Weighed]) -> Stakes:
    """What no single file tells: how much there is of it, and whether tests came along. The policy's files are out."""
    read = [entry for entry in weighed if not entry.by_policy and entry.kind in {"code", "configuration"}]
    added, removed = sum(entry.file.additions for entry in read), sum(entry.file.deletions for entry in read)
    if len(read) >= MANY_FILES or added + removed >= MANY_LINES:
        files = f"{len(read):,} file{'s' * (len(read) != 1)} of code and settings"
        return Stakes(tier="high", reason=f"{files}, +{added:,} -{removed:,} lines")
    code = sum(entry.file.additions for entry in read if entry.kind == "code")
    if code >= UNTESTED_LINES and not any(entry.kind == "test" for entry in weighed):
        return Stakes(tier="high", reason=f"+{code:,} lines of code and no test beside them")
    return Stakes(tier="low", reason="")


def _lines(file: File) -> int:
    return file.additions + file.deletions


def _short(path: str) -> str:
    """The end of a path, where its name is."""
    return path if len(path) <= MAX_PATH else "..." + path[-MAX_PATH:]
