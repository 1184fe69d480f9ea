"""The forges that the questions of the forge contract are put to."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from contract.forge_scene import Scene, in_memory, over_http
from hub import contracts

needs_contracts = pytest.mark.skipif(not contracts.available(), reason=contracts.WHY)


@pytest.fixture(params=[in_memory, pytest.param(over_http, marks=needs_contracts)], ids=["memory", "http"])
def scene(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Scene]:
    """A scene over one of the forges. At its end no verdict of any kind had been asked for."""
    with request.param(tmp_path) as scene:
        yield scene
        assert scene.world.forbidden == []
