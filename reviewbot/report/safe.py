"""Untrusted text made harmless before it reaches a screen or a Markdown page.

Every string of a report may have been written by a model, a file name or a diff: it may try to move the cursor, hide
what it says, draw an image, notify a team or command a CI runner (THREATS S13, S14, S19, S21, S22, S26). Here such
text is shown and does nothing. Knows nothing of reports, and trusts nobody. Where a link may lead is for `links` to
say, what a secret is for `masking`, and where code begins for `blocks`.
"""

import re
from collections.abc import Iterable, Iterator
from itertools import pairwise

from reviewbot.change.hidden import BLANKS, DIRECTION_MARKS, DIRECTIONS, EMOJI_MARKS, JOINERS, TAGS, VARIATIONS
from reviewbot.report.blocks import Block, Code, Heading, Item, Table, blocks
from reviewbot.report.links import defanged, is_allowed
from reviewbot.report.masking import masked

_HIDDEN = re.compile(
    "["
    "\x00-\x08\x0b-\x1f\x7f-\x9f"  # controls, with ESC, CR and the one-character CSI; tab and line feed are text
    "\ud800-\udfff"  # lone surrogates: bytes that were not UTF-8, which no stream can print
    f"{BLANKS}{DIRECTIONS}{DIRECTION_MARKS}{TAGS}{VARIATIONS}\ufeff]|{JOINERS}|{EMOJI_MARKS}"
    r"|(?<=##)\["  # "##[error]" anywhere in a line commands a GitHub Actions runner
)
"""Characters that do something or show nothing, instead of being read."""

_COMMAND = re.compile(r"^((?:[^\S\n]|\x1b\[[0-9;]*m)*)(?=::)", re.MULTILINE)
"""Where a line begins with `::` behind white space and our own colours: a workflow command (actions/runner)."""

_MARKUP = {ord(mark): "\\" + mark for mark in "\\`*_[]~|$#!"} | {ord("&"): "&amp;", ord("<"): "&lt;"}
_BLOCK_OPENER = re.compile(r"^(\d{0,9})([-+=>:/.)])")
"""What makes a list, a heading's underline, a quote, or a bot command of the first characters of a line."""
_MARKED = re.compile(
    r"`(?P<code>[^`\n]+)`"
    r"|(?:(?<=[\s(])|^)\*\*(?=[^\s*])(?P<bold>(?:[^*`\n]|`[^`\n]++`)+)(?<!\s)\*\*(?=[\s.,;:!?)]|$)"
    r"|!?\[(?P<label>[^\[\]`\n]*+)\]\(\s*+<?(?P<url>[^\s()<>`]++)>?+[^()\n`]*+\)"  # a link's title is dropped
)
"""A code span, bold words, a link or an image.

The quantifiers give nothing back: a megabyte of `[` takes no longer than of `a`.
"""
_REFERENCE = re.compile(
    r"[@\uff20\ufe6b]|[#\uff03\ufe5f]\d|\bGH-\d|\b[0-9a-f]{7,40}\b"  # people, issues, commits
    r"|://|www\.|\bmailto:|\bxmpp:"
    r"|:[\w+-]+:"  # some of which are pictures
    r"|^bors$",  # it obeys where a line begins with its name
    re.IGNORECASE,
)
"""Marks of a word that GitHub would make a mention, a reference, a link or an image."""
_AROUND_URL = "()<>[]{}\"'*.,;:!?"
_BOTS = "bors|claude|codex|coderabbitai|copilot|cursor|dependabot|devin|gemini|greptileai|jules|mergify(?:io)?|rustbot"
_HEARD_IN_CODE = re.compile(rf"(?<![\w.])@(?=(?:{_BOTS})\b)|<(?=!--\s*+reviewbot)", re.IGNORECASE)
"""What programs that read the text of a comment obey though it is code: a bot's name, and our own marker (S19, S21)."""
_HEARD_AT_LINE = re.compile(
    r"^[^\S\n]*+(?:/(?=[a-z][\w-]*+(?![\w/.*-]))|b(?=ors[ \t]))",  # "/approve"; not "//", "/*" and "/usr/bin"
    re.IGNORECASE | re.MULTILINE,
)
"""What they obey at the start of a line. The last character is the one that is written out."""


def visible(text: str) -> str:
    """A block of text whose hidden characters are written out, as `<U+001B>`. Tabs and line feeds stay."""
    return _HIDDEN.sub(_written_out, text)


def visible_line(text: str) -> str:
    """As `visible`, for text that must stay on its line: a tab and a line feed are written out too."""
    return visible(text).replace("\t", "<U+0009>").replace("\n", "<U+000A>")


def uncommanding(output: str) -> str:
    r"""Finished output with a backslash before each `::` that opens a line, where a CI runner looks for commands.

    The backslash takes the place of a blank where there is one, so that no line grows wider.
    """
    return _COMMAND.sub(lambda found: found[1].removesuffix(" ") + "\\", output)


