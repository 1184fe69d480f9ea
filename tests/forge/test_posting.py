"""One review, posted once: whatever GitHub answers, each comment is made or comes back with the reason."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from forge.posting_scene import LINES, PATH, Scene, found
from hub.faults import CarryOut, answer, fail, first
from hub.records import Review
from hub.rejection import unprocessable
from hub.world import World
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from reviewbot.errors import Limited, NoAccess
from reviewbot.forge.anchors import anchor_of
from reviewbot.forge.earlier import mark_of, reviews
from reviewbot.forge.model import NewComment
from reviewbot.forge.posting import (
    MAX_CALLS,
    MAX_DOUBTS,
    NO_ANSWER,
    NO_PLACE,
    REFUSED,
    TOO_LONG,
    Entry,
    Progress,
    post_review,
    read_back,
)
from reviewbot.report import ReportFinding


@pytest.fixture
def scene(tmp_path: Path) -> Iterator[Scene]:
    scene = Scene(tmp_path)
    yield scene
    scene.check()


def entry(scene: Scene, finding: ReportFinding, body: str = "") -> Entry:
    place = anchor_of(finding, scene.diff)
    assert place is not None
    signed = scene.desk().signer.sign(mark_of(finding, scene.head), body or finding.title)
    return Entry(finding, NewComment(body=signed, **place._asdict()))


def post(scene: Scene, *entries: Entry) -> Progress:
    return post_review(scene.desk(), entries, lambda findings: f"{len(findings)} findings.")


def post_lines(scene: Scene, *lines: int) -> Progress:
    return post(scene, *(entry(scene, found(line)) for line in lines))


def ids(lines: Iterator[int] | tuple[int, ...] | range) -> list[str]:
    return [found(line).id for line in lines]


def posted(progress: Progress) -> list[str]:
    return sorted(entry.finding.id for entry in progress.posted)


def test_all_comments_are_one_review_whose_body_says_which(scene: Scene):
    progress = post_lines(scene, 3, 7)
    ((mark, remark),) = reviews(scene.conversation, scene.desk().signer)
    assert (mark.key, mark.head) == (scene.desk().key, scene.head)
    assert remark.body.startswith("2 findings.")
    assert progress.urls == (remark.url,)
    assert scene.lines == [3, 7]


def test_nothing_to_say_asks_nothing(scene: Scene):
    desk = scene.desk()
    before = len(scene.world.requests)
    assert post_review(desk, (), lambda _: "").posted == ()
    assert len(scene.world.requests) == before


def test_the_seventh_of_twenty_that_github_refuses_costs_six_calls(scene: Scene):
    scene.world.refuse_next = (6,)
    progress = post_lines(scene, *range(1, 21))
    assert scene.review_calls <= 6
    assert posted(progress) == ids(n for n in range(1, 21) if n != 7)
    assert progress.unposted == {found(7).id: NO_PLACE}
    assert sorted(filter(None, scene.lines)) == [n for n in range(1, 21) if n != 7]


def test_each_part_says_how_many_it_brings(scene: Scene):
    scene.world.refuse_next = (0,)
    post_lines(scene, 3, 7)
    assert [remark.body.split("\n")[0] for _, remark in reviews(scene.conversation, scene.desk().signer)] == [
        "1 findings."
    ]


@settings(max_examples=6, suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None)
@given(st.sets(st.integers(0, 9)))
def test_however_many_are_refused_each_is_posted_once_or_comes_back(tmp_path_factory, bad: set[int]):
    scene = Scene(tmp_path_factory.mktemp("hub"))
    scene.world.refuse_next = tuple(sorted(bad))
    progress = post_lines(scene, *range(1, 11))
    assert sorted([*posted(progress), *progress.unposted]) == ids(range(1, 11))
    assert not set(ids(n + 1 for n in bad)) & set(posted(progress))
    assert len(scene.lines) == len(progress.posted)
    assert scene.review_calls <= MAX_CALLS


def test_places_that_the_diff_of_the_forge_does_not_have_are_found_by_one_read(scene: Scene):
    """Our diff may have been made otherwise: here it has lines that GitHub's has not."""
    entries = [entry(scene, found(line)) for line in (3, 7, 9)]
    outside = [
        Entry(found(line), made.comment.model_copy(update={"line": 400 + line}))
        for line, made in zip((20, 21, 22), entries, strict=True)
    ]
    progress = post(scene, *entries, *outside)
    assert scene.review_calls == 2
    assert progress.unposted == dict.fromkeys(ids((20, 21, 22)), NO_PLACE)
    assert scene.lines == [3, 7, 9]


