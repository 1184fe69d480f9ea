"""GitHub's own contracts, held against what is sent to it and against what our fake of it answers.

Three files that GitHub publishes (through Octokit): the OpenAPI description of REST, the introspected schema of GraphQL
and the JSON Schemas of webhooks. A check answers with the list of what is wrong; an empty list is a pass. Nothing here
knows what GitHub *does*, only which shapes it takes and gives; its behaviour is `world` and `rules`.

`.ci/parts` brings the files into this folder; another folder is named by REVIEWBOT_TEST_PARTS when the process starts.
`available()` says whether they are there and `WHY` is the reason for a skip. Each is read once a process, when it is
first asked for (about 0.2 s), and each operation gets its validator on its first use.
"""

import json
import os
import re
import threading
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cache, lru_cache
from pathlib import Path
from typing import Any

import graphql
import jsonschema_rs

PARTS = Path(os.environ.get("REVIEWBOT_TEST_PARTS") or Path(__file__).parent)
OPENAPI = PARTS / "openapi.json"
GRAPHQL = PARTS / "node_modules/@octokit/graphql-schema/schema.json"
_BUILDING = threading.Lock()
WEBHOOKS = PARTS / "node_modules/@octokit/webhooks-schemas/schema.json"
EXAMPLES = PARTS / "node_modules/@octokit/webhooks-examples/api.github.com/index.json"
WHY = "GitHub's published contracts are not installed: run .ci/parts (it needs npm)"

_SHOWN = 5
"""Violations of one body that are told; a wrong type can break hundreds of rules."""
_ANY_PATH = {"basehead", "path", "ref"}
"""Parameters that may hold slashes: branch and file names."""


@dataclass(frozen=True, eq=False)
class Operation:
    """One entry of the OpenAPI description: what may be asked at a path, and what is answered. There is one of each."""

    name: str
    """ "POST /repos/{owner}/{repo}/check-runs"."""
    parameters: tuple[Mapping[str, Any], ...]
    request: Mapping[str, Any] | None
    """The JSON Schema of the body; None where it takes none."""
    needs_body: bool
    replies: Mapping[int, Mapping[str, Any] | None]
    """Status to the JSON Schema of the body; None where the reply has none."""


def available() -> bool:
    """Whether every file that the checks read is installed."""
    return all(part.is_file() for part in (OPENAPI, GRAPHQL, WEBHOOKS, EXAMPLES))


def check_request(method: str, path: str, query: Mapping[str, str], body: Any) -> list[str]:
    """What GitHub's description says against a request. `path` has neither host nor query; a GHES prefix may stand.

    `body` is the parsed JSON, None for none. A key that the description does not name is a violation: GitHub would drop
    it without a word, and `start_lines` for `start_line` is just that.
    """
    path = _without_prefix(path)
    if path == "/graphql":
        return check_query(body["query"]) if body else ["POST /graphql: the body is missing"]
    operation = _operation(method, path)
    if operation is None:
        return [f"{method} {path}: no such operation"]
    found = [*_query_violations(operation, query)]
    if body is None:
        found += ["the body is missing"] if operation.needs_body else []
    elif operation.request is None:
        found += ["takes no body"]
    else:
        found += _violations(_request_validator(operation), body)
    return [f"{operation.name}: {what}" for what in found]


def check_reply(method: str, path: str, status: int, body: Any) -> list[str]:
    """What the description says against a reply. `body` is the parsed JSON, None for none, bytes for another type.

    Bytes are let through (a diff, the page of a proxy), and so are statuses from 300 on that an operation does not
    list: GitHub redirects, limits and fails everywhere, and says so in one place of its documentation.
    """
    path = _without_prefix(path)
    if path == "/graphql" or isinstance(body, bytes):
        return []
    operation = _operation(method, path)
    if operation is None:
        return [f"{method} {path}: no such operation"]
    if status not in operation.replies:
        return [f"{operation.name}: never answers {status}"] if status < 300 else []
    if operation.replies[status] is None:
        return [] if body in (None, "") else [f"{operation.name}: {status} has no body"]
    found = _violations(_reply_validator(operation, status), body)
    return [f"{operation.name} {status}: {what}" for what in found]


