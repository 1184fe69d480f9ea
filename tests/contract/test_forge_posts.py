"""One set of questions about writing, put to every forge: GitHub makes all or nothing, once, and says who wrote it."""

import pytest
from contract.forge_scene import AFTER, Scene, at
from hub.faults import answer, drop, drop_after, fail, fail_after
from hub.rejection import abuse, secondary_limit
from hub.reviews import NewReview as RawReview
from hub.reviews import create_review
from hub.world import BOT, PERSON

from reviewbot.errors import Doubtful, NoAccess, Refused
from reviewbot.forge.model import Annotation, Check, NewComment

LIMIT = 65_536
"""Characters of a comment or a review (THREATS G19)."""


def test_a_review_is_posted_whole_in_one_call(scene: Scene) -> None:
    comments = (at(10, body="Ten."), NewComment(path="app.py", body="Was ten.", line=10, side="LEFT"), at(3, "new.py"))
    posted = scene.forge.post_review(scene.number, scene.review(*comments))
    assert scene.writes() == ["review"]
    conversation = scene.forge.conversation(scene.number)
    assert [(review.id, review.body, review.ours) for review in conversation.reviews] == [
        (posted.id, "Reviewed.", True)
    ]
    places = [(thread.path, thread.line, thread.remarks[0].body) for thread in conversation.threads]
    assert places == [("app.py", 10, "Ten."), ("app.py", 10, "Was ten."), ("new.py", 3, "Look here.")]
    assert all(remark.ours for thread in conversation.threads for remark in thread.remarks)
    assert not any(thread.resolved or thread.outdated for thread in conversation.threads)
    assert scene.world.pulls[scene.number].reviews[0].commit_id == scene.head


def test_a_comment_may_stand_on_several_lines_of_one_hunk(scene: Scene) -> None:
    several = NewComment(path="app.py", body="These.", line=11, side="RIGHT", start_line=8)
    scene.forge.post_review(scene.number, scene.review(several))
    thread = scene.world.pulls[scene.number].threads[0]
    assert (thread.start_line, thread.line, thread.side) == (8, 11, "RIGHT")


@pytest.mark.parametrize(
    "bad",
    [
        at(30),
        at(3, "untouched.py"),
        NewComment(path="gone.py", body="x", line=1, side="RIGHT"),
        NewComment(path="new.py", body="x", line=1, side="LEFT"),
        NewComment(path="app.py", body="x", line=10, side="RIGHT", start_line=10),
        NewComment(path="app.py", body="x", line=50, side="RIGHT", start_line=10),
    ],
    ids=["between hunks", "not in the diff", "deleted", "wrong side", "no range", "across hunks"],
)
def test_one_bad_anchor_refuses_the_whole_review(scene: Scene, bad: NewComment) -> None:
    with pytest.raises(Refused) as refused:
        scene.forge.post_review(scene.number, scene.review(at(10), bad, at(50)))
    assert refused.value.reason == "anchor"
    assert scene.writes() == []
    assert scene.forge.conversation(scene.number).threads == ()


def test_a_commit_that_was_forced_away_takes_no_review(scene: Scene) -> None:
    scene.world.push(scene.number, scene.world.commit(scene.base, AFTER))
    with pytest.raises(Refused) as refused:
        scene.forge.post_review(scene.number, scene.review(at(10)))
    assert refused.value.reason == "stale_commit"


def test_a_leftover_pending_review_refuses_every_other_until_it_is_dropped(scene: Scene) -> None:
    with scene.world.lock:
        grant = scene.world.grant(BOT)
        create_review(scene.world, grant, scene.number, RawReview(scene.head, "Left over.", event=None))
    with pytest.raises(Refused) as refused:
        scene.forge.post_review(scene.number, scene.review(at(10)))
    assert refused.value.reason == "pending_review"
    assert scene.forge.drop_pending_review(scene.number)
    scene.forge.post_review(scene.number, scene.review(at(10)))
    assert not scene.forge.drop_pending_review(scene.number)
    assert len(scene.forge.conversation(scene.number).reviews) == 1


def test_a_pending_review_of_somebody_else_is_neither_seen_nor_dropped(scene: Scene) -> None:
    with scene.world.lock:
        grant = scene.world.grant(PERSON)
        create_review(scene.world, grant, scene.number, RawReview(scene.head, "Mine.", event=None))
    assert not scene.forge.drop_pending_review(scene.number)
    assert scene.forge.conversation(scene.number).reviews == ()
    scene.forge.post_review(scene.number, scene.review(at(10)))


