"""One pull request, from its number to its comments: what is read, what is left alone, and what is said about it."""

import asyncio
import json
from collections.abc import Mapping
from pathlib import Path

import pytest
from e2e.pushes import Pushes, Story, draft, unwatched
from hub.faults import answer, drop, fail, first
from hub.memory import MemoryForge
from hub.rejection import forbidden
from pydantic import SecretStr

from reviewbot.doors.pull_request import Wish, review_pull
from reviewbot.doors.session import Session
from reviewbot.errors import BadSettings, Unreachable
from reviewbot.forge.model import Pull
from reviewbot.settings import Operator


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
    story.step(2)
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
    assert "the policy asks for no review of pushes" in story.step(2).review(policy=policy).said
    assert len(writes(story)) == before


def test_every_push_is_read_whole_where_the_policy_says_so(story: Story) -> None:
    policy = "triggers: {pushes: all}"
    story.review(policy=policy)
    done = story.step(2).review(policy=policy)
    assert len(done.record.change.diff.files) == 3
    assert len(story.threads) == 3


def test_another_policy_has_everything_read_again(story: Story) -> None:
    story.review()
    done = story.step(2).review(policy="comments: {max: 3}")
    assert len(done.record.change.diff.files) == 3


def test_a_review_in_which_nobody_answered_does_not_replace_one_that_stands(story: Story) -> None:
    story.review()
    summary = story.conversation.comments[0].body
    script = story.root / "down.json"
    failing = {lens: {"outcome": "fatal", "detail": "down"} for lens in ("architecture", "security", "assumptions")}
    script.write_text(json.dumps({"family": "ada", "answers": failing}))
    done = story.step(2).review(models=(f"scripted/{script}",))
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
    done = story.step(2).review(policy=policy)
    titles = {finding.title for finding in done.report.findings}
    assert "A payment in another currency is booked as cents of ours" in titles


A = "def pay(user):\n    charge(user, amount_of(user))\n    log(user.card_number_in_full)\n"
B = "def refund(order):\n    gateway.refund(order.payment)\n"
CHARGE, LOGGED = "    charge(user, amount_of(user))", "    log(user.card_number_in_full)"


def pushes(tmp_path: Path, head: Mapping[str, str], base: Mapping[str, str] | None = None) -> Pushes:
    return Pushes(tmp_path, base or {"README": "x\n"}, head)


def test_a_file_left_out_before_is_not_taken_for_reviewed(tmp_path: Path) -> None:
    policy = "ignore: ['vendor/**']\ncheck: success\n"
    pull = pushes(tmp_path, {"a.py": A, "vendor/v.py": "v = 1\n" * 500})
    pull.hear(policy=policy)
    pull.push({"a.py": A + "y = 2\n"})
    done = pull.hear(policy=policy)
    assert [gap.path for gap in done.report.not_covered] == ["vendor/v.py"]
    assert done.standing.unchanged == ()
    assert {conclusion for _, _, conclusion in pull.checks} == {"neutral"}


def test_a_file_that_was_taken_out_takes_its_findings_along(tmp_path: Path) -> None:
    pull = pushes(tmp_path, {"a.py": A, "b.py": B})
    pull.hear(draft("A is bad", "a.py", CHARGE, 2))
    done = pull.push({"a.py": None}).hear()
    assert done.report.findings == ()
    assert [thread.resolved for thread in pull.threads] == [True]
    assert "A is bad" not in pull.conversation.comments[0].body


def test_a_rebase_has_a_check_of_its_own_and_repeats_nothing(tmp_path: Path) -> None:
    pull = pushes(tmp_path, {"a.py": A})
    pull.hear(draft("A is bad", "a.py", CHARGE, 2))
    before = pull.writes.count("review"), pull.writes.count("comment")
    done = pull.push({"a.py": A}, pull.move_main({"README": "y\n"})).hear()
    assert "nothing changed since" in done.said
    assert [finding.title for finding in done.report.findings] == ["A is bad"]
    assert (pull.writes.count("review"), pull.writes.count("comment")) == before
    assert [(head == pull.head, status) for head, status, _ in pull.checks] == [
        (False, "completed"),
        (True, "completed"),
    ]


def test_a_review_that_stands_still_gives_its_findings_so_that_a_gate_holds(tmp_path: Path) -> None:
    pull = pushes(tmp_path, {"a.py": A})
    pull.hear(draft("A is bad", "a.py", CHARGE, 2))
    done = pull.hear()
    assert "was reviewed before" in done.said
    assert [(finding.title, finding.severity) for finding in done.report.findings] == [("A is bad", "high")]
    assert done.report.complete


def test_a_review_through_other_lenses_does_not_stand_for_this_one(tmp_path: Path) -> None:
    pull = pushes(tmp_path, {"a.py": A})
    pull.hear(lenses=("security",))
    assert pull.hear(draft("A is bad", "a.py", CHARGE, 2)).report.findings
    assert len(pull.threads) == 1


def test_a_check_that_a_killed_run_left_open_is_closed_by_the_next(tmp_path: Path) -> None:
    pull = pushes(tmp_path, {"a.py": A})
    pull.world.faults.add("PATCH", "check-runs", drop(), times=float("inf"))
    pull.hear(draft("A is bad", "a.py", CHARGE, 2))
    assert [status for _, status, _ in pull.checks] == ["in_progress"]
    pull.world.faults.clear()
    pull.hear()
    assert [status for _, status, _ in pull.checks] == ["completed"]