@lru_cache(maxsize=256)
def check_query(document: str) -> list[str]:
    """What GitHub's GraphQL schema says against a query or mutation."""
    try:
        return [error.message for error in graphql.validate(graphql_schema(), graphql.parse(document))]
    except graphql.GraphQLSyntaxError as error:
        return [error.message]


def check_event(name: str, payload: Mapping[str, Any]) -> list[str]:
    """What the webhook schemas say against a payload. `name` is the X-GitHub-Event header, such as "pull_request"."""
    definitions = _webhooks()["definitions"]
    action = payload.get("action")
    kind = f"{name}${action}" if f"{name}${action}" in definitions else f"{name}$event"
    if kind not in definitions:
        return [f"{name} {action}: no such event"]
    return [f"{kind}: {what}" for what in _violations(_event_validator(kind), payload)]


def graphql_schema() -> graphql.GraphQLSchema:
    """GitHub's GraphQL schema. Built from the introspection: the same types as the SDL in a tenth of its 0.7 s."""
    with _BUILDING:  # or each of many threads that ask at once would build one
        return _graphql_schema()


@cache
def _graphql_schema() -> graphql.GraphQLSchema:
    return graphql.build_client_schema(json.loads(GRAPHQL.read_bytes()), assume_valid=True)


@cache
def example_events() -> tuple[tuple[str, Mapping[str, Any]], ...]:
    """Payloads GitHub really sent, made anonymous by Octokit: name of the event and payload."""
    return tuple((event["name"], each) for event in json.loads(EXAMPLES.read_bytes()) for each in event["examples"])


# OpenAPI


@cache
def _openapi() -> Mapping[str, Any]:
    description: Mapping[str, Any] = json.loads(OPENAPI.read_bytes())
    return description


@cache
def _templates() -> tuple[tuple[re.Pattern[str], str], ...]:
    """Every path as a pattern, those with the most literal parts first: `/user/repos` before `/user/{id}`."""
    paths = sorted(_openapi()["paths"], key=lambda path: (path.count("{"), -path.count("/")))
    return tuple((re.compile(_pattern(path)), path) for path in paths)


def _pattern(path: str) -> str:
    parts = re.split(r"\{(.+?)\}", path)
    literal_and_name = zip(parts[::2], (*parts[1::2], None), strict=True)
    return "".join(
        re.escape(literal) + ("" if name is None else ".+" if name in _ANY_PATH else "[^/]+")
        for literal, name in literal_and_name
    )


def _without_prefix(path: str) -> str:
    """GitHub Enterprise Server has REST below /api/v3 and GraphQL at /api/graphql (THREATS G34)."""
    return re.sub(r"^/api(/v3|(?=/graphql$))", "", path)


@lru_cache(maxsize=4096)
def _operation(method: str, path: str) -> Operation | None:
    paths, verb = _openapi()["paths"], method.lower()
    fitting = (template for pattern, template in _templates() if verb in paths[template] and pattern.fullmatch(path))
    template = next(fitting, None)
    return None if template is None else _described(method, template)


@cache
def _described(method: str, template: str) -> Operation:
    entry = _openapi()["paths"][template]
    described = entry[method.lower()]
    request = _resolved(described.get("requestBody", {}))
    parameters = (*entry.get("parameters", ()), *described.get("parameters", ()))
    return Operation(
        name=f"{method.upper()} {template}",
        parameters=tuple(_resolved(each) for each in parameters),
        request=_json_schema_of(request),
        needs_body=request.get("required", False),
        replies={int(status): _json_schema_of(_resolved(reply)) for status, reply in described["responses"].items()},
    )


def _resolved(entry: Mapping[str, Any]) -> Mapping[str, Any]:
    if "$ref" not in entry:
        return entry
    found: Any = _openapi()
    for part in entry["$ref"].removeprefix("#/").split("/"):
        found = found[part]
    return _resolved(found)


def _json_schema_of(entry: Mapping[str, Any]) -> Mapping[str, Any] | None:
    """The schema of a body's JSON form. GitHub writes error forms as JSON too, under a type of their own (SCIM)."""
    content = entry.get("content", {})
    schema: Mapping[str, Any] | None = content.get("application/json", {}).get("schema")
    return schema