def inline(text: str, *, source_url: str = "") -> str:
    """Markdown of one line that reads as the text does and makes only text, code spans and links that are allowed.

    The author's `code spans` stay; words GitHub would link, notify or reference become code spans, where it does not.
    The marks of bold words go: the line may stand in bold already. `source_url` is where the reviewed files stand:
    links may lead there, as they may to the pages of `links.SITES`.
    """
    return _line(visible_line(masked(text)), source_url)


def prose(text: str, *, source_url: str = "") -> str:
    """Markdown paragraphs, lists and fenced code that read as the text does, line breaks kept, links as in `inline`.

    Bold words stay bold, a heading becomes a bold line, and a table is shown as it was written, as code.
    """
    page = ""
    for before, block in pairwise((None, *blocks(visible(masked(text))))):
        in_list = isinstance(before, Item) and isinstance(block, Item)
        page += ("\n" if in_list else "\n\n") + _block(block, source_url) if block else ""
    return page.strip("\n")


def code_span(text: str) -> str:
    """Text as a Markdown code span, delimited by more backticks than any run inside. Empty for blank text."""
    return _span(visible_line(masked(text)))


def fence(code: str, language: str = "") -> str:
    """Text as a fenced Markdown block, its fence longer than any run of backticks inside. The language is trusted."""
    return _fenced(visible(masked(code)), language)


def _block(block: Block, source_url: str) -> str:
    if isinstance(block, Code):
        return _fenced(block.text, block.language)
    if isinstance(block, Table):
        return _fenced(block.text, "")
    if isinstance(block, Heading):
        return f"**{_line(block.text, source_url)}**"
    lines = [line for line in (_line(line, source_url, bold="**") for line in block.lines) if line]
    if not isinstance(block, Item) or not lines:
        return "\\\n".join(lines)
    indent = " " * (len(block.marker) + 1)
    return f"{block.marker} " + f"\\\n{indent}".join(lines)


def _span(shown: str) -> str:
    inside = _HEARD_IN_CODE.sub(_written_out, shown)
    ticks = "`" * (_longest_run("`", inside) + 1)
    pad = " " if inside[:1] in ("`", " ") or inside[-1:] in ("`", " ") else ""
    return f"{ticks}{pad}{inside}{pad}{ticks}" if inside.strip() else ""


def _fenced(shown: str, language: str) -> str:
    inside = _HEARD_AT_LINE.sub(_written_out, _HEARD_IN_CODE.sub(_written_out, shown))
    ticks = "`" * max(3, _longest_run("`", inside) + 1)
    return f"{ticks}{language}\n{inside}\n{ticks}"


def _written_out(found: re.Match[str]) -> str:
    return f"{found[0][:-1]}<U+{ord(found[0][-1]):04X}>"


def _line(shown: str, source_url: str, bold: str = "") -> str:
    """One line of Markdown. `bold` is what stands around words that the author made so."""
    return _BLOCK_OPENER.sub(r"\1\\\2", _joined(_pieces(shown, source_url, bold)).strip())


def _joined(pieces: Iterable[str]) -> str:
    """Backticks of neighbours are kept apart, or they would count as one run."""
    line: list[str] = []
    for piece in filter(None, pieces):
        line.append(f" {piece}" if line and line[-1].endswith("`") and piece.startswith("`") else piece)
    return "".join(line)


def _pieces(shown: str, source_url: str, bold: str) -> Iterator[str]:
    end = 0
    for marked in _MARKED.finditer(shown):
        yield from _words(shown[end : marked.start()], source_url)
        end = marked.end()
        if marked["code"]:
            yield _span(marked["code"])
            continue
        if marked["bold"]:
            inside = _joined(_pieces(marked["bold"], source_url, ""))
            yield f"{bold}{inside}{bold}" if inside.strip() == inside else inside
            continue
        label = "".join(_words(marked["label"], None)).strip()
        if marked[0].startswith("[") and label and is_allowed(marked["url"], source_url):
            yield f"[{label}](<{marked['url']}>)"
        else:
            yield from (label, " (" if label else "(", _span(defanged(marked["url"])), ")")
    yield from _words(shown[end:], source_url)


def _words(text: str, source_url: str | None) -> Iterator[str]:
    """Words of plain text. No address among them becomes a link where `source_url` is None: inside one already."""
    for word in re.split(r"(\s+)", text):
        if not _REFERENCE.search(word):
            yield word.translate(_MARKUP)
            continue
        url = word.strip(_AROUND_URL)
        before, _, after = word.partition(url)
        if source_url is not None and is_allowed(url, source_url):
            yield from (before.strip("<").translate(_MARKUP), f"<{url}>", after.strip(">").translate(_MARKUP))
        else:
            core = word.rstrip(".,;:!?)")
            yield from (_span(defanged(core)), word[len(core) :].translate(_MARKUP))


def _longest_run(mark: str, text: str) -> int:
    return max((len(run) for run in re.findall(f"{re.escape(mark)}+", text)), default=0)
