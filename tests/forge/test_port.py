"""The adapter and the fake have every function of the port, with the port's own parameters."""

import inspect
from collections.abc import Callable
from typing import Any

import pytest
from hub.memory import MemoryForge

from reviewbot.forge.github import GitHub
from reviewbot.forge.port import Forge

PORT = {name: function for name, function in vars(Forge).items() if inspect.isfunction(function) and name[0] != "_"}


def parameters(function: Callable[..., Any]) -> list[tuple[str, Any]]:
    return [(one.name, one.kind) for one in inspect.signature(function).parameters.values()]


@pytest.mark.parametrize("forge", [GitHub, MemoryForge])
@pytest.mark.parametrize("name", PORT)
def test_a_forge_answers_what_the_port_asks(forge: type, name: str) -> None:
    assert parameters(getattr(forge, name)) == parameters(PORT[name])


def test_no_function_of_the_port_approves_requests_changes_or_merges() -> None:
    assert not {
        name for name in PORT if {"approve", "request", "merge"} & set(name.split("_")) and name != "merge_base"
    }