def test_an_earlier_finding_is_told_where_its_code_stands_now(tmp_path: Path) -> None:
    lines = "".join(f"l{n} = {n}\n" for n in range(1, 61))
    head = lines.replace("l50 = 50\n", "l50 = broken_here(50)\n")
    pull = pushes(tmp_path, {"a.py": head}, {"a.py": lines})
    pull.hear(draft("Line fifty", "a.py", "l50 = broken_here(50)", 50))
    top = "".join(f"# header {n}\n" for n in range(30))
    done = pull.push({"a.py": top + head, "b.py": B}, pull.move_main({"a.py": top + lines})).hear()
    assert [(finding.start_line, finding.line) for finding in done.report.findings] == [(80, 80)]


def test_a_paid_review_survives_a_forge_that_takes_no_summary(tmp_path: Path) -> None:
    pull = pushes(tmp_path, {"a.py": A})
    pull.world.faults.add("POST", r"issues/\d+/comments$", fail(), times=float("inf"))
    done = pull.hear(draft("A is bad", "a.py", CHARGE, 2))
    assert "could not be posted in full" in done.failure
    assert [finding.title for finding in done.report.findings] == ["A is bad"]
    assert done.record is not None
    assert pull.checks[0][1:] == ("completed", "neutral")


def test_a_summary_that_is_refused_beside_posted_comments_is_a_failure_and_no_token_that_only_reads(
    tmp_path: Path,
) -> None:
    """As on a pull request that was locked meanwhile."""
    pull = pushes(tmp_path, {"a.py": A})
    pull.world.faults.add("POST", r"issues/\d+/comments$", answer(forbidden()), times=float("inf"))
    done = pull.hear(draft("A is bad", "a.py", CHARGE, 2))
    assert "could not be posted in full" in done.failure
    assert [finding.placement for finding in done.report.findings] == ["inline"]
    assert len(pull.threads) == 1


def test_where_nothing_could_be_posted_nothing_is_said_to_stand_at_its_line(tmp_path: Path) -> None:
    pull = pushes(tmp_path, {"a.py": A})
    reader = pull.world.token("reader", "reviewbot[bot]", writes=False)
    done = pull.hear(draft("A is bad", "a.py", CHARGE, 2), token=reader)
    assert [finding.placement for finding in done.report.findings] == ["summary"]
    assert done.failure == ""


def test_a_head_that_github_does_not_show_is_said_and_not_passed_over(tmp_path: Path) -> None:
    pull = pushes(tmp_path, {"a.py": A})
    newer = pull.world.commit(pull.head, {"b.py": b"q = 1\n"})
    pull.world.push(pull.number, newer, seen_after=60.0)
    with pytest.raises(Unreachable, match=f"the commit {newer[:8]} is not shown yet"):
        pull.hear(wish=Wish(post=True, head=newer))
    assert pull.hear(wish=Wish(post=True, head=newer)).posted


def test_whoever_opens_the_door_is_asked_before_anything_is_read(story: Story) -> None:
    def refuse(pull: Pull) -> None:
        raise BadSettings(str(pull.address), "is checked out here", "do not")

    forge = MemoryForge(story.world)
    session = Session(forge, (b"key",), "", story.world.clock.now(), story.world.clock, admit=refuse)
    with pytest.raises(BadSettings):
        asyncio.run(review_pull(session, story.number, Operator(models=("rules/builtin",)), Wish(), unwatched))
    assert [request.path for request in story.world.requests] == [f"/repos/octo/shop/pulls/{story.number}"]


def test_a_policy_that_does_not_hold_is_said_on_the_pull_request(tmp_path: Path) -> None:
    pull = pushes(tmp_path, {"a.py": A}, {"README": "x\n", ".reviewbot.yml": "lenzes: []\n"})
    assert pull.hear(draft("A is bad", "a.py", CHARGE, 2)).posted
    assert "lenzes is not a key" in pull.conversation.comments[0].body


def test_a_service_says_in_a_grey_check_why_a_stranger_has_to_wait(tmp_path: Path) -> None:
    pull = pushes(tmp_path, {"a.py": A})
    pull.world.pulls[pull.number].head_repository = None
    pull.world.pulls[pull.number].association = "FIRST_TIMER"
    costly = Wish(post=True, costly=True)
    done = pull.hear(draft("A is bad", "a.py", CHARGE, 2), wish=costly, keys={"openai": SecretStr("sk-1")})
    assert "it comes from a fork of somebody new here" in done.said
    assert [(status, conclusion) for _, status, conclusion in pull.checks] == [("completed", "skipped")]
    assert pull.hear(draft("A is bad", "a.py", CHARGE, 2), wish=costly._replace(asked=True)).posted


def test_one_that_is_left_alone_is_told_so_once_a_head_and_never_after_a_review(tmp_path: Path) -> None:
    pull = pushes(tmp_path, {"a.py": A})
    costly = Wish(post=True, costly=True)
    pull.world.pulls[pull.number].draft = True
    for _ in range(3):
        assert pull.hear(wish=costly).report is None
    assert [conclusion for _, _, conclusion in pull.checks] == ["skipped"]
    pull.push({"a.py": A + "more()\n"}).hear(wish=costly._replace(asked=True))
    pull.hear(wish=costly)
    assert [conclusion for _, _, conclusion in pull.checks] == ["skipped", "neutral"]


def test_it_says_whether_its_check_run_has_ended(tmp_path: Path) -> None:
    pull = pushes(tmp_path, {"a.py": A})
    pull.world.faults.add("PATCH", "check-runs", drop(), times=float("inf"))
    assert not pull.hear().check_closed
    pull.world.faults.clear()
    assert pull.hear().check_closed
