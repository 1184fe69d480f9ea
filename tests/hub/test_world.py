from pathlib import Path

import pytest
from hub.hand_clock import hand_clock
from hub.memory import MemoryForge
from hub.rejection import Rejection
from hub.scene import Scene
from hub.world import BOT, PERSON, World


def test_a_world_has_a_bot_and_a_person_who_owns_it(tmp_path: Path) -> None:
    world = World(tmp_path)
    assert world.grant(BOT).account.login == "reviewbot[bot]"
    assert world.permissions[world.grant(PERSON).account.login] == "admin"
    with pytest.raises(Rejection) as refused:
        world.grant("another")
    assert refused.value.status == 401


def test_an_account_keeps_its_id_when_its_permission_changes(tmp_path: Path) -> None:
    world = World(tmp_path)
    assert world.account("grace") == world.account("grace", "admin")
    assert world.account("dependabot[bot]").kind == "Bot"


def test_ids_do_not_fit_in_32_bits(scene: Scene) -> None:
    assert scene.forge.post_comment(scene.number, "x").id > 2**31
    assert scene.forge.pull(scene.number).repository_id > 2**31


def test_every_request_and_every_accepted_write_is_kept(scene: Scene) -> None:
    scene.forge.pull(scene.number)
    said = scene.forge.post_comment(scene.number, "hello")
    scene.forge.may_write("nobody")
    assert [(one.method, one.path, one.token) for one in scene.world.requests] == [
        ("GET", f"/repos/octo/shop/pulls/{scene.number}", BOT),
        ("POST", f"/repos/octo/shop/issues/{scene.number}/comments", BOT),
        ("GET", "/repos/octo/shop/collaborators/nobody/permission", BOT),
    ]
    (write,) = scene.world.writes
    assert (write.kind, write.number, write.id, write.body) == ("comment", scene.number, said.id, "hello")


def test_a_renamed_repository_answers_to_its_old_name(scene: Scene) -> None:
    old = MemoryForge(scene.world)
    scene.world.rename("octo/store")
    assert str(old.pull(scene.number).address) == f"octo/store#{scene.number}"
    assert MemoryForge(scene.world).repository == "octo/store"


def test_a_hand_clock_moves_when_somebody_waits() -> None:
    clock = hand_clock(100.0)
    clock.sleep(2.5)
    clock.sleep(-1)
    assert clock.now() == 102.5
