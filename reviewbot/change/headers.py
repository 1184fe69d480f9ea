"""The lines above a file's hunks: its names, status and modes, by git's own grammar; and why any other line is refused.

Knows how git writes and quotes a header (git-diff, "Generating patch text with -p"), and in which other clothes a diff,
or what was meant to be one, arrives. Knows nothing of hunks. Data is walked by position, never cut up: a reader takes
`data` and `pos`, and gives what it read and where that ends.
"""

import re
from typing import Literal, NamedTuple

from reviewbot.change.model import File, Status
from reviewbot.errors import BadDiff

MAX_HEADER_LINE = 16_384
"""Bytes. A longer header line is refused before anything looks at it closely (THREATS P17)."""
REPRINT = "print it with `git diff --no-color --src-prefix=a/ --dst-prefix=b/`"

Body = Literal["none", "text", "patch"]
"""What stands below a header: nothing, hunks, or a `GIT binary patch`."""

_PLAIN = rb'[^"\\\x00-\x1f\x7f]'
_QUOTED = rb'"(?:' + _PLAIN + rb'|\\[abtnvfr"\\]|\\(?!000)[0-3][0-7]{2}){1,16384}"'
_NAME = rb"(?:" + _QUOTED + rb"|" + _PLAIN + rb"{1,16384})"
_ONE_QUOTED, _ONE_NAME = re.compile(_QUOTED), re.compile(_NAME)
_GRAMMAR = (
    rb"diff --git (?P<sides>[^\x00-\x1f\x7f]{1,16384})\n"
    rb"(?:old mode (?P<old_mode>MODE)\nnew mode (?P<new_mode>MODE)\n"
    rb"|deleted file mode (?P<deleted>MODE)\n|new file mode (?P<added>MODE)\n)?"
    rb"(?:(?:dis)?similarity index [0-9]{1,3}%\n)?"
    rb"(?:(?P<moved>rename|copy) from (?P<source>NAME)\n(?P=moved) to (?P<target>NAME)\n)?"
    rb"(?:index (?P<old_blob>BLOB)\.\.(?P<new_blob>BLOB)(?: (?P<mode>MODE))?\n)?"
    rb"(?:--- (?P<before>NAME)\t?\n\+\+\+ (?P<after>NAME)\t?\n"  # git puts a tab behind a name that holds a space
    rb"|(?P<differ>Binary files [^\n]{1,16384} differ\n)|(?P<patch>GIT binary patch\n))?"
)
_HEADER = re.compile(
    _GRAMMAR.replace(b"MODE", rb"[0-7]{6}").replace(b"BLOB", rb"[0-9a-f]{4,64}").replace(b"NAME", _NAME)
)
"""The lines in git's own order. All behind the first may be absent, so a match never goes back to try another way."""
_ESCAPE = re.compile(rb'\\(?:([abtnvfr"\\])|([0-7]{3}))')
_ESCAPED = dict(zip(b'abtnvfr"\\', b'\a\b\t\n\v\f\r"\\', strict=True))

_PREFIXES = frozenset(
    (one + b"/", two + b"/")
    for family in ((b"a", b"b"), (b"c", b"i", b"o", b"w"), (b"1", b"2"))
    for one in family
    for two in family
    if one != two
)
"""git's default prefixes, and those of `diff.mnemonicPrefix`; in either order, because `git diff -R` swaps them."""

_EMPTY_BLOBS = (
    b"e69de29bb2d1d6434b8b29ae775ad8c2e48c5391",
    b"473a0f4c3be8a93681a267e3b1e9a7dcda1185436fe141f7749120a303721813",
)
"""A file without content, as git names it by SHA-1 and by SHA-256."""


class Header(NamedTuple):
    """A file without its hunks, and what must follow."""

    file: File
    body: Body


