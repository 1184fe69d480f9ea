r"""Characters that a person does not see, written out as `<U+E0041>`, and where they stand (THREATS S14).

They spell orders to a model (tag letters, variation marks), make code read otherwise than it runs (marks that turn the
direction of text), or command a terminal (controls). Not meant are those that writing needs: an emoji's joiner, the
flag of Scotland, the joiners of Persian and Hindi, the direction marks of a line in Hebrew. Knows Unicode; neither what
is reviewed nor who reads it.
"""

import re
from collections import Counter, defaultdict
from collections.abc import Iterator, Mapping
from typing import Final, NamedTuple

from reviewbot.change.model import Diff, File, Hidden, HiddenKind, Hunk

_ARABIC = "\u0610-\u061a\u0620-\u065f\u066e-\u06d3\u06fa-\u06fc\u0750-\u077f\u08a0-\u08c9"
_INDIC = "\u0900-\u0963\u0971-\u0dff"
_PICTURES = "\u00a9\u00ae\u203c-\u2bff\u3030\u303d\u3297\u3299\U0001f000-\U0001faff"
_IN_A_WORD = f"(?<=[{_ARABIC}].)[{_ARABIC}]|(?<=[{_INDIC}].)[{_INDIC}]"
"""Behind a joiner: that it stands between two letters whose shapes it decides, as Persian and Hindi spell."""
JOINERS: Final = f"\u200c(?!{_IN_A_WORD})|\u200d(?!{_IN_A_WORD}|(?<=[\ufe0f{_PICTURES}].)[{_PICTURES}])"
"""A joiner that joins nothing."""
EMOJI_MARKS: Final = f"(?<![{_PICTURES}])[\ufe0e\ufe0f](?!(?<=[0-9#*].)\u20e3)"
"""What asks for the emoji form of a character that has none. Behind a symbol, or in a keycap, it is needed."""
BLANKS: Final = (
    "\u2028\u2029\u200b\u2060-\u2065\u206a-\u206f\ufff0-\ufffb"  # separators, zero-width and annotation characters
    "\u2800\u00ad\u034f\u115f\u1160\u17b4\u17b5\u180b-\u180f\u3164\uffa0"  # blank letters, soft hyphen, joiners
    "\U00013430-\U0001343f\U0001bca0-\U0001bca3\U0001d173-\U0001d17a"  # layout of hieroglyphs, shorthand, music
)
"""For a class of a regular expression: characters that show nothing."""
CONTROLS: Final = "\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f"
"""For a class: all but the tab and what ends a line."""
DIRECTIONS: Final = "\u202a-\u202e\u2066-\u2069"
"""Embeddings, overrides and isolates."""
DIRECTION_MARKS: Final = "\u200e\u200f\u061c"
"""They are no letters, but have a direction: a line of Hebrew may need them."""
TAGS: Final = "\U000e0000-\U000e00ff\U000e01f0-\U000e0fff"
VARIATIONS: Final = "\ufe00-\ufe0d\U000e0100-\U000e01ef"

_FLAGS = "|".join("".join(chr(0xE0000 + ord(letter)) for letter in name) for name in ("gbeng", "gbsct", "gbwls"))
_FLAG = f"(?<=\U0001f3f4)(?:{_FLAGS})\U000e007f"
"""The tags behind a black flag that make it England's, Scotland's or Wales's: no others are in use."""
_OF_A_SCRIPT = (
    "(?<=[\u3400-\u9fff\uf900-\ufaff\U00020000-\U000323af])[\ufe00-\ufe02\U000e0100-\U000e01ef]"  # forms of Han
    "|(?<=[\u1800-\u18af])[\u180b-\u180f]"  # of Mongolian
    "|(?<=[\u2200-\u22ff\u0030\u1000-\u109f\uaa60-\uaa7f])\ufe00"  # of mathematics and Myanmar
    "|(?<=[\u0e00-\u0fff\u1000-\u109f\u1780-\u17ff])\u200b"  # between words of scripts that write no spaces
    "|(?<=[\u1100-\u115e])\u1160|\u115f(?=[\u1160-\u11a7])"  # in old Korean
)
"""One character behind one that it belongs to, as the script is written. Two in a row belong to nothing."""
_RIGHT_TO_LEFT = re.compile("[\u0590-\u08ff\ufb1d-\ufdff\ufe70-\ufefc\U00010800-\U00010fff\U0001e800-\U0001efff]")
_CONTROLS = re.compile(f"[{CONTROLS}]|\r(?!\n|\\Z)")
_SUSPECTS = re.compile(
    f"[{BLANKS}{DIRECTIONS}{DIRECTION_MARKS}{TAGS}{VARIATIONS}\ufeff]|{JOINERS}|{EMOJI_MARKS}|{_CONTROLS.pattern}"
)
_NEEDED = re.compile(f"{_FLAG}|{_OF_A_SCRIPT}|^\x0c")  # some languages part their pages by a form feed
_BRAILLE = re.compile("[\u2801-\u28ff]")
_MARKS = re.compile(f"[{DIRECTION_MARKS}]")
_KINDS: tuple[tuple[HiddenKind, re.Pattern[str]], ...] = (
    ("tag", re.compile(f"[{TAGS}]")),
    ("bidi", re.compile(f"[{DIRECTIONS}]")),
    ("variation", re.compile(f"[{VARIATIONS}]")),
    ("control", re.compile(f"[{CONTROLS}\r]")),
)
SHOWN = 60
"""Hidden characters of one line that are written out. The others are counted at its end."""
_TAG_WRITTEN = re.compile(r"<U\+E00([2-7][0-9A-F])>")


