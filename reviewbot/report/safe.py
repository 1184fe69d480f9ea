"""Untrusted text made harmless before it reaches a screen or a Markdown page.

Every string of a report may have been written by a model, a file name or a diff: it may try to move the cursor, hide
what it says, draw an image, notify a team or command a CI runner (THREATS S13, S14, S19, S21, S22, S26). Here such
text is shown and does nothing. Knows nothing of reports, and trusts nobody.
"""

import re
from bisect import bisect_right
from collections.abc import Iterator

_HIDDEN = re.compile(
    "["
    "\x00-\x08\x0b-\x1f\x7f-\x9f"  # controls, with ESC, CR and the one-character CSI; tab and line feed are text
    "\u2028-\u202e\u2066-\u2069\u061c"  # line and paragraph separators, bidi embeddings, overrides and isolates
    "\u200b-\u200f\u2060-\u2065\u206a-\u206f\ufeff\ufff0-\ufffb"  # zero-width and annotation characters
    "\u00ad\u034f\u115f\u1160\u17b4\u17b5\u180b-\u180f\u3164\uffa0"  # soft hyphen, joiners, blank letters
    "\U00013430-\U0001343f\U0001bca0-\U0001bca3\U0001d173-\U0001d17a"  # layout of hieroglyphs, shorthand, music
    "\ufe00-\ufe0d\U000e0000-\U000e0fff"  # variation selectors and tag characters: both can spell whole messages
    "\ud800-\udfff"  # lone surrogates: bytes that were not UTF-8, which no stream can print
    "]"
    "|(?<![\u203c-\u3299\U0001f000-\U0001faff])[\ufe0e\ufe0f]"  # one behind a symbol only picks its emoji form
    r"|(?<=##)\["  # "##[error]" anywhere in a line commands a GitHub Actions runner
)
"""Characters that do something or show nothing, instead of being read."""

_COMMAND = re.compile(r"^((?:[^\S\n]|\x1b\[[0-9;]*m)*)(?=::)", re.MULTILINE)
"""Where a line begins with `::` behind white space and our own colours: a workflow command (actions/runner)."""

_MARKUP = {ord(mark): "\\" + mark for mark in "\\`*_[]~|$#"} | {ord("&"): "&amp;", ord("<"): "&lt;"}
_BLOCK_OPENER = re.compile(r"^(\d{0,9})([-+=>:/.)])")
"""What makes a list, a heading's underline, a quote, or a bot command of the first characters of a line."""
_CODE_SPAN = re.compile(r"`([^`\n]+)`")
_REFERENCE = re.compile(r"[@\uff20]|://|www\.|#\d|\bGH-\d|\bmailto:|\bxmpp:|\b[0-9a-f]{7,40}\b", re.IGNORECASE)
"""Marks of a word that GitHub would make a mention, an issue, a commit or a link."""
_FENCE = re.compile(r"^\s{0,3}(`{3,}|~{3,})([^`]*)$")


def visible(text: str) -> str:
    """A block of text whose hidden characters are written out, as `<U+001B>`. Tabs and line feeds stay."""
    return _HIDDEN.sub(lambda found: f"<U+{ord(found[0]):04X}>", text)


def visible_line(text: str) -> str:
    """As `visible`, for text that must stay on its line: a tab and a line feed are written out too."""
    return visible(text).replace("\t", "<U+0009>").replace("\n", "<U+000A>")


def uncommanding(output: str) -> str:
    r"""Finished output with a backslash before each `::` that opens a line, where a CI runner looks for commands.

    The backslash takes the place of a blank where there is one, so that no line grows wider.
    """
    return _COMMAND.sub(lambda found: found[1].removesuffix(" ") + "\\", output)


def inline(text: str) -> str:
    """Markdown of one line that reads as the text does and makes nothing but text and code spans.

    The author's `code spans` stay; words GitHub would link, notify or reference become code spans, where it does not.
    """
    pieces: list[str] = []
    end = 0
    source = visible_line(text)
    for span in _CODE_SPAN.finditer(source):
        pieces += [*_words(source[end : span.start()]), code_span(span[1])]
        end = span.end()
    return _joined([*pieces, *_words(source[end:])])


def prose(text: str) -> str:
    """Markdown paragraphs and fenced code that read as the text does, its line breaks kept."""
    return "\n\n".join(
        fence("\n".join(lines)) if is_code else "\\\n".join(inline(line) for line in lines)
        for is_code, lines in _blocks(visible(text))
    )


def code_span(text: str) -> str:
    """Text as a Markdown code span, delimited by more backticks than any run inside."""
    shown = visible_line(text)
    ticks = "`" * (_longest_run("`", shown) + 1)
    pad = " " if shown[:1] in ("`", " ") or shown[-1:] in ("`", " ") else ""
    return f"{ticks}{pad}{shown}{pad}{ticks}" if shown.strip() else ""


def fence(code: str) -> str:
    """Text as a fenced Markdown block, its fence longer than any run of backticks inside."""
    shown = visible(code)
    ticks = "`" * max(3, _longest_run("`", shown) + 1)
    return f"{ticks}\n{shown}\n{ticks}"


def _words(text: str) -> Iterator[str]:
    for word in re.split(r"(\s+)", text):
        if _REFERENCE.search(word):
            core = word.rstrip(".,;:!?)")
            yield from (code_span(core), word[len(core) :])
        else:
            yield word.translate(_MARKUP)


def _joined(pieces: list[str]) -> str:
    """One line of Markdown. Backticks of neighbours are kept apart, or they would count as one run."""
    line = ""
    for piece in pieces:
        line += f" {piece}" if line.endswith("`") and piece.startswith("`") else piece
    return _BLOCK_OPENER.sub(r"\1\\\2", line.strip())


def _blocks(text: str) -> Iterator[tuple[bool, list[str]]]:
    """Paragraphs (False) and the insides of fenced code (True), in order. A fence nobody closes is text."""
    lines = text.expandtabs(4).split("\n")
    closers = {mark: [n for n, line in enumerate(lines) if _closes(line.strip(), mark)] for mark in "`~"}
    paragraph: list[str] = []
    at = 0
    while at < len(lines):
        opening = _FENCE.match(lines[at])
        later = closers[opening[1][0]][bisect_right(closers[opening[1][0]], at) :][:1] if opening else []
        if paragraph and (later or not lines[at].strip()):
            yield False, paragraph
            paragraph = []
        if later:
            yield True, lines[at + 1 : later[0]]
        elif lines[at].strip():
            paragraph.append(lines[at])
        at = later[0] + 1 if later else at + 1
    if paragraph:
        yield False, paragraph


def _closes(line: str, mark: str) -> bool:
    return len(line) >= 3 and not line.strip(mark)


def _longest_run(mark: str, text: str) -> int:
    return max((len(run) for run in re.findall(f"{re.escape(mark)}+", text)), default=0)
