import pytest
from hub import reviews, talk
from hub.memory import MemoryForge
from hub.rejection import Rejection
from hub.reviews import NewReview
from hub.scene import Scene
from hub.world import BOT, PERSON

from reviewbot.errors import NoAccess, Refused


def test_what_is_ours_is_said_by_the_forge_and_not_by_the_text(scene: Scene) -> None:
    scene.forge.post_comment(scene.number, "ours")
    scene.world.say(scene.number, "ada", "ours, says reviewbot[bot]")
    scene.world.say(scene.number, None, "from an account that is gone")
    remarks = scene.forge.conversation(scene.number).comments
    assert [(one.ours, one.author, one.author_is_bot) for one in remarks] == [
        (True, "reviewbot", True), (False, "ada", False), (False, "", False),
    ]  # fmt: skip


def test_an_edited_comment_stays_its_authors(scene: Scene) -> None:
    mine = scene.forge.post_comment(scene.number, "first")
    scene.forge.edit_comment(mine.id, "second")
    scene.world.edit(mine.id, "ada", "by somebody else")
    remark = scene.forge.conversation(scene.number).comments[0]
    assert (remark.body, remark.ours) == ("by somebody else", True)


def test_a_comment_is_edited_by_its_author_and_by_writers(scene: Scene) -> None:
    theirs = scene.world.say(scene.number, "ada", "mine")
    scene.forge.edit_comment(theirs.id, "a writer may")
    scene.world.account("reviewbot[bot]", "read")
    with pytest.raises(NoAccess):
        scene.forge.edit_comment(theirs.id, "a reader may not")
    with pytest.raises(NoAccess):
        scene.forge.edit_comment(1, "there is none")


@pytest.mark.parametrize(("body", "reason"), [("x" * 65_537, "too_long"), ("  \n", "other")])
def test_a_comment_has_a_body_of_bounded_length(scene: Scene, body: str, reason: str) -> None:
    said = scene.forge.post_comment(scene.number, "x" * 65_536)
    for post in (
        lambda: scene.forge.post_comment(scene.number, body),
        lambda: scene.forge.edit_comment(said.id, body),
    ):
        with pytest.raises(Refused) as refused:
            post()
        assert refused.value.reason == reason


def test_an_answer_stands_in_the_thread_and_has_a_review_of_its_own(scene: Scene) -> None:
    scene.forge.post_review(scene.number, scene.at(10))
    first = scene.forge.conversation(scene.number).threads[0].remarks[0]
    answer = MemoryForge(scene.world, token=PERSON).reply(scene.number, first.id, "Done.")
    conversation = scene.forge.conversation(scene.number)
    assert [remark.body for remark in conversation.threads[0].remarks] == ["Look.", "Done."]
    assert [(review.body, review.ours) for review in conversation.reviews] == [("Reviewed.", True), ("", False)]
    with pytest.raises(Refused):
        scene.forge.reply(scene.number, answer.id, "to the answer")
    with pytest.raises(NoAccess):
        scene.forge.reply(scene.number, 1, "to nothing")


def test_a_pending_review_keeps_from_answering_too(scene: Scene) -> None:
    scene.forge.post_review(scene.number, scene.at(10))
    first = scene.forge.conversation(scene.number).threads[0].remarks[0]
    reviews.create_review(scene.world, scene.world.tokens[BOT], scene.number, NewReview(None, "", event=None))
    with pytest.raises(Refused) as refused:
        scene.forge.reply(scene.number, first.id, "answer")
    assert refused.value.reason == "pending_review"


def test_writers_and_the_author_resolve_threads(scene: Scene) -> None:
    scene.forge.post_review(scene.number, scene.at(10))
    thread = scene.forge.conversation(scene.number).threads[0]
    scene.forge.resolve(thread.id)
    scene.forge.resolve(thread.id)
    assert scene.forge.conversation(scene.number).threads[0].resolved
    assert scene.world.pulls[scene.number].threads[0].resolved_by == scene.world.accounts["reviewbot[bot]"]
    scene.world.token("reader", scene.world.account("reader").login)
    with pytest.raises(NoAccess):
        MemoryForge(scene.world, token="reader").resolve(thread.id)
    with pytest.raises(NoAccess):
        scene.forge.resolve("PRRT_1")


def test_a_thread_can_be_opened_again_and_a_comment_hidden(scene: Scene) -> None:
    grant = scene.world.tokens[BOT]
    scene.forge.post_review(scene.number, scene.at(10))
    thread = scene.world.pulls[scene.number].threads[0]
    talk.set_resolved(scene.world, grant, thread.node_id, resolved=True)
    assert not talk.set_resolved(scene.world, grant, thread.node_id, resolved=False).resolved
    said = scene.world.say(scene.number, "ada", "loud")
    assert talk.minimize(scene.world, grant, said.node_id, "OUTDATED").minimized == "outdated"
    with pytest.raises(Rejection, match="Not Found"):
        talk.minimize(scene.world, grant, f"PRRC_{said.id}", "OUTDATED")


def test_the_same_reaction_counts_once(scene: Scene) -> None:
    said = scene.forge.post_comment(scene.number, "review")
    for content in ("eyes", "+1", "+1"):
        scene.forge.react(said.id, content)
    scene.world.react(said.id, "ada", "heart")
    scene.world.react(said.id, "ada", "confused")
    remark = scene.forge.conversation(scene.number).comments[0]
    assert (remark.up, remark.down) == (2, 1)
    assert [write.kind for write in scene.world.writes].count("reaction") == 2
    with pytest.raises(Refused):
        scene.forge.react(said.id, "tada")


@pytest.mark.parametrize(
    ("permission", "may"),
    [("admin", True), ("maintain", True), ("write", True), ("triage", False), ("read", False), ("none", False)],
)
def test_only_writers_may_write(scene: Scene, permission: str, *, may: bool) -> None:
    scene.world.account("grace", permission)
    assert scene.forge.may_write("grace") is may
    assert not scene.forge.may_write("nobody-known")


def test_a_stranger_reads_what_is_public(scene: Scene) -> None:
    assert talk.permission(scene.world, "stranger") == "read"
    scene.world.repository = scene.world.repository._replace(private=True)
    assert talk.permission(scene.world, "stranger") == "none"
