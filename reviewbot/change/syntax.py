"""Which function or class stands around a line of a whole file: by the language's grammar, else by indentation.

The tree is walked from its root to the line and nowhere else, at most MAX_DEPTH levels, so no file can make it slow
(THREATS S28). Knows nothing of diffs.
"""

import re
from bisect import bisect_right
from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING, NamedTuple

from reviewbot.change.symbols import MAX_LINE, defined_in, ending_of, indent_of

if TYPE_CHECKING:
    from ast_grep_py import SgNode

MAX_BYTES = 200_000
"""Of a file that is parsed; a larger one is read by its indentation."""
MAX_DEPTH = 250
"""Levels of a syntax tree that are walked."""
MAX_ROWS = 2_000
"""Lines that are looked through on either side where indentation has to tell."""
MAX_HEAD = 12
"""Lines that a signature may take."""
GRAMMARS = {
    ".py": "python", ".pyi": "python", ".js": "jsx", ".cjs": "jsx", ".mjs": "jsx", ".jsx": "jsx", ".ts": "typescript",
    ".cts": "typescript", ".mts": "typescript", ".tsx": "tsx", ".go": "go", ".java": "java", ".rb": "ruby",
    ".rake": "ruby",
}  # fmt: skip
"""File name ending to the grammar it is read with."""
_DEFINITIONS = frozenset({
    "function_definition", "class_definition",
    "function_declaration", "generator_function_declaration", "class_declaration", "abstract_class_declaration",
    "method_definition", "interface_declaration", "type_alias_declaration", "enum_declaration", "internal_module",
    "method_declaration", "type_spec", "constructor_declaration", "record_declaration", "annotation_type_declaration",
    "method", "singleton_method", "class", "module",
})  # fmt: skip
"""Kinds of nodes that define a name, in all grammars: python, javascript and typescript, go, java, ruby."""
_NAMED_VALUES = {"variable_declarator": "name", "public_field_definition": "name", "field_definition": "property",
                 "pair": "key", "assignment_expression": "left"}  # fmt: skip
"""Kinds of nodes that give a value a name in javascript, and the field the name stands in."""
_FUNCTIONS = frozenset({"arrow_function", "function_expression", "function", "class", "generator_function"})


_WRAPPERS = frozenset({"decorated_definition", "type_declaration", "export_statement"})
"""What stands around a definition and belongs to it."""


class Block(NamedTuple):
    """A function or class, by its lines, 1-based and inclusive."""

    name: str
    start: int
    head: int
    """The last line of its signature."""
    end: int


def blocks_at(path: str, text: str, lines: Sequence[int]) -> dict[int, tuple[Block, ...]]:
    """For each line, the functions and classes it stands in, the outermost first."""
    rows = text.split("\n")
    grammar = GRAMMARS.get(ending_of(path))
    if grammar and len(text) <= MAX_BYTES and max(map(len, rows)) <= MAX_LINE:
        from ast_grep_py import SgRoot  # noqa: PLC0415  costs 16 ms, and not every change holds code

        root = SgRoot(text, grammar).root()
        found = _walked(root, sorted({line - 1 for line in lines}))
        return {line: found.get(line - 1, ()) for line in lines}
    return {line: tuple(_by_indentation(rows, line)) for line in lines}


def _walked(root: "SgNode", rows: Sequence[int]) -> dict[int, tuple[Block, ...]]:
    """The definitions on the way from the root to each row. A node's children are listed once for all rows in it."""
    found = dict[int, tuple[Block, ...]]()
    level: list[tuple[SgNode, SgNode | None, Sequence[int]]] = [(root, None, rows)]
    for _ in range(MAX_DEPTH):
        below: list[tuple[SgNode, SgNode | None, Sequence[int]]] = []
        for node, outer, inside in level:
            if block := _block(node, outer):
                found |= {row: (*found.get(row, ()), block) for row in inside}
            below += [(child, node if node.kind() in _WRAPPERS else None, part) for child, part in _parts(node, inside)]
        level = below
    return found


def _parts(node: "SgNode", rows: Sequence[int]) -> list[tuple["SgNode", Sequence[int]]]:
    """The children of a node that rows stand in, with these rows; of what a decorator stands on, the definition."""
    children = node.children()
    if node.kind() == "decorated_definition":
        return [(children[-1], rows)]
    parts = dict[int, list[int]]()
    for row in rows:
        place = bisect_right(children, row, key=lambda child: child.range().start.line) - 1
        if place >= 0 and children[place].range().end.line >= row:
            parts.setdefault(place, []).append(row)
    return [(children[place], inside) for place, inside in parts.items()]


def _block(node: "SgNode", outer: "SgNode | None") -> Block | None:
    """The definition a node is, with its decorators where `outer` holds them."""
    kind, value = node.kind(), None
    if field := _NAMED_VALUES.get(kind):
        value = node.field("value") or node.field("right")
        if value is None or value.kind() not in _FUNCTIONS:
            return None
    elif kind not in _DEFINITIONS:
        return None
    name = node.field(field or "name")
    if name is None:
        return None
    start, end = (outer or node).range().start.line, node.range().end.line
    body = (value or node).field("body")
    head = body.range().start.line if body else start
    if body and head > start and not body.text().startswith("{"):
        head -= 1  # where indentation or a word makes the body, it begins behind the signature's line
    return Block(name.text(), start + 1, max(start, min(head, start + MAX_HEAD)) + 1, end + 1)


def _by_indentation(rows: Sequence[str], line: int) -> Iterator[Block]:
    """The definitions above a line that are indented less, with all that is indented more than they are."""
    if not 0 < line <= len(rows):
        return
    found = list[Block]()
    least = indent_of(rows[line - 1]) + (defined_in(rows[line - 1]) is not None)
    for number in range(line, max(0, line - MAX_ROWS), -1):
        text = rows[number - 1]
        if not text.strip() or indent_of(text) >= least:
            continue
        if name := defined_in(text):
            found.append(Block(name, number, number, last_line(rows, number)))
        if text.strip()[0] not in "{)":  # a brace on its own line belongs to what stands above it
            least = indent_of(text)
        if least == 0:
            break
    yield from reversed(found)


_CLOSER = re.compile(r"\s*(?:[\]})]+[;,]?|end)\s*$")


def last_line(rows: Sequence[str], start: int) -> int:
    """The last line that belongs to the definition on line `start`."""
    indent, last = indent_of(rows[start - 1]), start
    for number in range(start + 1, min(len(rows), start + MAX_ROWS) + 1):
        text = rows[number - 1]
        if not text.strip():
            continue
        if indent_of(text) <= indent and not _opens(text):
            return number if indent_of(text) == indent and _CLOSER.match(text) else last
        last = number
    return last


def _opens(text: str) -> bool:
    return text.strip() in {"{", ") {", "):", ")"} or text.strip().startswith(") ->")
