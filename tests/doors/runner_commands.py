"""What a GitHub Actions runner takes for a command in what a step prints, as actions/runner reads it.

Both streams are read line by line; a line may be a command in either of two spellings, `::name a=b::data` at its
beginning and `##[name a=b]data` anywhere in it. After `::stop-commands::TOKEN` only `::TOKEN::` counts.
"""

import re
from collections.abc import Iterator
from typing import NamedTuple

KNOWN = {
    "error", "warning", "notice", "debug", "group", "endgroup", "add-mask", "add-matcher", "remove-matcher", "echo",
    "set-env", "set-output", "add-path", "save-state", "stop-commands", "command", "section",
}  # fmt: skip


class Command(NamedTuple):
    name: str
    properties: dict[str, str]
    data: str


def commands(printed: str) -> list[Command]:
    return list(_commands(printed))


def _commands(printed: str) -> Iterator[Command]:
    stopped_by = None
    for line in re.split(r"\r\n|\r|\n", printed):
        found = _new_spelling(line) or _old_spelling(line)
        if found is None:
            continue
        if stopped_by is not None:
            stopped_by = None if found.name == stopped_by else stopped_by
        elif found.name == "stop-commands":
            stopped_by = found.data
        elif found.name.lower() in KNOWN:
            yield found
    assert stopped_by is None, "commands are still stopped at the end"


def _new_spelling(line: str) -> Command | None:
    found = re.match(r"\s*::(.*?)::(.*)", line, re.DOTALL)
    return _read(found[1], ",", found[2], {"%0D": "\r", "%0A": "\n", "%3A": ":", "%2C": ","}) if found else None


def _old_spelling(line: str) -> Command | None:
    found = re.search(r"##\[(.*?)\](.*)", line, re.DOTALL)
    return _read(found[1], ";", found[2], {"%0D": "\r", "%0A": "\n", "%3B": ";", "%5D": "]"}) if found else None


def _read(head: str, separator: str, data: str, escapes: dict[str, str]) -> Command:
    name, _, pairs = head.partition(" ")
    properties = dict(pair.split("=", 1) for pair in pairs.split(separator) if "=" in pair)
    return Command(name, {key: _plain(value, escapes) for key, value in properties.items()}, _plain(data, escapes))


def _plain(text: str, escapes: dict[str, str]) -> str:
    for escape, character in escapes.items():
        text = text.replace(escape, character)
    return text.replace("%25", "%")
