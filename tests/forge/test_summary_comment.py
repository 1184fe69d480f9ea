"""The one summary comment: made once, edited in place, never two, and a person's words are theirs."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from forge.posting_scene import LINES, Scene
from hub.faults import answer, drop, drop_after, fail, fail_after, first
from hub.rejection import too_long, unprocessable
from report.samples import finding

from reviewbot.errors import Doubtful, Refused
from reviewbot.forge.marks import MAX_BODY, SummaryMark
from reviewbot.forge.summary_comment import TRIES, Written, write_summary

DOUBTS = {"502": fail(), "502 after": fail_after(), "drop": drop(), "drop after": drop_after()}
COMMENTS = r"issues/(comments/)?\d+(/comments)?$"


@pytest.fixture
def scene(tmp_path: Path) -> Iterator[Scene]:
    scene = Scene(tmp_path)
    yield scene
    scene.check()


def write(scene: Scene, text: str = "All is well.", **more: object) -> Written:
    desk = scene.desk()
    mark = SummaryMark(key=desk.key, head=scene.head, base=desk.base, setup=desk.setup, complete=True)
    return write_summary(desk, desk.read(), mark.model_copy(update=more), lambda room: text[:room])


def bodies(scene: Scene) -> list[str]:
    return [comment.body.split("\n")[0] for comment in scene.conversation.comments]


def test_it_is_made_once_and_then_edited_in_place(scene: Scene):
    made, edited = write(scene, "First."), write(scene, "Second.")
    assert bodies(scene) == ["Second."]
    assert made == edited == Written(scene.conversation.comments[0].url, changed=True)
    assert scene.writes == ["comment", "edit"]


def test_what_it_says_already_is_not_sent_again(scene: Scene):
    made = write(scene)
    assert write(scene) == made._replace(changed=False)
    assert scene.writes == ["comment"]


def test_the_same_words_about_another_review_are_sent(scene: Scene):
    write(scene)
    write(scene, dismissed=("0123456789ab",))
    assert scene.writes == ["comment", "edit"]


def test_one_that_a_person_edited_is_left_alone_and_the_next_one_is_edited_in_place(scene: Scene):
    write(scene, "Ours.")
    theirs = scene.conversation.comments[0]
    scene.world.edit(theirs.id, "ada", theirs.body.replace("Ours", "Mine"))
    write(scene, "Ours again.")
    write(scene, "And again.")
    assert bodies(scene) == ["Mine.", "And again."]


def test_one_that_carries_very_much_is_known_again(scene: Scene):
    carried = tuple(finding(n, body="A request is made without a timeout. " * 100) for n in range(1, 400))
    write(scene, "First.", carried=carried)
    write(scene, "Second.", carried=carried)
    assert bodies(scene) == ["Second."]


def test_somebody_elses_copy_is_not_edited(scene: Scene):
    write(scene, "Ours.")
    scene.world.say(scene.number, "ada", scene.conversation.comments[0].body)
    write(scene, "Ours again.")
    assert bodies(scene) == ["Ours again.", "Ours."]


@pytest.mark.parametrize("fault", DOUBTS.values(), ids=DOUBTS)
@pytest.mark.parametrize("nth", [1, 2], ids=["made", "edited"])
def test_after_a_doubt_there_is_one_and_it_is_up_to_date(scene: Scene, fault: object, nth: int):
    scene.world.faults.add("*", COMMENTS, fault, nth=nth)
    scene.world.list_lag = 4.0
    assert write(scene, "First.").changed
    scene.world.clock.sleep(60)
    assert write(scene, "Second.").changed
    scene.world.clock.sleep(60)
    assert bodies(scene) == ["Second."]


def test_without_any_answer_it_gives_up_after_a_few_tries(scene: Scene):
    scene.world.faults.add("POST", COMMENTS, fail(), times=99)
    with pytest.raises(Doubtful):
        write(scene)
    assert sum(one.path.endswith("/comments") for one in scene.world.requests) == TRIES


def test_where_the_pull_request_moved_on_nothing_is_written(scene: Scene):
    path = f"pulls/{scene.number}$"
    scene.world.faults.add("GET", path, first(lambda _: scene.push([*LINES, "more = True"])), nth=2)
    assert write(scene) == Written(None, changed=False)
    assert scene.writes == []


def test_it_gets_shorter_where_github_finds_it_too_long(scene: Scene):
    scene.world.limits = scene.world.limits._replace(body=MAX_BODY // 2)
    assert write(scene, "word " * MAX_BODY).changed
    assert 20_000 < len(scene.conversation.comments[0].body) <= MAX_BODY // 2


@pytest.mark.parametrize("why", [too_long("IssueComment", 10), unprocessable("no")], ids=["too long", "other"])
def test_a_refusal_that_stays_is_raised(scene: Scene, why: object):
    scene.world.faults.add("POST", COMMENTS, answer(why), times=99)
    with pytest.raises(Refused):
        write(scene)
