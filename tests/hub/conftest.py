from collections.abc import Iterator
from pathlib import Path

import pytest
from hub.scene import Scene, small_scene
from hub.server import HubServer


@pytest.fixture
def scene(tmp_path: Path) -> Scene:
    return small_scene(tmp_path)


@pytest.fixture
def hub(scene: Scene) -> Iterator[HubServer]:
    """The scene over HTTP; at its end nothing was said against GitHub's contracts."""
    with HubServer(scene.world) as server:
        yield server
        assert server.violations == []