def test_where_the_forge_gives_no_diff_the_bad_place_is_found_by_halving(scene: Scene):
    entries = [entry(scene, found(line)) for line in (3, 7)]
    scene.world.limits = scene.world.limits._replace(diff_lines=1)
    scene.world.refuse_next = (0,)
    assert post(scene, *entries).unposted == {found(3).id: NO_PLACE}
    assert scene.lines == [7]


def test_a_pending_review_is_deleted_and_the_post_made_in_three_calls(scene: Scene):
    leave_pending(scene)
    desk, entries = scene.desk(), (entry(scene, found(3)),)
    before = len(scene.world.requests)
    progress = post_review(desk, entries, lambda _: "One.")
    calls = [one.method for one in scene.world.requests[before:] if one.method != "GET"]
    assert calls == ["POST", "DELETE", "POST"]
    assert posted(progress) == ids((3,))


def leave_pending(scene: Scene, login: str = "reviewbot[bot]") -> None:
    account = scene.world.accounts[login]
    pending = Review(scene.world.new_id(), account, "", 0.0, 0.0, state="PENDING", commit_id=scene.head)
    scene.world.pulls[scene.number].reviews.append(pending)


def test_a_pending_review_that_will_not_go_is_not_fought_with(scene: Scene):
    scene.world.faults.add("POST", "/reviews$", answer(unprocessable("pending", reason="pending_review")), times=99)
    assert post_lines(scene, 3, 7).unposted == dict.fromkeys(ids((3, 7)), REFUSED)
    assert scene.review_calls == 2


def test_a_commit_that_is_gone_is_not_tried_again(scene: Scene):
    scene.world.faults.add("POST", "/reviews$", answer(unprocessable("stale", reason="stale_commit")), times=99)
    progress = post_lines(scene, 3)
    assert (progress.superseded, scene.review_calls) == (True, 1)


def test_a_text_that_is_too_long_is_left_to_the_summary(scene: Scene):
    scene.world.limits = scene.world.limits._replace(body=5_000)
    entries = [entry(scene, found(3)), entry(scene, found(7), "long " * 2_000), entry(scene, found(9))]
    assert post(scene, *entries).unposted == {found(7).id: TOO_LONG}
    assert scene.lines == [3, 9]


def test_any_other_refusal_is_not_repeated(scene: Scene):
    scene.world.faults.add("POST", "/reviews$", answer(unprocessable("You are blocked")), times=99)
    assert post_lines(scene, 3, 7).unposted == dict.fromkeys(ids((3, 7)), REFUSED)
    assert scene.review_calls == 1


def test_a_post_without_any_answer_is_sent_a_bounded_number_of_times(scene: Scene):
    scene.world.faults.add("POST", "/reviews$", fail(), times=99)
    assert post_lines(scene, 3).unposted == {found(3).id: NO_ANSWER}
    assert scene.review_calls == MAX_DOUBTS


def test_doubt_and_refusal_together_lose_and_double_nothing(scene: Scene):
    def made_then_lost(world: World, carry_out: CarryOut) -> object:
        carry_out()
        return fail()(world, carry_out)

    scene.world.refuse_next = (2,)
    scene.world.faults.add("POST", "/reviews$", made_then_lost, nth=2, times=2)
    progress = post_lines(scene, *range(1, 9))
    assert progress.unposted == {found(3).id: NO_PLACE}
    assert sorted(filter(None, scene.lines)) == [1, 2, 4, 5, 6, 7, 8]


def test_a_head_that_moves_during_the_search_ends_it(scene: Scene):
    scene.world.refuse_next = (0,)
    desk, entries = scene.desk(), [entry(scene, found(line)) for line in (3, 7)]
    scene.world.faults.add("POST", "/reviews$", first(lambda _: scene.push([*LINES, "more = True"])))
    progress = post_review(desk, entries, lambda _: "Two.")
    assert (progress.superseded, scene.review_calls, scene.writes) == (True, 1, [])


@pytest.mark.parametrize("error", [NoAccess, Limited])
def test_what_waiting_does_not_mend_is_raised(scene: Scene, error: type[NoAccess | Limited]):
    def refuse(_world: World, _carry_out: CarryOut) -> None:
        raise error("reviews", "no", "later")

    scene.world.faults.add("POST", "/reviews$", refuse)
    with pytest.raises(error):
        post_lines(scene, 3)


def test_reading_back_waits_once_for_what_is_listed_late(scene: Scene):
    scene.world.list_lag = 3.0
    progress = post_lines(scene, 3)
    conversation = read_back(scene.desk(), [one.finding.id for one in progress.posted])
    assert [thread.path for thread in conversation.threads] == [PATH]
    before = scene.world.clock.now()
    read_back(scene.desk(), ids((3,)))
    assert scene.world.clock.now() == before
