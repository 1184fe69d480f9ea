"""A check run ends however the review ends (THREATS G28)."""

import asyncio
from pathlib import Path

import pytest
from contract.forge_scene import Scene, in_memory
from hub.faults import answer, drop, fail, fail_after
from hub.memory import MemoryForge
from hub.rejection import invalid
from hub.world import BOT

from reviewbot.doors.check_run import open_check
from reviewbot.errors import NoCouncil
from reviewbot.forge.check import not_reviewed, running
from reviewbot.forge.model import Annotation


@pytest.fixture
def scene(tmp_path: Path):
    with in_memory(tmp_path) as scene:
        yield scene


def conclusions(scene: Scene) -> list[str | None]:
    return [run.conclusion for run in scene.world.checks.values()]


def test_it_is_open_while_the_review_runs_and_closed_at_its_end(scene: Scene) -> None:
    with open_check(scene.forge, scene.head, "key") as run:
        assert conclusions(scene) == [None]
        run.close(not_reviewed(scene.head, "key", "the test is over"))
    assert conclusions(scene) == ["neutral"]


def test_a_review_that_fails_closes_its_check_with_the_reason(scene: Scene) -> None:
    with pytest.raises(NoCouncil), open_check(scene.forge, scene.head, "key"):
        raise NoCouncil("council", "nobody is left to sit", "seat a model")
    (check,) = scene.world.checks.values()
    assert (check.conclusion, "nobody is left to sit" in check.title) == ("neutral", True)


def test_an_interrupted_review_closes_its_check(scene: Scene) -> None:
    with pytest.raises(KeyboardInterrupt), open_check(scene.forge, scene.head, "key"):
        raise KeyboardInterrupt
    assert conclusions(scene) == ["neutral"]


def test_a_bug_is_not_told_on_the_page(scene: Scene) -> None:
    with pytest.raises(ZeroDivisionError), open_check(scene.forge, scene.head, "key"):
        raise ZeroDivisionError("a path of this machine")
    (check,) = scene.world.checks.values()
    assert (check.conclusion, check.title) == ("neutral", "Not reviewed: interrupted (ZeroDivisionError)")


def test_a_review_that_stands_closes_the_check_its_killed_try_left_open_and_makes_none(scene: Scene) -> None:
    with open_check(scene.forge, scene.head, "key", new=False) as run:
        run.close(not_reviewed(scene.head, "key", "nothing new"))
    assert conclusions(scene) == []
    scene.forge.put_check(running(scene.head, "key"), None)
    with open_check(scene.forge, scene.head, "key", new=False) as run:
        run.close(not_reviewed(scene.head, "key", "nothing new"))
    assert conclusions(scene) == ["neutral"]


def test_another_review_of_the_same_head_has_a_check_of_its_own(scene: Scene) -> None:
    """Annotations cannot be taken back, so an ended check is not begun again."""
    for _ in range(2):
        with open_check(scene.forge, scene.head, "key") as run:
            run.close(not_reviewed(scene.head, "key", "the test is over"))
    assert conclusions(scene) == ["neutral", "neutral"]


def test_annotations_that_are_refused_do_not_keep_a_check_open(scene: Scene) -> None:
    bad = Annotation(path="", start_line=3, end_line=1, level="notice", title="", message="")
    end = not_reviewed(scene.head, "key", "the test is over").model_copy(update={"annotations": (bad,)})
    scene.world.faults.add("PATCH", "check-runs", answer(invalid("CheckRun", "annotations", "is invalid")))
    with open_check(scene.forge, scene.head, "key") as run:
        run.close(end)
    assert (conclusions(scene), run.notes) == (["neutral"], ())


@pytest.mark.parametrize("times", [1, 2])
def test_an_end_without_an_answer_is_sent_again(scene: Scene, times: int) -> None:
    scene.world.faults.add("PATCH", "check-runs", fail(502), times=times)
    with open_check(scene.forge, scene.head, "key", clock=scene.clock) as run:
        run.close(not_reviewed(scene.head, "key", "the test is over"))
    assert (conclusions(scene), run.is_open, run.notes) == (["neutral"], False, ())


def test_a_check_that_cannot_be_closed_is_known_to_be_open(scene: Scene) -> None:
    scene.world.faults.add("PATCH", "check-runs", drop(), times=float("inf"))
    with open_check(scene.forge, scene.head, "key", clock=scene.clock) as run:
        run.close(not_reviewed(scene.head, "key", "the test is over"))
    assert (conclusions(scene), run.is_open) == ([None], True)
    assert "may still be open" in run.notes[0]


def test_a_check_that_was_made_without_an_answer_is_taken_up_at_its_end(scene: Scene) -> None:
    scene.world.faults.add("POST", "check-runs", fail_after(502))
    with open_check(scene.forge, scene.head, "key", clock=scene.clock) as run:
        run.close(not_reviewed(scene.head, "key", "the test is over"))
    assert (conclusions(scene), run.is_open, run.notes) == (["neutral"], False, ())


def test_a_check_of_which_nobody_knows_is_left_to_a_later_look(scene: Scene) -> None:
    scene.world.faults.add("POST", "check-runs", fail(502))
    with open_check(scene.forge, scene.head, "key", clock=scene.clock) as run:
        run.close(not_reviewed(scene.head, "key", "the test is over"))
    assert (conclusions(scene), run.is_open) == ([], True)
    assert "no check run" in run.notes[0]


def test_without_a_key_there_is_no_check(scene: Scene) -> None:
    with open_check(scene.forge, scene.head, None) as run:
        run.close(not_reviewed(scene.head, "", "nobody sees this"))
    assert conclusions(scene) == []


def test_a_token_that_may_make_no_check_is_a_note(scene: Scene) -> None:
    reading = MemoryForge(scene.world, token=scene.world.token("reader", "reviewbot[bot]", writes=False))
    assert BOT in scene.world.tokens
    with open_check(reading, scene.head, "key") as run:
        run.close(not_reviewed(scene.head, "key", "nobody sees this"))
    assert conclusions(scene) == []
    assert "no check run" in run.notes[0]


async def test_a_review_that_is_stopped_says_why_in_its_check(scene: Scene) -> None:
    """The service stops a review that a newer push has made useless, wherever it waits."""

    async def review() -> None:
        with open_check(scene.forge, scene.head, "key"):
            async with asyncio.TaskGroup() as council:
                council.create_task(asyncio.sleep(60))

    task = asyncio.create_task(review())
    await asyncio.sleep(0)
    task.cancel("the pull request moved on")
    with pytest.raises(asyncio.CancelledError, match="the pull request moved on"):
        await task
    (check,) = scene.world.checks.values()
    assert (check.conclusion, "the pull request moved on" in check.title) == ("neutral", True)