def read_header(data: bytes, pos: int) -> tuple[Header, int]:
    """The header of the file at `pos`.

    Status comes from git's extended header lines only: a file that was or becomes empty is still modified, a copy is no
    rename (THREATS P09, P10). Raises `BadDiff` where a line is not git's, or the name is not certain.
    """
    match = _HEADER.match(data, pos)
    if match is None:
        raise unexpected(data, pos)
    names = _names(match)
    if names is None:
        what = "the name of this file is not certain: its header lines disagree, or its prefixes are not git's own"
        raise bad(data, pos, what, REPRINT)
    body: Body = "text" if match["before"] else "patch" if match["patch"] else "none"
    if body == "none" and not match["differ"] and not _may_stand_alone(match):
        if match.end() < len(data) and not data.startswith(b"diff --git ", match.end()):
            raise unexpected(data, match.end())
        raise bad(data, pos, "no change follows the header of this file: the diff was cut, or filtered", REPRINT)
    status = _status(match)
    old, new = (name.decode("utf-8", "surrogateescape") for name in names)
    file = File(
        path=new,
        old_path=None if status == "added" else old,
        status=status,
        binary=bool(match["differ"] or match["patch"]),
        old_mode=_text(match["old_mode"] or match["deleted"] or match["mode"]),
        new_mode=_text(match["new_mode"] or match["added"] or match["mode"]),
    )
    return Header(file, body), match.end()


def _text(mode: bytes | None) -> str | None:
    return None if mode is None else mode.decode("ascii")


def _status(match: re.Match[bytes]) -> Status:
    if match["moved"]:
        return "renamed" if match["moved"] == b"rename" else "copied"
    return "added" if match["added"] else "deleted" if match["deleted"] else "modified"


def _may_stand_alone(match: re.Match[bytes]) -> bool:
    """Whether nothing need follow: an empty file, a move, another mode."""
    if match["added"] or match["deleted"]:
        blob = match["new_blob"] if match["added"] else match["old_blob"]
        return blob is None or any(empty.startswith(blob) for empty in _EMPTY_BLOBS)
    return bool(match["moved"] or match["old_mode"])


def _names(match: re.Match[bytes]) -> tuple[bytes, bytes] | None:
    """The names before and after, without prefixes; None unless every line that names the file says the same.

    Two names that differ in nothing but git's prefixes, and two that are equal (`--no-prefix`), can be read in one way
    only: under all these prefixes both halves of the first line are of one length. What a prefix of somebody's own
    covers, nobody can tell (THREATS P07, P08). Names differ without a rename only where `git diff --no-index` was
    given two files.
    """
    sides = _sides(match)
    if sides is None:
        return None
    x, y = sides
    readings = [(x[2:], y[2:])] if (x[:2], y[:2]) in _PREFIXES else []
    moved = (_unquoted(match["source"]), _unquoted(match["target"])) if match["moved"] else None
    if moved or x == y:
        readings.append(sides)
    names = next((names for names in readings if moved in (None, names)), None)
    if names is None or not all(names) or ((match["added"] or match["deleted"]) and names[0] != names[1]):
        return None
    if match["before"]:
        printed = (_unquoted(match["before"]), _unquoted(match["after"]))
        if printed != (b"/dev/null" if match["added"] else x, b"/dev/null" if match["deleted"] else y):
            return None
    return names


def _sides(match: re.Match[bytes]) -> tuple[bytes, bytes] | None:
    """The two names of the `diff --git` line with their prefixes.

    Unquoted names may hold spaces (THREATS P06): where the line falls in two is counted from the other lines' names,
    or it is the middle, where both halves name one file.
    """
    line = match["sides"]
    if line.startswith(b'"'):
        quoted = _ONE_QUOTED.match(line)
        cut = quoted.end() if quoted else -1
    elif b'"' in line:
        cut = line.find(b' "')
    elif line.count(b" ") == 1:
        cut = line.index(b" ")
    elif match["before"] and not match["added"]:
        cut = len(match["before"])
    elif match["moved"]:
        cut = (len(line) - 1 + len(match["source"]) - len(match["target"])) // 2
    else:
        cut = len(line) // 2
        if line[2:cut] != line[cut + 3 :]:
            return None
    x, y = line[:cut], line[cut + 1 :]
    if line != x + b" " + y or not (_ONE_NAME.fullmatch(x) and _ONE_NAME.fullmatch(y)):
        return None
    return _unquoted(x), _unquoted(y)


