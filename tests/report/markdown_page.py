"""What a CommonMark parser sees in a page, for tests that ask what a reader's browser would be given."""

import re
from collections.abc import Collection, Iterable, Iterator
from urllib.parse import urlsplit

from markdown_it import MarkdownIt
from markdown_it.token import Token

_PARSER = MarkdownIt("commonmark", {"html": True}).enable(["table", "strikethrough"])
_PARSER.validateLink = lambda url: True  # noqa: ARG005  a link that this parser would refuse is one for some other

LISTS = frozenset({"bullet_list_open", "ordered_list_open", "list_item_open"})
WORDS = frozenset({
    "paragraph_open", "inline", "text", "text_special", "code_inline", "softbreak", "hardbreak", "link_open",
})  # fmt: skip
"""All that a line of text may become; what closes something is not counted."""
REFERENCES = re.compile(
    r"[@\uff20\ufe6b]\w|://|www\.|[#\uff03\ufe5f]\d|\bGH-\d|\b[0-9a-f]{7,40}\b|:[a-z0-9_+-]+:|\b(?:mailto|xmpp):",
    re.IGNORECASE,
)
"""What GitHub makes a mention, a link, a reference or an image of, outside of code."""
COMMANDS = re.compile(
    r"^[^\S\n]*/[a-z][\w-]*(?:\s|$)|^[^\S\n]*bors\s"
    r"|(?:^|[\s(`])@(?:dependabot|bors|claude|copilot|codex|mergifyio|rustbot)\b"
    r"|<!--\s*reviewbot|##\[|[\x00-\x08\x0b-\x1f\x7f-\x9f\u200b\u202a-\u202e\u2028\ud800-\udfff\U000e0000-\U000e007f]",
    re.IGNORECASE | re.MULTILINE,
)
"""What some program does that reads the page as text, and characters that hide."""
DRAWN = frozenset({"suggestion", "mermaid", "math", "geojson", "topojson", "stl"})
"""Languages of a fence that GitHub shows no code of."""
HOSTS = frozenset({"cwe.mitre.org", "owasp.org"})
"""Where the hostile texts may link to; all other allowed hosts are for `links` to test."""


def nodes(page: str) -> Iterator[Token]:
    """Every block and inline node of the page, in order."""
    for block in _PARSER.parse(page):
        yield block
        yield from block.children or ()


def plain_text(page: str) -> list[str]:
    """The text outside code and links, a string an inline run: what GitHub searches for mentions and addresses."""
    return _plain_text(nodes(page))


def _plain_text(seen: Iterable[Token]) -> list[str]:
    runs, depth = [""], 0
    for node in seen:
        depth += node.nesting if node.type in ("link_open", "link_close") else 0
        if node.type in ("text", "text_special") and not depth:
            runs[-1] += node.content
        else:
            runs.append("")
    return [run for run in runs if run]


def hrefs(page: str) -> list[str]:
    """Where each link of the page leads."""
    return [str(node.attrs["href"]) for node in nodes(page) if node.type == "link_open"]


def reading(page: str) -> str:
    """All that a person reads, in code and out of it, without white space."""
    kinds = ("text", "text_special", "code_inline", "fence")
    return "".join("".join(node.content for node in nodes(page) if node.type in kinds).split())


def faults(page: str, allowed: Collection[str]) -> list[str]:
    """What a page made of untrusted text must not hold. `allowed` is the kinds of nodes it may."""
    seen = [*nodes(page)]
    found = [node.type for node in seen if node.nesting >= 0 and node.type not in WORDS and node.type not in allowed]
    for node in seen:
        if node.type == "fence" and (node.info in DRAWN or not re.fullmatch(r"[a-z0-9+-]*", node.info)):
            found.append(node.info)
        if node.type == "link_open" and ("title" in node.attrs or not _leads_where_it_may(str(node.attrs["href"]))):
            found.append(str(node.attrs))
    found += [run for run in _plain_text(seen) if REFERENCES.search(run)]
    return found + [command[0] for command in COMMANDS.finditer(page)]


def _leads_where_it_may(href: str) -> bool:
    parts = urlsplit(href)
    return parts.scheme == "https" and parts.netloc in HOSTS and not parts.query and ".." not in parts.path.split("/")
