"""Settings files as values: YAML somebody else may have written, and one clear line for each that does not hold."""

import difflib
import json
from collections.abc import Mapping
from typing import Any, TypeVar, get_args

import yaml
from pydantic import BaseModel, ValidationError

from reviewbot.errors import BadSettings

MAX_SETTINGS_BYTES = 64_000
"""A settings file larger than this is refused before it is parsed (THREATS S38)."""

_Model = TypeVar("_Model", bound=BaseModel)


class _PlainLoader(yaml.SafeLoader):
    """YAML without aliases: no page needs them, and nested ones grow without end (THREATS S38)."""

    def compose_node(self, parent: yaml.Node | None, index: int) -> yaml.Node | None:
        if self.check_event(yaml.AliasEvent):
            raise yaml.composer.ComposerError(None, None, "aliases are not allowed", None)
        return super().compose_node(parent, index)


def read_mapping(text: str, who: str, error: type[BadSettings]) -> dict[str, Any]:
    """Keys to values from YAML that somebody else may have written. Raises `error` with the reason."""
    size = len(text.encode("utf-8", "replace"))
    if size > MAX_SETTINGS_BYTES:
        raise error(who, f"has {size:,} bytes", f"keep it under {MAX_SETTINGS_BYTES:,}")
    try:
        value = yaml.load(text, _PlainLoader) if text.strip() else {}  # noqa: S506  a SafeLoader, see above
        json.dumps(value, ensure_ascii=False, default=str).encode()  # half a character could not be recorded
    except (yaml.YAMLError, RecursionError, ValueError) as e:
        raise error(who, f"is not YAML we can read: {' '.join(str(e).split())[:200]}", "mend the line it names") from e
    if value is None:
        return {}
    if not isinstance(value, dict):
        raise error(who, "is not a mapping of keys to values", "write it like `ignore: [vendor/*]`")
    return value


def validated(model: type[_Model], value: Mapping[str, Any], who: str, error: type[BadSettings]) -> _Model:
    try:
        return model.model_validate(value)
    except ValidationError as e:
        first = e.errors()[0]
        key = ".".join(str(part) for part in first["loc"])
        if first["type"] != "extra_forbidden":
            raise error(who, f"{key}: {first['msg'].lower()}", "mend that value") from e
        known = _keys_beside(model, first["loc"])
        near = difflib.get_close_matches(str(first["loc"][-1]), known, n=1, cutoff=0.5)
        remedy = f"did you mean {near[0]}?" if near else "known here: " + ", ".join(known)
        raise error(who, f"{key} is not a key", remedy) from e


def _keys_beside(model: type[BaseModel], loc: tuple[int | str, ...]) -> list[str]:
    """The keys that exist where an unknown one was written."""
    for part in loc[:-1]:
        kind = model.model_fields[str(part)].annotation if str(part) in model.model_fields else None
        inner = get_args(kind)[-1] if get_args(kind) else kind  # of a mapping, what its values are
        model = inner if isinstance(inner, type) and issubclass(inner, BaseModel) else model
    return sorted(model.model_fields)