def _unquoted(name: bytes) -> bytes:
    """A name as it is on disk: git quotes as C does, with three octal digits for a byte (`core.quotePath`)."""
    if not name.startswith(b'"'):
        return name
    return _ESCAPE.sub(lambda found: bytes([_ESCAPED[found[1][0]] if found[1] else int(found[2], 8)]), name[1:-1])


class _Clothes(NamedTuple):
    """What a line that is not git's looks like, and what its owner can do."""

    pattern: re.Pattern[bytes]
    what: str
    remedy: str


_ANYWHERE = (
    _Clothes(re.compile(rb".*\x1b"), "the text is coloured", "print it with --no-color"),
    _Clothes(
        re.compile(rb"diff --(cc|combined) |@@@"),
        "a combined diff of a merge shows no side in full",
        "diff the merge against its first parent: git diff MERGE^1 MERGE",
    ),
    _Clothes(re.compile(rb"Submodule "), "a submodule is printed as a log", "print it with --submodule=short"),
    _Clothes(re.compile(rb"\* Unmerged path "), "a path is unmerged", "resolve the conflict, then print the diff"),
    _Clothes(
        re.compile(rb"From [0-9a-f]{40,64} |(From|To|Subject|Date|Received|Return-Path|Message-ID|MIME-Version): "),
        "this is mail: what its message says may look like a diff",
        "print the diff alone: git diff BASE...HEAD",
    ),
    _Clothes(
        re.compile(rb"(commit|tree|tag) [0-9a-f]{7,64}"),
        "this is a commit with its message, and what that says may look like a diff",
        "print the diff alone: git show --format= COMMIT, or git diff A B",
    ),
)
_AT_THE_START = (
    _Clothes(
        re.compile(rb"\xff\xfe|\xfe\xff|\xef\xbb\xbf"),
        "the text begins with a byte order mark, so it was converted",
        "let git write the file: git diff --output=FILE",
    ),
    _Clothes(re.compile(rb"\s*<"), "this is an HTML or XML page, not a diff", "read it: it may be an error or a login"),
    _Clothes(
        re.compile(rb"\s*[\[{]"),
        "this is JSON, not a diff",
        "read it: it may be an error; the diff itself needs its own media type",
    ),
    _Clothes(
        re.compile(rb"diff --git .*\r$"),
        "every line ends in CR LF, so nobody can tell which lines of the files do",
        "let git write the file: git diff --output=FILE",
    ),
    _Clothes(
        re.compile(rb"(---|\+\+\+|\*\*\*|Index:|Only in|diff (?!--git)|={67})"),
        "without `diff --git` lines a diff does not say for certain which files, modes and states it means",
        "print it with git diff; files outside a repository: git diff --no-index OLD NEW",
    ),
    _Clothes(re.compile(rb"@@ "), "the hunks have no file", "keep the `diff --git` lines above them"),
)
_INSIDE = (_Clothes(re.compile(rb"@@ "), "this @@ line cannot be read, or stands where no hunk may", REPRINT),)


def unexpected(data: bytes, pos: int) -> BadDiff:
    """The refusal of a line that has no place at `pos`, in words for who printed it."""
    end = data.find(b"\n", pos)
    line = data[pos : end if end >= 0 else len(data)][: MAX_HEADER_LINE + 1]
    for clothes in (*_ANYWHERE, *(_INSIDE if pos else _AT_THE_START)):
        if clothes.pattern.match(line):
            return bad(data, pos, clothes.what, clothes.remedy)
    if end < 0 and pos:
        return bad(data, pos, "the diff ends in the middle: it was cut", "save it whole: git diff --output=FILE")
    if len(line) > MAX_HEADER_LINE:
        return bad(data, pos, "a header line is longer than 16 kB", REPRINT)
    if pos:
        return bad(data, pos, "this line has no place in a diff of git", REPRINT)
    return BadDiff("diff", "this text is not a diff", REPRINT)


def bad(data: bytes, pos: int, what: str, remedy: str) -> BadDiff:
    """The refusal of the line at `pos`."""
    number = data.count(b"\n", 0, pos) + 1
    return BadDiff(f"diff, line {number}", what, remedy)
