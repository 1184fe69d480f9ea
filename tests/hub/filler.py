"""Completes a reply: what the world knows, and around it every other field that GitHub's OpenAPI requires.

The fields filled in say nothing (null, "", 0, a fixed address), so reviewbot can only build on what the world knows.
Without GitHub's description installed (`contracts.available`) a reply is what the world knows and no more.
"""

from collections.abc import Mapping
from typing import Any, Final

from hub import contracts
from hub.contracts import _operation, _resolved

Schema = Mapping[str, Any]
_ABSENT: Final = object()
_TEXT: Final = {
    "uri": "https://hub.test/",
    "date-time": "2026-11-01T00:00:00Z",
    "date": "2026-11-01",
    "email": "nobody@hub.test",
}
_PLAIN: Final[dict[str, Any]] = {"integer": 0, "number": 0, "boolean": False, "string": ""}


def complete(method: str, path: str, status: int, known: Any) -> Any:
    """The body of a reply with everything that the description of its operation requires."""
    operation = _operation(method, path) if contracts.available() else None
    schema = operation.replies.get(status) if operation else None
    return known if schema is None or isinstance(known, bytes) else _filled(schema, known)


_BLANKS: Final[dict[int, Any]] = {}
"""What stands where nothing is known, by the schema's id: the description stays as long as the process."""


def _filled(schema: Schema, known: Any) -> Any:
    if known is _ABSENT and schema:
        if id(schema) not in _BLANKS:
            _BLANKS[id(schema)] = _made(schema, known)
        return _BLANKS[id(schema)]
    return _made(schema, known)


def _made(schema: Schema, known: Any) -> Any:
    schema = _resolved(schema)
    if known is None or (known is _ABSENT and schema.get("nullable")):
        return None
    for word in ("anyOf", "oneOf"):
        if word in schema:
            return _filled(_fitting(schema[word], known), known)
    for part in schema.get("allOf", ()):
        known = _filled(part, known)
    if known is _ABSENT and (schema.get("type") == "object" or "properties" in schema):
        return _object(schema, {})
    if isinstance(known, Mapping):
        return _object(schema, known)
    if isinstance(known, list):
        return [_filled(schema.get("items", {}), item) for item in known]
    return _sample(schema) if known is _ABSENT else known


def _object(schema: Schema, known: Mapping[str, Any]) -> dict[str, Any]:
    properties: Mapping[str, Schema] = schema.get("properties", {})
    wanted = {name: known.get(name, _ABSENT) for name in (*schema.get("required", ()), *known)}
    return {name: _filled(properties.get(name, {}), value) for name, value in wanted.items()}


def _fitting(choices: list[Schema], known: Any) -> Schema:
    """The first alternative that can hold the value: an object or list for those, else whatever comes first."""
    kind = "object" if isinstance(known, Mapping) else "array" if isinstance(known, list) else None
    shapes = [_resolved(choice) for choice in choices]
    return next((shape for shape in shapes if kind is None or shape.get("type") == kind), shapes[0])


def _sample(schema: Schema) -> Any:
    if "enum" in schema:
        return schema["enum"][0]
    kind = schema.get("type")
    if kind == "array":
        return []
    return _TEXT.get(schema.get("format", ""), "") if kind == "string" else _PLAIN.get(str(kind))
