"""What a CommonMark parser sees in a page, for tests that ask what a reader's browser would be given."""

from collections.abc import Iterator

from markdown_it import MarkdownIt
from markdown_it.token import Token

_PARSER = MarkdownIt("commonmark").enable(["table", "strikethrough"])


def nodes(page: str) -> Iterator[Token]:
    """Every block and inline node of the page, in order."""
    for block in _PARSER.parse(page):
        yield block
        yield from block.children or ()


def plain_text(page: str) -> list[str]:
    """The text outside code, a string an inline run: what GitHub searches for mentions, references and addresses."""
    runs = [""]
    for node in nodes(page):
        if node.type in ("text", "text_special"):
            runs[-1] += node.content
        else:
            runs.append("")
    return [run for run in runs if run]


def reading(page: str) -> str:
    """All that a person reads, in code and out of it, without white space."""
    kinds = ("text", "text_special", "code_inline", "fence")
    return "".join("".join(node.content for node in nodes(page) if node.type in kinds).split())