def test_a_body_may_be_as_long_as_github_takes_and_no_longer(scene: Scene) -> None:
    scene.forge.post_comment(scene.number, "x" * LIMIT)
    for post in (
        lambda: scene.forge.post_comment(scene.number, "x" * (LIMIT + 1)),
        lambda: scene.forge.post_review(scene.number, scene.review(body="x" * (LIMIT + 1))),
        lambda: scene.forge.post_review(scene.number, scene.review(at(10, body="x" * (LIMIT + 1)))),
    ):
        with pytest.raises(Refused) as refused:
            post()
        assert refused.value.reason == "too_long"
    assert scene.writes() == ["comment"]


def test_a_comment_is_edited_in_place(scene: Scene) -> None:
    posted = scene.forge.post_comment(scene.number, "First.")
    edited = scene.forge.edit_comment(posted.id, "Second.")
    comments = scene.forge.conversation(scene.number).comments
    assert [(comment.id, comment.body) for comment in comments] == [(posted.id, "Second.")]
    assert edited == posted


def test_half_a_character_does_not_stop_a_comment(scene: Scene) -> None:
    scene.forge.post_comment(scene.number, "caf\udce9 \N{ROCKET}")
    (comment,) = scene.forge.conversation(scene.number).comments
    assert comment.body.startswith("caf")
    assert comment.body.endswith(" \N{ROCKET}")


def test_a_reply_goes_into_its_thread_and_people_are_told_from_us(scene: Scene) -> None:
    scene.forge.post_review(scene.number, scene.review(at(10), at(50)))
    second = scene.forge.conversation(scene.number).threads[1]
    scene.open(PERSON).reply(scene.number, second.remarks[0].id, "Why?")
    scene.forge.reply(scene.number, second.remarks[0].id, "Because.")
    first, second = scene.forge.conversation(scene.number).threads
    assert [remark.body for remark in second.remarks] == ["Look here.", "Why?", "Because."]
    assert [remark.ours for remark in second.remarks] == [True, False, True]
    assert second.remarks[1].author == "ada"
    assert len(first.remarks) == 1


def test_a_thread_is_resolved_and_resolving_it_again_changes_nothing(scene: Scene) -> None:
    scene.forge.post_review(scene.number, scene.review(at(10), at(50)))
    first, _ = scene.forge.conversation(scene.number).threads
    scene.open(BOT).resolve(first.id)
    scene.open(BOT).resolve(first.id)
    assert [thread.resolved for thread in scene.forge.conversation(scene.number).threads] == [True, False]


def test_a_token_that_may_not_write_contents_resolves_nothing_and_is_told_so(scene: Scene) -> None:
    """Ours is such a one: `contents: write` would let it push (THREATS G29)."""
    scene.forge.post_review(scene.number, scene.review(at(10)))
    (thread,) = scene.forge.conversation(scene.number).threads
    with pytest.raises(NoAccess):
        scene.forge.resolve(thread.id)


def test_a_comment_of_ours_is_folded_away_and_its_thread_is_done_with(scene: Scene) -> None:
    scene.forge.post_review(scene.number, scene.review(at(10), at(50)))
    first, _ = scene.forge.conversation(scene.number).threads
    scene.forge.hide(first.remarks[0].node_id)
    scene.forge.hide(first.remarks[0].node_id)
    assert [thread.resolved for thread in scene.forge.conversation(scene.number).threads] == [True, False]


def test_a_thread_whose_code_changed_is_outdated_and_has_no_line(scene: Scene) -> None:
    scene.forge.post_review(scene.number, scene.review(at(10), at(50)))
    text = scene.world.store.run("show", f"{scene.head}:app.py").replace(b"line ten\n", b"line 10, again\n")
    scene.world.push(scene.number, scene.world.commit(scene.head, {"app.py": b"line zero\n" + text}))
    changed, moved = scene.forge.conversation(scene.number).threads
    assert (changed.outdated, changed.line) == (True, None)
    assert (moved.outdated, moved.line) == (False, 51)


def test_a_reaction_of_ours_is_put_once(scene: Scene) -> None:
    said = scene.world.say(scene.number, "ada", "/reviewbot review")
    scene.forge.react(said.id, "eyes")
    scene.forge.react(said.id, "eyes")
    assert [(reaction.account.login, reaction.content) for reaction in said.reactions] == [("reviewbot[bot]", "eyes")]


@pytest.mark.parametrize("fault", [fail_after(502), drop_after()], ids=["502", "a dropped connection"])
def test_a_write_without_a_clear_answer_is_doubtful_and_is_not_sent_again(scene: Scene, fault: object) -> None:
    scene.world.faults.add("POST", r"/(comments|reviews|check-runs)$", fault, times=float("inf"))
    check = Check(head_sha=scene.head, external_id="one", title="t", summary="s")
    for post in (
        lambda: scene.forge.post_comment(scene.number, "Once."),
        lambda: scene.forge.post_review(scene.number, scene.review(at(10))),
        lambda: scene.forge.put_check(check, None),
    ):
        with pytest.raises(Doubtful):
            post()
    assert scene.writes() == ["comment", "review", "check"]
    assert sum(request.method == "POST" for request in scene.world.requests) == 3


