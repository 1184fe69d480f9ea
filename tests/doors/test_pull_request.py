"""One pull request, from its number to its comments: what is read, what is left alone, and what is said about it."""

import json
from pathlib import Path

import pytest
from e2e.pushes import Story
from e2e.story import PUSHES
from hub.faults import first

from reviewbot.doors.pull_request import Wish


@pytest.fixture
def story(tmp_path: Path) -> Story:
    return Story(tmp_path)


def writes(story: Story) -> list[str]:
    return [write.kind for write in story.world.writes]


def test_without_the_wish_to_post_nothing_is_sent(story: Story) -> None:
    done = story.review(Wish())
    assert done.report.findings
    assert writes(story) == []


def test_a_draft_is_left_alone_until_somebody_asks(story: Story) -> None:
    story.world.pulls[story.number].draft = True
    assert "it is a draft" in story.review().said
    assert writes(story) == []
    assert story.review(Wish(post=True, asked=True)).posted


def test_a_policy_has_drafts_reviewed(story: Story) -> None:
    story.world.pulls[story.number].draft = True
    assert story.review(policy="triggers: {drafts: true}").posted


def test_a_closed_one_is_read_but_not_posted_to(story: Story) -> None:
    story.world.pulls[story.number].state = "closed"
    assert story.review().report is None
    assert story.review(Wish(asked=True)).report.findings
    assert writes(story) == []


def test_an_event_of_an_older_head_gives_way_to_the_newer(story: Story) -> None:
    done = story.review(Wish(post=True, head="0" * 40))
    assert "has an event of its own" in done.said
    assert writes(story) == []


def test_a_head_that_github_shows_late_is_waited_for(story: Story) -> None:
    story.review()
    story.push(2)
    story.world.push(story.number, story.head, seen_after=5.0)
    done = story.review(Wish(post=True, head=story.head))
    assert done.report.change.head_sha == story.head


def test_a_head_that_moves_while_the_council_looks_is_not_commented_on(story: Story) -> None:
    moving = story.world.commit(story.head, {"late.py": b"pass\n"})
    moves = first(lambda world: world.push(story.number, moving))
    story.world.faults.add("GET", f"/repos/octo/shop/pulls/{story.number}", moves, nth=2)
    done = story.review()
    assert not done.posted
    assert "moved on" in done.said
    assert story.threads == ()


def test_pushes_are_left_alone_where_the_policy_says_so(story: Story) -> None:
    policy = "triggers: {pushes: none}"
    story.review(policy=policy)
    before = len(writes(story))
    assert "the policy asks for no review of pushes" in story.push(2).review(policy=policy).said
    assert len(writes(story)) == before


def test_every_push_is_read_whole_where_the_policy_says_so(story: Story) -> None:
    policy = "triggers: {pushes: all}"
    story.review(policy=policy)
    done = story.push(2).review(policy=policy)
    assert len(done.record.change.diff.files) == 3
    assert len(story.threads) == 3


def test_another_policy_has_everything_read_again(story: Story) -> None:
    story.review()
    done = story.push(2).review(policy="comments: {max: 3}")
    assert len(done.record.change.diff.files) == 3


def test_a_rebase_without_another_change_asks_nobody(story: Story) -> None:
    story.review()
    other = story.world.commit(story.base, {"README.md": b"Somebody else's\n"})
    story.world.branch("main", other)
    story.head = story.world.commit(other, {path: text.encode() for path, text in PUSHES[0].files.items()})
    story.world.push(story.number, story.head)
    before = len(writes(story))
    assert "nothing changed since" in story.review().said
    assert len(writes(story)) == before


def test_a_review_in_which_nobody_answered_does_not_replace_one_that_stands(story: Story) -> None:
    story.review()
    summary = story.conversation.comments[0].body
    script = story.root / "down.json"
    failing = {lens: {"outcome": "fatal", "detail": "down"} for lens in ("architecture", "security", "assumptions")}
    script.write_text(json.dumps({"family": "ada", "answers": failing}))
    done = story.push(2).review(models=(f"scripted/{script}",))
    assert not done.report.complete
    assert story.conversation.comments[0].body == summary


def test_a_token_that_only_reads_still_gives_the_review(story: Story) -> None:
    reader = story.world.token("reader", "reviewbot[bot]", writes=False)
    done = story.review(token=reader)
    assert done.report.findings
    assert not done.posted
    assert any("nothing was posted" in note for note in done.notes)


def test_what_was_found_before_in_files_that_did_not_change_is_still_told(story: Story) -> None:
    policy = "comments: {max: 1}"
    story.review(policy=policy)
    done = story.push(2).review(policy=policy)
    titles = {finding.title for finding in done.report.findings}
    assert "A payment in another currency is booked as cents of ours" in titles
