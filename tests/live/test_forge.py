"""A real GitHub, by a person with a scratch pull request: `REVIEWBOT_LIVE_PULL=OWNER/REPO#N pytest -m live`.

Asks what `contract/test_forge` and `contract/test_forge_posts` ask our fake, as far as a real repository can be asked:
so that a rule of GitHub that changed is met here and not by a user. The pull request adds at least one line; it is
commented on. GITHUB_TOKEN, and the addresses of an Enterprise Server, are read as `reviewbot pr` reads them. The check
run needs the token of an App, such as the one of an Actions run.
"""

import os
import time
from typing import NamedTuple

import pytest

from reviewbot.change import parse_diff
from reviewbot.errors import NoAccess, Refused
from reviewbot.forge.access import access_from, parse_address
from reviewbot.forge.github import connect
from reviewbot.forge.model import Annotation, Check, NewComment, NewReview, Thread
from reviewbot.forge.port import Forge

pytestmark = pytest.mark.live
LAG = 5.0
"""Seconds until GitHub lists what it made."""


class Scratch(NamedTuple):
    forge: Forge
    number: int
    head: str
    path: str
    line: int
    """An added line of the head."""

    def review(self, line: int, body: str) -> NewReview:
        comment = NewComment(path=self.path, body=body, line=line, side="RIGHT")
        return NewReview(commit=self.head, body="A test of reviewbot.", comments=(comment,))

    def threads(self) -> tuple[Thread, ...]:
        time.sleep(LAG)
        return self.forge.conversation(self.number).threads


@pytest.fixture(scope="module")
def scratch() -> Scratch:
    named = os.environ.get("REVIEWBOT_LIVE_PULL")
    if not named:
        pytest.skip("no scratch pull request: set REVIEWBOT_LIVE_PULL=OWNER/REPO#N")
    server, address = parse_address(named)
    forge = connect(address.repository, access_from(os.environ, server))
    added = [
        (file.path, line.new)
        for file in parse_diff(forge.diff(address.number)).files
        for hunk in file.hunks
        for line in hunk.lines
        if line.kind == "+" and line.new is not None
    ]
    path, line = added[0]
    return Scratch(forge, address.number, forge.pull(address.number).head_sha, path, line)


def test_the_counts_the_files_and_the_diff_agree(scratch: Scratch) -> None:
    pull, files = scratch.forge.pull(scratch.number), scratch.forge.files(scratch.number, page_size=3)
    diff = parse_diff(scratch.forge.diff(scratch.number))
    assert pull.changed_files == len(files) == len(diff.files)
    assert (pull.additions, pull.deletions) == (diff.additions, diff.deletions)
    base = scratch.forge.merge_base(pull.base_sha, pull.head_sha)
    assert scratch.forge.compare(base, pull.head_sha) == scratch.forge.diff(scratch.number)


def test_a_line_outside_the_diff_refuses_the_review(scratch: Scratch) -> None:
    with pytest.raises(Refused) as refused:
        scratch.forge.post_review(scratch.number, scratch.review(10_000_000, "Nowhere."))
    assert refused.value.reason == "anchor"


def test_a_commit_of_another_history_refuses_the_review(scratch: Scratch) -> None:
    review = scratch.review(scratch.line, "Stale.").model_copy(update={"commit": "0" * 40})
    with pytest.raises(Refused):
        scratch.forge.post_review(scratch.number, review)


def test_a_body_that_is_too_long_is_refused(scratch: Scratch) -> None:
    with pytest.raises(Refused) as refused:
        scratch.forge.post_comment(scratch.number, "x" * 65_537)
    assert refused.value.reason == "too_long"


def test_a_review_is_ours_and_its_thread_is_answered_and_resolved(scratch: Scratch) -> None:
    said = f"A test of reviewbot at {time.time():.0f}."
    scratch.forge.post_review(scratch.number, scratch.review(scratch.line, said))
    (thread,) = [thread for thread in scratch.threads() if thread.remarks[0].body == said]
    assert (thread.path, thread.line, thread.remarks[0].ours) == (scratch.path, scratch.line, True)
    scratch.forge.reply(scratch.number, thread.remarks[0].id, "An answer.")
    scratch.forge.resolve(thread.id)
    (thread,) = [thread for thread in scratch.threads() if thread.remarks[0].body == said]
    assert thread.resolved
    assert [remark.body for remark in thread.remarks] == [said, "An answer."]


def test_a_comment_is_edited_and_reacted_to(scratch: Scratch) -> None:
    posted = scratch.forge.post_comment(scratch.number, "First.")
    assert scratch.forge.edit_comment(posted.id, "Second.").id == posted.id
    scratch.forge.react(posted.id, "+1")
    scratch.threads()
    comment = next(one for one in scratch.forge.conversation(scratch.number).comments if one.id == posted.id)
    assert (comment.body, comment.ours, comment.up) == ("Second.", True, 1)


def test_annotations_of_a_check_are_added_and_not_doubled(scratch: Scratch) -> None:
    notes = tuple(
        Annotation(path=scratch.path, start_line=1, end_line=1, level="notice", title=f"Note {n}", message="Look.")
        for n in range(70)
    )
    external_id = f"test-{time.time():.0f}"
    check = Check(head_sha=scratch.head, external_id=external_id, title="A test", summary="Of reviewbot.")
    try:
        check_id = scratch.forge.put_check(check.model_copy(update={"annotations": notes[:60]}), None)
    except NoAccess:
        pytest.skip("this token is of no App: only Apps make check runs")
    time.sleep(LAG)
    assert scratch.forge.find_check(scratch.head, external_id) == check_id
    ended = check.model_copy(update={"annotations": notes, "conclusion": "neutral"})
    assert scratch.forge.put_check(ended, check_id) == check_id


def test_only_a_known_writer_may_write(scratch: Scratch) -> None:
    assert not scratch.forge.may_write("ghost")