@pytest.mark.parametrize("fault", [fail(502), drop()], ids=["502", "a dropped connection"])
def test_a_write_that_was_not_done_is_doubtful_too_because_nobody_can_tell(scene: Scene, fault: object) -> None:
    scene.world.faults.add("POST", "/comments$", fault)
    with pytest.raises(Doubtful):
        scene.forge.post_comment(scene.number, "Once.")
    assert scene.writes() == []


@pytest.mark.parametrize(
    "limit", [secondary_limit(403, 20), secondary_limit(429, None), abuse()], ids=["403", "429", "422 abuse"]
)
def test_a_write_that_met_a_limit_is_sent_again_and_made_once(scene: Scene, limit: Exception) -> None:
    scene.world.faults.add("POST", "/comments$", answer(limit))
    scene.forge.post_comment(scene.number, "Once.")
    assert scene.writes() == ["comment"]


def test_a_token_that_may_only_read_writes_nothing(scene: Scene) -> None:
    reader = scene.open(scene.world.token("fork", "reviewbot[bot]", writes=False))
    assert reader.pull(scene.number).head_sha == scene.head
    for write in (
        lambda: reader.post_comment(scene.number, "x"),
        lambda: reader.post_review(scene.number, scene.review(at(10))),
        lambda: reader.put_check(Check(head_sha=scene.head, external_id="x", title="t", summary="s"), None),
    ):
        with pytest.raises(NoAccess):
            write()
    assert scene.writes() == []


def test_an_archived_repository_takes_nothing(scene: Scene) -> None:
    scene.world.state = "archived"
    with pytest.raises(NoAccess):
        scene.forge.post_comment(scene.number, "x")
    assert sum(request.method == "POST" for request in scene.world.requests) == 1


def annotations(count: int) -> tuple[Annotation, ...]:
    return tuple(
        Annotation(path="new.py", start_line=1, end_line=2, level="warning", title=f"Finding {n}", message="Look.")
        for n in range(count)
    )


def check_of(scene: Scene, count: int = 0, *, done: bool = True) -> Check:
    conclusion = "neutral" if done else None
    return Check(
        head_sha=scene.head, external_id="key", title="t", summary="s", conclusion=conclusion,
        annotations=annotations(count),
    )  # fmt: skip


def shown_on(scene: Scene, check_id: int) -> list[str]:
    return [annotation["title"] for annotation in scene.world.checks[check_id].annotations]


def test_a_check_is_found_again_and_brought_to_its_end(scene: Scene) -> None:
    assert scene.forge.find_check(scene.head, "key") is None
    assert not scene.forge.has_check(scene.head)
    check_id = scene.forge.put_check(check_of(scene, done=False), None)
    assert scene.world.checks[check_id].status == "in_progress"
    assert scene.forge.find_check(scene.head, "key") == check_id
    assert scene.forge.find_check(scene.head, "another review") is None
    assert scene.forge.put_check(check_of(scene), check_id) == check_id
    check = scene.world.checks[check_id]
    assert (check.status, check.conclusion, check.title) == ("completed", "neutral", "t")
    assert scene.forge.find_check(scene.head, "key") is None
    assert (scene.forge.has_check(scene.head), scene.forge.has_check(scene.base)) == (True, False)


def test_annotations_are_sent_fifty_at_a_time_in_their_order(scene: Scene) -> None:
    check_id = scene.forge.put_check(check_of(scene, 173), None)
    assert scene.writes() == ["check", "check update", "check update", "check update"]
    assert shown_on(scene, check_id) == [f"Finding {n}" for n in range(173)]
    assert scene.world.checks[check_id].conclusion == "neutral"


def test_a_crash_between_batches_doubles_no_annotation(scene: Scene) -> None:
    scene.world.faults.add("PATCH", "/check-runs/", fail_after(502), nth=1)
    with pytest.raises(Doubtful):
        scene.forge.put_check(check_of(scene, 173), None)
    check_id = scene.forge.find_check(scene.head, "key")
    assert check_id is not None
    assert len(shown_on(scene, check_id)) == 100
    scene.forge.put_check(check_of(scene, 173), check_id)
    assert shown_on(scene, check_id) == [f"Finding {n}" for n in range(173)]
    scene.forge.put_check(check_of(scene, 173), check_id)
    assert len(shown_on(scene, check_id)) == 173
