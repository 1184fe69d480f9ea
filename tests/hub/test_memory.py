import base64

from hub.memory import MemoryForge
from hub.scene import Scene
from hub.world import BOT

from reviewbot.forge.port import Forge


def test_it_is_the_port(scene: Scene) -> None:
    forge: Forge = MemoryForge(scene.world)
    assert forge.repository == "octo/shop"


def test_git_reads_the_repository_where_there_is_no_server(scene: Scene) -> None:
    access = scene.forge.git_access()
    assert access.authorization is None
    assert scene.world.store.run("ls-remote", access.url, f"refs/pull/{scene.number}/head").decode().split() == [
        scene.head,
        f"refs/pull/{scene.number}/head",
    ]


def test_git_is_led_to_the_server_where_there_is_one(scene: Scene) -> None:
    scene.world.address = "http://127.0.0.1:9"
    access = scene.forge.git_access()
    assert access.url == "http://127.0.0.1:9/octo/shop.git"
    assert base64.b64decode((access.authorization or "").split()[1]) == f"x-access-token:{BOT}".encode()