def _query_violations(operation: Operation, query: Mapping[str, str]) -> Iterator[str]:
    known = {each["name"]: each for each in operation.parameters if each["in"] == "query"}
    for name in sorted(query.keys() - known.keys()):
        yield f"no such query parameter: {name}"
    for name, parameter in known.items():
        if name in query:
            value = _typed(query[name], parameter["schema"].get("type"))
            found = _violations(_parameter_validator(operation, name), value)
            yield from (f"{name}={query[name]}: {what}" for what in found)
        elif parameter.get("required"):
            yield f"the query parameter {name} is missing"


def _typed(text: str, kind: str | None) -> Any:
    """A query's text as the JSON value that its schema speaks of."""
    if kind == "integer" and re.fullmatch(r"-?\d+", text):
        return int(text)
    return {"true": True, "false": False}.get(text, text) if kind == "boolean" else text


# validators, each made once


@cache
def _parameter_validator(operation: Operation, name: str) -> jsonschema_rs.Validator:
    return _validator(next(each["schema"] for each in operation.parameters if each["name"] == name))


@cache
def _request_validator(operation: Operation) -> jsonschema_rs.Validator:
    return _validator(_closed(operation.request))


@cache
def _reply_validator(operation: Operation, status: int) -> jsonschema_rs.Validator:
    return _validator(operation.replies[status])


@cache
def _event_validator(kind: str) -> jsonschema_rs.Validator:
    schema = {"definitions": _webhooks()["definitions"], "allOf": [{"$ref": f"#/definitions/{kind}"}]}
    return jsonschema_rs.Draft7Validator(schema, validate_formats=True)


@cache
def _webhooks() -> Mapping[str, Any]:
    schemas: Mapping[str, Any] = json.loads(WEBHOOKS.read_bytes())
    return schemas


def _validator(schema: Any) -> jsonschema_rs.Validator:
    """A validator of this schema and of the components that it leads to, and of no others: there are 969."""
    components: dict[str, Any] = {}
    open_ends = _references(schema)
    while open_ends:
        name = open_ends.pop()
        if name not in components:
            components[name] = _openapi()["components"]["schemas"][name]
            open_ends |= _references(components[name])
    whole = {**schema, "components": {"schemas": components}}
    return jsonschema_rs.Draft202012Validator(_as_json_schema(whole), validate_formats=True)


def _references(schema: Any) -> set[str]:
    return set(re.findall(r'"\$ref": "#/components/schemas/([^"]+)"', json.dumps(schema)))


def _as_json_schema(schema: Any) -> Any:
    """OpenAPI 3.0 in the terms of JSON Schema, which has no `nullable`: null is one of the types there."""
    if isinstance(schema, list):
        return [_as_json_schema(each) for each in schema]
    if not isinstance(schema, dict):
        return schema
    rest = {name: _as_json_schema(value) for name, value in schema.items() if name != "example"}
    if schema.get("nullable") is not True:
        return rest
    if any(word in schema for word in ("anyOf", "oneOf", "allOf")):
        return {"anyOf": [{"type": "null"}, rest]}
    types = {"type": [rest["type"], "null"]} if "type" in rest else {}
    return rest | types | ({"enum": [*rest["enum"], None]} if "enum" in rest else {})


def _closed(schema: Any) -> Any:
    """The schema of a request with no room for keys it does not name. Alternatives stay open: they name a part."""
    if not isinstance(schema, dict):
        return schema
    closed = {word: value if word in {"anyOf", "oneOf", "allOf"} else _closed(value) for word, value in schema.items()}
    return {"additionalProperties": False, **closed} if isinstance(schema.get("properties"), dict) else closed


def _violations(validator: jsonschema_rs.Validator, body: Any) -> list[str]:
    found = []
    for error in validator.iter_errors(body):
        place = "/".join(str(part) for part in error.instance_path) or "the body"
        found.append(f"{place}: {error.message[:300]}")
        if len(found) == _SHOWN:
            break
    return found
