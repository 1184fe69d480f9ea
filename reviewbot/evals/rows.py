"""Rows of a file that people or other programs wrote: JSON Lines, or one JSON array. Knows files and forms, no suite.

The first row that does not hold ends the reading with one line that names it. A row's number is its line in the file,
from 1; in an array it is its place.
"""

import json
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import NoReturn, TypeVar

from pydantic import BaseModel, ValidationError

from reviewbot.errors import BadInput, BadSuite

Form = TypeVar("Form", bound=BaseModel)

BOM = b"\xef\xbb\xbf"
LONGEST = 200
"""Characters of what a row is told to be wrong with."""
LONGEST_NAME = 80
"""Characters of a name in it: a key may be as long as its file."""


def read_rows(path: Path, form: type[Form]) -> tuple[tuple[int, Form], ...]:
    """The rows of a JSON Lines file with their numbers, strictly of this form. Blank lines are passed over.

    Raises BadInput where there is no such file, BadSuite where it has no rows or at the first that does not hold.
    """
    rows = tuple((number, parse_row(path, number, line, form)) for number, line in _lines(path) if line.strip())
    return rows or _empty(path)


def read_array(path: Path, form: type[Form]) -> tuple[tuple[int, Form], ...]:
    """The same of a file that is one JSON array of rows."""
    text = _decoded(str(path), read_whole(path))
    if not text.lstrip().startswith("["):
        raise BadSuite(str(path), "is not a JSON array", "put the rows between [ and ]")
    try:
        rows = [dump_row(value) for value in json.loads(text)]
    except (ValueError, RecursionError) as e:
        raise BadSuite(str(path), f"is not JSON: {e}", "give the file as its author wrote it") from e
    return tuple((number, parse_row(path, number, row, form)) for number, row in enumerate(rows, 1)) or _empty(path)


def parse_row(path: Path, number: int, row: bytes, form: type[Form]) -> Form:
    """One row's JSON as this form; extra keys and defaults are the form's own affair. Raises BadSuite."""
    text = _decoded(row_name(path, number), row)
    try:
        return form.model_validate_json(text, strict=True)
    except ValidationError as e:
        raise bad_row(path, number, in_words(e), "mend the row or take it out") from e


def dump_row(value: object) -> bytes:
    """What was read as JSON as `parse_row` reads it."""
    return json.dumps(value).encode()


def check_ids(path: Path, ids: Iterable[tuple[int, str]]) -> None:
    """Raises BadSuite at the first row whose id an earlier one has."""
    first: dict[str, int] = {}
    for number, name in ids:
        if first.setdefault(name, number) != number:
            raise bad_row(
                path, number, f"its id {short(name)!r} is that of row {first[name]}", "give each row its own id"
            )


def bad_row(path: Path, number: int, what: str, remedy: str) -> BadSuite:
    return BadSuite(row_name(path, number), what[:LONGEST], remedy)


def short(name: str) -> str:
    """A name as it is told, so that a long one leaves room for what is wrong with it."""
    return name if len(name) <= LONGEST_NAME else f"{name[: LONGEST_NAME - 1]}…"


def row_name(path: Path, number: int) -> str:
    """How a row is called in front of people."""
    return f"{path} row {number}"


def in_words(error: ValidationError) -> str:
    """The first thing that does not hold: the way to the key with dots, and what should stand there."""
    first = error.errors(include_url=False, include_context=False, include_input=False)[0]
    if first["type"] == "json_invalid":
        return f"is not JSON: {first['msg'].removeprefix('Invalid JSON: ')}"
    if not first["loc"]:
        return f"is not an object: {first['msg']}" if first["type"] == "model_type" else first["msg"]
    way = ".".join(short(str(key)) for key in first["loc"])
    return f"{way}: {'is missing' if first['type'] == 'missing' else first['msg']}"


def read_whole(path: Path) -> bytes:
    """A file's bytes without the mark of their order. Raises BadInput."""
    try:
        return path.read_bytes().removeprefix(BOM)
    except OSError as e:
        raise _unreadable(path, e) from e


def _lines(path: Path) -> Iterator[tuple[int, bytes]]:
    try:
        with path.open("rb") as file:
            for number, line in enumerate(file, 1):
                yield number, line.removeprefix(BOM) if number == 1 else line
    except OSError as e:
        raise _unreadable(path, e) from e


def _decoded(who: str, row: bytes) -> str:
    try:
        return row.decode()
    except UnicodeDecodeError as e:
        raise BadSuite(who, "is not UTF-8", "save the file as UTF-8") from e


def _unreadable(path: Path, error: OSError) -> BadInput:
    return BadInput(str(path), error.strerror or "cannot be read", "name a file you can read")


def _empty(path: Path) -> NoReturn:
    raise BadSuite(str(path), "has no rows", "name a file that holds one JSON object a line")
