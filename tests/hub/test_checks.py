import pytest
from hub import checks, faults
from hub.checks import CheckChange
from hub.memory import MemoryForge
from hub.rejection import Rejection
from hub.scene import Scene
from hub.world import BOT, PERSON

from reviewbot.errors import Doubtful, NoAccess, Refused
from reviewbot.forge.model import Annotation, Check


def check(scene: Scene, notes: int = 0, **more: str) -> Check:
    annotations = tuple(
        Annotation(path="app.py", start_line=line, end_line=line, level="notice", title=f"{line}", message="look")
        for line in range(1, notes + 1)
    )
    facts = {"head_sha": scene.head, "external_id": "key", "title": "t", "summary": "s"} | more
    return Check(annotations=annotations, **facts)


def lines(scene: Scene, check_id: int) -> list[int]:
    return [annotation["start_line"] for annotation in scene.world.checks[check_id].annotations]


def test_annotations_are_taken_fifty_at_a_time_and_added(scene: Scene) -> None:
    made = scene.forge.put_check(check(scene, 173, conclusion="neutral"), None)
    assert [request.method for request in scene.world.requests] == ["POST", "PATCH", "PATCH", "PATCH"]
    assert lines(scene, made) == list(range(1, 174))
    grant, change = scene.world.tokens[BOT], CheckChange(annotations=({},) * 51)
    with pytest.raises(Rejection, match="Validation"):
        checks.update_check(scene.world, grant, made, change)


def test_a_crash_between_two_calls_doubles_nothing(scene: Scene) -> None:
    scene.world.faults.add("PATCH", "check-runs", faults.fail_after())
    with pytest.raises(Doubtful):
        scene.forge.put_check(check(scene, 173, conclusion="neutral"), None)
    found = scene.forge.find_check(scene.head, "key")
    assert found is not None
    assert scene.world.checks[found].status == "in_progress"
    assert scene.forge.put_check(check(scene, 173, conclusion="neutral"), found) == found
    assert lines(scene, found) == list(range(1, 174))
    assert scene.world.checks[found].status == "completed"


def test_a_check_is_found_by_its_external_id_and_its_owner(scene: Scene) -> None:
    assert scene.forge.find_check(scene.head, "key") is None
    made = scene.forge.put_check(check(scene), None)
    scene.forge.put_check(check(scene, external_id="another"), None)
    assert scene.forge.find_check(scene.head, "key") == made
    scene.world.token("second", scene.world.account("second[bot]", "write").login)
    assert MemoryForge(scene.world, token="second").find_check(scene.head, "key") is None
    with pytest.raises(NoAccess):
        MemoryForge(scene.world, token="second").put_check(check(scene), made)


def test_only_an_app_makes_checks(scene: Scene) -> None:
    with pytest.raises(NoAccess, match="GitHub App"):
        MemoryForge(scene.world, token=PERSON).put_check(check(scene), None)


def test_only_the_latest_of_a_name_is_listed_unasked(scene: Scene) -> None:
    ids = [scene.forge.put_check(check(scene, external_id=word), None) for word in ("a", "b")]
    listed = [one.id for one in checks.listed_checks(scene.world, scene.head)]
    assert listed == ids[1:]
    assert [one.id for one in checks.listed_checks(scene.world, scene.head, latest=False)] == ids[::-1]
    assert checks.listed_checks(scene.world, scene.head, name="lint") == []
    with pytest.raises(Rejection, match="Not Found"):
        checks.listed_checks(scene.world, "nowhere")


def test_texts_have_a_limit_and_commits_must_stand(scene: Scene) -> None:
    scene.forge.put_check(check(scene, summary="x" * 65_535), None)
    with pytest.raises(Refused):
        scene.forge.put_check(check(scene, summary="x" * 65_536), None)
    with pytest.raises(Refused):
        scene.forge.put_check(check(scene, head_sha="0" * 40), None)
    with pytest.raises(Rejection, match="Validation"):
        checks.create_check(
            scene.world, scene.world.tokens[BOT], CheckChange(name="x", head_sha=scene.head, status="completed")
        )


def test_a_check_names_no_pull_request_from_a_fork(scene: Scene) -> None:
    made = scene.world.checks[scene.forge.put_check(check(scene), None)]
    assert [pull.number for pull in checks.pulls_of(scene.world, made)] == [scene.number]
    scene.world.pulls.clear()
    scene.world.open_pull("main", scene.head, fork=True)
    assert checks.pulls_of(scene.world, made) == []
