from pathlib import Path

import pytest
from hub import faults
from hub.memory import MemoryForge
from hub.rejection import abuse, primary_limit, secondary_limit
from hub.scene import AFTER, Scene
from hub.world import World

from reviewbot.errors import Doubtful, Limited, NoAccess, Refused, Unreachable

FOR_EVER = float("inf")
COMMENTS = r"/issues/\d+/comments$"


def bodies(scene: Scene) -> list[str]:
    return [remark.body for remark in scene.forge.conversation(scene.number).comments]


@pytest.mark.parametrize(
    ("fault", "made"),
    [(faults.fail(), 0), (faults.fail_after(500), 1), (faults.drop(), 0), (faults.drop_after(), 1)],
    ids=["502", "500 after", "dropped", "dropped after"],
)
def test_a_write_without_a_clear_answer_is_doubtful_and_sent_once(scene: Scene, fault: faults.Fault, made: int) -> None:
    scene.world.faults.add("POST", COMMENTS, fault)
    with pytest.raises(Doubtful):
        scene.forge.post_comment(scene.number, "hello")
    assert len(scene.world.requests) == 1
    assert len(bodies(scene)) == made


@pytest.mark.parametrize(
    "fault", [faults.fail(), faults.drop(), faults.drop_after()], ids=["502", "dropped", "dropped after"]
)
def test_a_read_is_tried_again_and_in_the_end_given_up(scene: Scene, fault: faults.Fault) -> None:
    scene.world.faults.add("GET", "/pulls/", fault, times=3)
    assert scene.forge.pull(scene.number).head_sha == scene.head
    scene.world.faults.add("GET", "/pulls/", fault, times=FOR_EVER)
    with pytest.raises(Unreachable):
        scene.forge.pull(scene.number)


def test_the_nth_request_and_only_so_many_meet_a_fault(scene: Scene) -> None:
    scene.world.faults.add("POST", COMMENTS, faults.fail(), nth=2, times=2)
    outcomes = []
    for number in range(4):
        try:
            scene.forge.post_comment(scene.number, str(number))
        except Doubtful:
            outcomes.append(number)
    assert outcomes == [1, 2]
    scene.world.faults.add("*", "", faults.fail())
    scene.world.faults.clear()
    assert bodies(scene) == ["0", "3"]


def test_what_is_made_can_be_listed_late(scene: Scene) -> None:
    scene.world.faults.add("POST", "", faults.lag(3), times=2)
    scene.forge.post_comment(scene.number, "late")
    scene.forge.post_review(scene.number, scene.at(10))
    assert scene.forge.conversation(scene.number) == type(scene.forge.conversation(scene.number))()
    scene.world.clock.sleep(3)
    conversation = scene.forge.conversation(scene.number)
    assert [len(conversation.comments), len(conversation.threads), len(conversation.reviews)] == [1, 1, 1]


def test_every_list_can_lag(scene: Scene) -> None:
    scene.world.list_lag = 2
    scene.forge.post_comment(scene.number, "late")
    assert bodies(scene) == []
    scene.world.clock.sleep(2)
    assert bodies(scene) == ["late"]


def test_a_slow_answer_takes_its_time(scene: Scene) -> None:
    before = scene.world.clock.now()
    scene.world.faults.add("GET", "", faults.slow(7))
    scene.forge.pull(scene.number)
    assert scene.world.clock.now() == before + 7


@pytest.mark.parametrize(
    "refusal",
    [secondary_limit(), secondary_limit(429), secondary_limit(429, None), secondary_limit(403, None), abuse()],
    ids=["403", "429", "429 bare", "403 bare", "422"],
)
def test_a_limit_is_waited_for_and_nothing_is_made_twice(scene: Scene, refusal: faults.Rejection) -> None:
    before = scene.world.clock.now()
    scene.world.faults.add("POST", COMMENTS, faults.answer(refusal))
    scene.forge.post_comment(scene.number, "once")
    assert scene.world.clock.now() >= before + 60
    assert bodies(scene) == ["once"]


def test_a_limit_that_outlasts_patience_is_limited(scene: Scene) -> None:
    scene.world.faults.add("GET", "", faults.answer(primary_limit(scene.world.clock.now() + 3000)))
    with pytest.raises(Limited):
        scene.forge.pull(scene.number)
    scene.world.faults.add("GET", "", faults.answer(primary_limit(scene.world.clock.now() + 30)))
    scene.forge.pull(scene.number)


@pytest.mark.parametrize("status", [401, 403, 404, 410, 423, 451])
def test_a_refusal_ends_it(scene: Scene, status: int) -> None:
    scene.world.faults.add("*", "", faults.fail(status), times=FOR_EVER)
    for call in (lambda: scene.forge.pull(scene.number), lambda: scene.forge.post_comment(scene.number, "x")):
        scene.world.requests.clear()
        with pytest.raises(NoAccess):
            call()
        assert len(scene.world.requests) == 1


def test_a_push_can_come_right_before_a_write(scene: Scene) -> None:
    pushed = scene.world.commit(scene.base, {"app.py": b"".join(AFTER)})
    scene.world.faults.add("POST", "/reviews$", faults.first(lambda world: world.push(scene.number, pushed)))
    with pytest.raises(Refused) as refused:
        scene.forge.post_review(scene.number, scene.at(10))
    assert refused.value.reason == "stale_commit"


def test_a_bad_day_loses_answers_and_not_what_was_made(tmp_path: Path, scene: Scene) -> None:
    scene.world.faults.add("POST", COMMENTS, faults.weather(7), times=FOR_EVER)
    sure, doubtful = 0, 0
    for number in range(200):
        try:
            scene.forge.post_comment(scene.number, str(number))
            sure += 1
        except Doubtful:
            doubtful += 1
    scene.world.clock.sleep(0.3)
    assert 40 <= doubtful <= 80
    assert sure < len(bodies(scene)) < 200
    quiet = World(tmp_path / "quiet")
    quiet.faults.add("POST", "", faults.weather(7, fails_after=0, drops=0, lag=0), times=FOR_EVER)
    quiet.branch("main", quiet.commit((), {"a": b""}))
    number = quiet.open_pull("main", quiet.commit(quiet.branches["main"], {"a": b"1"})).number
    for _ in range(20):
        MemoryForge(quiet).post_comment(number, "fine")
    assert len(quiet.pulls[number].comments) == 20
