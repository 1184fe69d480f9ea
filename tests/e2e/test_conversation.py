"""The same pull request reviewed again and again shows what a careful colleague would have said, once (THREATS G38)."""

from pathlib import Path

import pytest
from e2e.pushes import Story
from e2e.story import REMARKS

from reviewbot.doors.pull_request import Wish


@pytest.fixture
def story(tmp_path: Path) -> Story:
    return Story(tmp_path)


def titles(story: Story) -> list[str]:
    """The remarks that stand at lines, oldest first."""
    known = [str(remark["title"]) for remark in REMARKS]
    return [next(title for title in known if title in thread.remarks[0].body) for thread in story.threads]


def test_the_first_review_says_each_thing_once_and_sums_up(story: Story) -> None:
    done = story.review()
    assert done.posted
    assert titles(story) == [REMARKS[0]["title"], REMARKS[1]["title"]]
    assert len(story.conversation.comments) == 1
    assert REMARKS[0]["assumption"]["ask"] in story.conversation.comments[0].body


def test_the_same_head_again_sends_nothing(story: Story) -> None:
    story.review()
    before = len(story.world.writes)
    assert story.review().report.seats == ()
    assert len(story.world.writes) == before


def test_the_same_head_read_again_on_request_repeats_no_comment(story: Story) -> None:
    story.review()
    story.review(Wish(post=True, asked=True, whole=True))
    assert titles(story) == [REMARKS[0]["title"], REMARKS[1]["title"]]
    assert len(story.conversation.comments) == 1


def test_a_new_push_has_only_what_is_new_said(story: Story) -> None:
    story.review()
    done = story.step(2).review()
    assert titles(story)[2:] == [REMARKS[2]["title"]]
    assert [file.path for file in done.record.change.diff.files] == ["billing/refunds.py"]
    assert len(story.conversation.comments) == 1


def test_code_that_moves_takes_its_comment_along(story: Story) -> None:
    story.review()
    story.step(2).review()
    said = [thread.remarks for thread in story.threads]
    story.step(3).review()
    assert [thread.remarks for thread in story.threads] == said


def test_what_was_fixed_is_resolved_and_the_rest_stays_open(story: Story) -> None:
    for push in (1, 2, 3, 4):
        (story if push == 1 else story.step(push)).review()
    assert [thread.resolved for thread in story.threads] == [True, False, False]


def test_a_force_push_says_nothing_twice(story: Story) -> None:
    for push in (1, 2, 3, 4, 5):
        (story if push == 1 else story.step(push)).review()
    assert titles(story) == [remark["title"] for remark in REMARKS]
    assert len(story.conversation.comments) == 1
    assert story.world.forbidden == []


def test_thirty_findings_cost_at_most_six_writes(story: Story) -> None:
    story.review()
    assert len(story.world.writes) <= 6
