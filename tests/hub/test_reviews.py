import pytest
from hub import reviews
from hub.memory import MemoryForge
from hub.reviews import NewReview
from hub.scene import AFTER, Scene
from hub.threads import OLDER_SENTENCE
from hub.world import BOT, PERSON

from reviewbot.errors import NoAccess, Refused
from reviewbot.forge.model import NewComment
from reviewbot.forge.model import NewReview as Review


def leave_pending(scene: Scene, token: str = BOT) -> int:
    """A review that was begun and never submitted."""
    world = scene.world
    with world.lock:
        begun = NewReview(None, "begun", event=None)
        return reviews.create_review(world, world.tokens[token], scene.number, begun).id


def review_of(scene: Scene, *lines: int, body: str = "Reviewed.", comment: str = "Look.") -> Review:
    comments = tuple(NewComment(path="app.py", body=comment, line=line, side="RIGHT") for line in lines)
    return Review(commit=scene.head, body=body, comments=comments)


def reason(scene: Scene, review: Review) -> str:
    with pytest.raises(Refused) as refused:
        scene.forge.post_review(scene.number, review)
    return refused.value.reason


def test_one_bad_comment_refuses_the_whole_review_and_is_not_named(scene: Scene) -> None:
    assert reason(scene, review_of(scene, 8, 9, 33, 10)) == "anchor"
    assert scene.world.writes == []
    with pytest.raises(Refused) as refused:
        scene.forge.post_review(scene.number, review_of(scene, 33))
    assert "33" not in str(refused.value)


def test_the_sentence_of_older_servers_can_be_chosen(scene: Scene) -> None:
    scene.world.anchor_sentence = OLDER_SENTENCE
    with pytest.raises(Refused, match="line must be part of the diff"):
        scene.forge.post_review(scene.number, review_of(scene, 33))


def test_a_review_is_one_write_with_all_its_comments(scene: Scene) -> None:
    scene.forge.post_review(scene.number, review_of(scene, 8, 9, 10))
    assert [write.kind for write in scene.world.writes] == ["review"]
    assert [thread.line for thread in scene.forge.conversation(scene.number).threads] == [8, 9, 10]


def test_a_place_can_be_refused_without_a_reason_that_shows(scene: Scene) -> None:
    scene.world.refuse_next = (1,)
    assert reason(scene, review_of(scene, 8, 9, 10)) == "anchor"
    assert reason(scene, review_of(scene, 9)) == "anchor"
    scene.forge.post_review(scene.number, review_of(scene, 8, 10))


def test_a_comment_can_be_lost_without_a_word(scene: Scene) -> None:
    scene.world.lose_next = (1,)
    for _ in range(2):
        scene.forge.post_review(scene.number, review_of(scene, 8, 9, 10))
    assert [thread.line for thread in scene.forge.conversation(scene.number).threads] == [8, 10, 8, 9, 10]


def test_a_pending_review_keeps_its_author_from_any_other(scene: Scene) -> None:
    leave_pending(scene)
    assert reason(scene, review_of(scene, 10)) == "pending_review"
    MemoryForge(scene.world, token=PERSON).post_review(scene.number, review_of(scene, 10))
    assert scene.forge.drop_pending_review(scene.number)
    assert not scene.forge.drop_pending_review(scene.number)
    scene.forge.post_review(scene.number, review_of(scene, 10))


def test_a_pending_review_is_nobodys_to_see_and_no_other_can_be_deleted(scene: Scene) -> None:
    pending = leave_pending(scene, PERSON)
    assert scene.forge.conversation(scene.number).reviews == ()
    assert not scene.forge.drop_pending_review(scene.number)
    with pytest.raises(reviews.Rejection, match="Not Found"):
        reviews.delete_pending(scene.world, scene.world.tokens[BOT], scene.number, pending)
    done = scene.forge.post_review(scene.number, review_of(scene, 10))
    with pytest.raises(reviews.Rejection, match="non-pending") as refused:
        reviews.delete_pending(scene.world, scene.world.tokens[BOT], scene.number, done.id)
    assert refused.value.status == 422


def test_a_commit_that_a_force_push_removed_is_refused(scene: Scene) -> None:
    scene.push([b"other\n", *AFTER], parent=scene.base)
    assert reason(scene, review_of(scene, 10)) == "stale_commit"


def test_an_earlier_commit_of_the_pull_request_is_taken(scene: Scene) -> None:
    scene.push([b"other\n", *AFTER])
    scene.forge.post_review(scene.number, review_of(scene, 10))


def test_the_base_is_no_commit_of_the_pull_request(scene: Scene) -> None:
    assert reason(scene, review_of(scene, 10).model_copy(update={"commit": scene.base})) == "stale_commit"


def test_bodies_have_a_limit_in_characters(scene: Scene) -> None:
    scene.forge.post_review(scene.number, review_of(scene, 10, body="é" * 65_536))
    assert reason(scene, review_of(scene, 10, body="x" * 65_537)) == "too_long"
    assert reason(scene, review_of(scene, 10, comment="x" * 65_537)) == "too_long"
    assert reason(scene, review_of(scene, body="")) == "other"


def test_a_force_push_points_reviews_and_comments_at_the_new_head(scene: Scene) -> None:
    scene.forge.post_review(scene.number, review_of(scene, 10))
    pull = scene.world.pulls[scene.number]
    pushed = scene.push([b"first\n", *AFTER])
    assert (pull.reviews[0].commit_id, pull.review_comments[0].commit_id) == (scene.head, pushed)
    forced = scene.push([b"other\n", *AFTER], parent=scene.base)
    assert (pull.reviews[0].commit_id, pull.review_comments[0].commit_id) == (forced, forced)
    assert pull.threads[0].commit == scene.head


@pytest.mark.parametrize("event", ["APPROVE", "REQUEST_CHANGES"])
def test_a_verdict_is_refused_and_remembered(scene: Scene, event: str) -> None:
    asked = NewReview(scene.head, "fine", event=event)
    with pytest.raises(reviews.Rejection, match="Unprocessable"):
        reviews.create_review(scene.world, scene.world.tokens[BOT], scene.number, asked)
    assert [event in line for line in scene.world.forbidden] == [True]


def test_who_may_not_write_changes_nothing(scene: Scene) -> None:
    scene.world.token("fork", "reviewbot[bot]", writes=False)
    fork = MemoryForge(scene.world, token="fork")
    for refuse in (
        lambda: fork.post_review(scene.number, review_of(scene, 10)),
        lambda: fork.post_comment(scene.number, "hello"),
        lambda: MemoryForge(scene.world, token="nobody").pull(scene.number),
    ):
        with pytest.raises(NoAccess):
            refuse()
    assert fork.pull(scene.number).head_sha == scene.head
    assert scene.world.writes == []


@pytest.mark.parametrize(("state", "reads"), [("archived", True), ("suspended", False)])
def test_an_archived_repository_is_read_only_and_a_suspended_one_shut(scene: Scene, state: str, *, reads: bool) -> None:
    scene.world.state = state
    with pytest.raises(NoAccess):
        scene.forge.post_comment(scene.number, "hello")
    if reads:
        assert scene.forge.pull(scene.number).state == "open"
    else:
        with pytest.raises(NoAccess, match="suspended"):
            scene.forge.pull(scene.number)


def test_a_locked_conversation_is_open_to_writers_only(scene: Scene) -> None:
    scene.world.pulls[scene.number].locked = True
    scene.forge.post_comment(scene.number, "a writer")
    scene.world.account("reviewbot[bot]", "read")
    with pytest.raises(NoAccess, match="locked"):
        scene.forge.post_comment(scene.number, "a reader")