class Revealed(NamedTuple):
    """A change in which nothing is hidden, and what was."""

    diff: Diff
    """Its paths as they were: they are names. Show them through `reveal_text`."""
    prose: str
    hidden: tuple[Hidden, ...]
    """In the order of the diff, one for each line and kind; then the prose. Of the diff only added lines and new names:
    what was there before, or goes, is not this change's."""


class _Line(NamedTuple):
    text: str
    kinds: Mapping[HiddenKind, int]
    """How many of each."""


def reveal(diff: Diff, prose: str = "") -> Revealed:
    """The diff and what came with it, every hidden character written out. Line numbers and kinds stay as they were."""
    hidden: list[Hidden] = []
    files = tuple(_reveal_file(file, hidden) for file in diff.files)
    lines = [_read(line, first=number == 1) for number, line in enumerate(prose.split("\n"), start=1)]
    for number, line in enumerate(lines, start=1):
        hidden += _places("", number, line)
    return Revealed(Diff(files=files), "\n".join(line.text for line in lines), tuple(hidden))


def reveal_text(text: str) -> str:
    """A text that is not under review, its hidden characters written out."""
    if _is_plain(text):
        return text
    return "\n".join(_read(line, first=number == 0).text for number, line in enumerate(text.split("\n")))


def spelled(line: str) -> str:
    """What the tag letters that were written out in a line say: a person reads letters, not numbers."""
    return "".join(chr(int(digits, 16)) for digits in _TAG_WRITTEN.findall(line))


def _reveal_file(file: File, hidden: list[Hidden]) -> File:
    if file.path != file.old_path:
        hidden += _places(file.path, 0, _read(file.path))
    hunks = tuple(_reveal_hunk(hunk, file.path, hidden) for hunk in file.hunks)
    return file if hunks == file.hunks else file.model_copy(update={"hunks": hunks})


def _reveal_hunk(hunk: Hunk, path: str, hidden: list[Hidden]) -> Hunk:
    if _is_plain(hunk.section) and all(map(_is_plain, hunk.body)):
        return hunk
    body = list(hunk.body)
    numbered = (at for at, raw in enumerate(body) if raw[0] != "\\")
    for at, line in zip(numbered, hunk.lines, strict=True):
        if _is_plain(line.text):
            continue
        read = _read(line.text, first=1 in {line.old, line.new})
        body[at] = line.kind + read.text
        if line.kind == "+":
            hidden += _places(path, line.new or 0, read)
    return hunk.model_copy(update={"body": tuple(body), "section": _read(hunk.section).text})


def _is_plain(text: str) -> bool:
    return text.isascii() and (text.isprintable() or not _CONTROLS.search(text))


def _places(path: str, number: int, line: _Line) -> Iterator[Hidden]:
    for kind, count in line.kinds.items():
        yield Hidden(path=path, side="new", line=number, kind=kind, count=count)


def _read(text: str, *, first: bool = False) -> _Line:
    """One line. `first` of a file may begin with the mark that tells its encoding."""
    if _is_plain(text) or not _SUSPECTS.search(text):
        return _Line(text, {})
    needed = {at for found in _NEEDED.finditer(text) for at in range(*found.span())}
    if _RIGHT_TO_LEFT.search(text):
        needed.update(found.start() for found in _MARKS.finditer(text))
    if _BRAILLE.search(text):
        needed.update(at for at, character in enumerate(text) if character == "\u2800")
    if first and text[0] == "\ufeff":
        needed.add(0)
    places = [at for at in map(re.Match.start, _SUSPECTS.finditer(text)) if at not in needed]
    parts, end = [], 0
    for nth, at in enumerate(places):
        parts += [text[end:at], f"<U+{ord(text[at]):04X}>" if nth < SHOWN else ""]
        end = at + 1
    more = f"<{len(places) - SHOWN:,} more hidden characters>" if len(places) > SHOWN else ""
    return _Line("".join([*parts, text[end:], more]), _by_kind(Counter(text[at] for at in places)))


def _by_kind(counts: Counter[str]) -> Mapping[HiddenKind, int]:
    kinds: defaultdict[HiddenKind, int] = defaultdict(int)
    for character, count in counts.items():
        kinds[next((kind for kind, form in _KINDS if form.match(character)), "invisible")] += count
    return kinds
