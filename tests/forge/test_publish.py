"""A report on its pull request: what is new is said once, what is done with is resolved, nothing is lost."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from forge.posting_scene import LINES, Scene, found, report
from hub.faults import drop, drop_after, fail, fail_after, first, lag
from hub.memory import MemoryForge
from hub.world import PERSON
from report.samples import seat

from reviewbot.errors import Doubtful, NoAccess
from reviewbot.forge.earlier import DISMISSED, RESOLVED, last_review, summaries
from reviewbot.forge.marks import MAX_BODY, Signer
from reviewbot.forge.posting import NOT_SHOWN
from reviewbot.forge.publish import OUTSIDE, UNVERIFIED, Published, publish
from reviewbot.report import NotCovered, ReportFinding

DOUBTS = {"502": fail(), "502 after": fail_after(), "drop": drop(), "drop after": drop_after(), "late": lag(4.0)}


@pytest.fixture
def scene(tmp_path: Path) -> Iterator[Scene]:
    scene = Scene(tmp_path)
    yield scene
    scene.check()


def placements(published: Published) -> list[str]:
    return [finding.placement for finding in published.report.findings]


def test_the_first_run_posts_one_review_pinned_to_the_head_and_one_summary(scene: Scene):
    published = scene.publish(found(3), found(7), found(9, placement="summary"))
    assert scene.writes == ["review", "comment"]
    assert scene.lines == [3, 7]
    assert scene.world.pulls[scene.number].reviews[0].commit_id == scene.head
    assert published.outcome == "posted"
    assert published.posted == (found(3).id, found(7).id)
    assert set(published.standing.comments) == set(published.posted)
    assert "Finding on line 9" in scene.summary
    assert published.summary_url == scene.conversation.comments[0].url


def test_the_same_again_writes_nothing(scene: Scene):
    once = scene.publish(found(3), found(9, placement="summary"))
    before = len(scene.world.writes)
    again = scene.publish(found(3), found(9, placement="summary"))
    assert len(scene.world.writes) == before
    assert (again.outcome, again.posted, again.summary_url) == ("unchanged", (), once.summary_url)


def test_a_clean_review_is_a_summary_that_says_so(scene: Scene):
    published = scene.publish()
    assert scene.writes == ["comment"]
    assert published.review_urls == ()
    assert "othing" in scene.summary


def test_thirty_findings_take_two_writes(scene: Scene):
    scene.publish(*map(found, range(1, 31)))
    assert scene.writes == ["review", "comment"]
    assert scene.lines == list(range(1, 31))


def test_nothing_is_read_before_everything_an_earlier_process_sent_is_listed(scene: Scene):
    desk = scene.desk()
    publish(desk, report(), diff=scene.diff)
    assert scene.world.clock.now() >= desk.started + desk.settle


def test_a_process_that_is_older_than_that_does_not_wait(scene: Scene):
    desk, diff = scene.desk(), scene.diff
    scene.world.clock.sleep(60)
    before = scene.world.clock.now()
    publish(desk, report(), diff=diff)
    assert scene.world.clock.now() == before


def test_a_finding_outside_the_diff_is_told_in_the_summary(scene: Scene):
    published = scene.publish(found(3), found(4, line=400, start_line=400))
    assert scene.lines == [3]
    assert placements(published) == ["inline", "summary"]
    assert published.report.findings[1].reason == OUTSIDE
    assert "Finding on line 4" in scene.summary


def test_a_comment_that_github_took_and_does_not_show_is_told_in_the_summary(scene: Scene):
    scene.world.faults.add("POST", "/reviews$", lag(3_600))
    published = scene.publish(found(3))
    assert published.posted == ()
    assert (placements(published), published.report.findings[0].reason) == (["summary"], NOT_SHOWN)
    assert "Finding on line 3" in scene.summary


def test_a_comment_that_is_listed_late_is_found(scene: Scene):
    scene.world.list_lag = 3.0
    published = scene.publish(found(3))
    assert (placements(published), published.posted) == (["inline"], (found(3).id,))


@pytest.mark.parametrize(("nth", "written"), [(1, []), (2, ["review"])], ids=["review", "summary"])
def test_a_head_that_moved_before_a_write_stops_it_and_all_others(scene: Scene, nth: int, written: list[str]):
    desk, diff, seen = scene.desk(), scene.diff, scene.head
    scene.world.faults.add("GET", f"pulls/{scene.number}$", first(lambda _: scene.push(LINES[:40])), nth=nth)
    published = publish(desk, report(found(3)), diff=diff)
    assert scene.writes == written
    assert {review.commit_id for review in scene.world.pulls[scene.number].reviews} <= {seen}
    assert (published.outcome, published.summary_url) == ("superseded", None)


def test_what_was_posted_before_the_head_moved_is_told(scene: Scene):
    desk, diff = scene.desk(), scene.diff
    scene.world.refuse_next = (3,)
    before_the_second_part = first(lambda _: scene.push([*LINES, "value_61 = compute(61)"]))
    scene.world.faults.add("GET", f"pulls/{scene.number}$", before_the_second_part, nth=4)
    published = publish(desk, report(*map(found, (3, 7, 9, 11))), diff=diff)
    assert (published.outcome, scene.writes) == ("superseded", ["review"])
    assert published.posted == (found(3).id, found(7).id)


def test_a_push_between_the_last_look_and_the_post_leaves_the_review_at_the_commit_it_read(scene: Scene):
    seen = scene.head
    scene.world.faults.add("POST", "/reviews$", first(lambda _: scene.push([*LINES, "more = True"])))
    published = scene.publish(found(3))
    assert [review.commit_id for review in scene.world.pulls[scene.number].reviews] == [seen]
    assert (published.outcome, scene.writes) == ("superseded", ["review"])


def test_a_commit_that_was_forced_away_is_not_tried_again(scene: Scene):
    scene.world.faults.add("POST", "/reviews$", first(lambda _: scene.push(LINES[:40], forced=True)))
    published = scene.publish(found(3))
    assert (published.outcome, scene.review_calls, scene.writes) == ("superseded", 1, [])


def test_another_base_branch_stops_the_review(scene: Scene):
    scene.world.branch("next", scene.base)
    desk = scene.desk()
    scene.world.retarget(scene.number, "next")
    assert publish(desk, report(found(3)), diff=scene.diff).outcome == "superseded"
    assert scene.writes == []


def test_other_work_on_the_base_branch_does_not_stop_the_review(scene: Scene):
    desk = scene.desk()
    scene.world.branch("main", scene.world.commit(scene.base, {"other.py": b"other\n"}))
    assert publish(desk, report(found(3)), diff=scene.diff).outcome == "posted"


def test_code_that_moves_gets_no_new_comment(scene: Scene):
    scene.publish(found(3))
    scene.push([*(f"# moved down {number}" for number in range(40)), *LINES])
    published = scene.publish(found(3, line=43, start_line=43))
    assert scene.writes == ["review", "comment", "edit"]
    assert scene.lines == [43]
    assert list(published.standing.comments) == [found(3).id]


def test_another_spokesman_for_the_same_lines_is_not_posted_again(scene: Scene):
    scene.publish(found(3))
    other = found(4, 99, start_line=3, quote="\n".join(LINES[2:4]), title="In other words")
    published = scene.publish(other)
    assert scene.lines == [3]
    assert published.standing.comments == {other.id: scene.conversation.threads[0].remarks[0].url}


def test_only_what_is_new_is_posted_on_the_next_push(scene: Scene):
    scene.publish(found(3))
    published = scene.push([*LINES, "value_61 = compute(61)"]).publish(found(3), found(7))
    assert published.posted == (found(7).id,)
    assert scene.lines == [3, 7]
    assert len(scene.conversation.comments) == 1


def answer(scene: Scene) -> None:
    person = MemoryForge(scene.world, token=PERSON)
    person.reply(scene.number, scene.conversation.threads[0].remarks[0].id, "As designed.")


def append(scene: Scene) -> None:
    remark = scene.conversation.threads[0].remarks[0]
    scene.world.edit(remark.id, "ada", f"{remark.body}\n\nEdit: see ticket 7")


PEOPLE = {
    "reply": answer,
    "thumbs down": lambda scene: scene.world.react(scene.conversation.threads[0].remarks[0].id, "ada", "-1"),
    "edit": append,
}


@pytest.mark.parametrize("react", PEOPLE.values(), ids=PEOPLE)
def test_what_somebody_answered_is_neither_posted_again_nor_settled_nor_closed(scene: Scene, react):
    scene.publish(found(3))
    react(scene)
    published = scene.push([*LINES, "value_61 = compute(61)"]).publish(found(3))
    assert (published.posted, published.standing.quiet) == ((), {})
    assert list(published.standing.comments) == [found(3).id]
    assert "Nothing new" not in scene.summary
    published = scene.push(LINES[10:]).publish()
    assert [thread.resolved for thread in scene.conversation.threads] == [False]
    assert len(published.standing.open_before) == 1


def test_what_people_resolved_is_not_posted_again_and_the_reason_is_told(scene: Scene):
    scene.publish(found(3))
    scene.forge.resolve(scene.conversation.threads[0].id)
    published = scene.push([*LINES, "value_61 = compute(61)"]).publish(found(3))
    assert published.posted == ()
    assert published.standing.quiet == {found(3).id: RESOLVED}
    assert len(scene.conversation.threads) == 1


def test_with_other_keys_nothing_is_posted_twice_and_all_is_told_in_the_summary(scene: Scene):
    scene.publish(found(3), found(7))
    scene.push([*LINES[:2], *LINES[3:]])
    keys = Signer((b"another key",), scene.desk().signer.scope)
    for _ in range(2):
        desk = scene.desk()._replace(signer=keys)
        published = publish(desk, report(found(7, line=6, start_line=6)), diff=scene.diff)
        assert placements(published) == ["summary"]
        assert published.report.findings[0].reason == UNVERIFIED
        assert (published.standing.comments, published.standing.open_before) == ({}, {})
    assert len(scene.conversation.threads) == 2
    assert not any(thread.resolved for thread in scene.conversation.threads)
    assert len(scene.conversation.comments) == 2


SAVE = "    user.save(force_insert=True)"
ONE_COPY = ["def a(user):", "    pass", "", "", "def b(user):", SAVE]
TWO_COPIES = ["def a(user):", SAVE, "", "", "def b(user):", SAVE]


def copy(line: int, rank: int, title: str) -> ReportFinding:
    return found(1, rank, line=line, start_line=line, quote=SAVE, title=title)


def test_a_second_copy_of_the_same_line_is_posted_and_the_first_not_again(scene: Scene):
    """Ids count copies from the top: what was the first is the second now, and has another id."""
    scene.push(ONE_COPY).publish(copy(6, 1, "In b"))
    published = scene.push(TWO_COPIES).publish(copy(2, 1, "In a"), copy(6, 2, "In b"))
    assert published.posted == (copy(2, 1, "").id,)
    titles = {thread.line: thread.remarks[0].body.split("\n")[0] for thread in scene.conversation.threads}
    assert titles == {2: "**High: In a**", 6: "**High: In b**"}


def test_a_copy_whose_neighbour_was_resolved_is_not_silenced(scene: Scene):
    scene.push(TWO_COPIES).publish(copy(2, 1, "In a"), copy(6, 2, "In b"))
    (in_a,) = (thread for thread in scene.conversation.threads if thread.line == 2)
    scene.forge.resolve(in_a.id)
    published = scene.push(ONE_COPY).publish(copy(6, 1, "In b"))
    assert (published.posted, published.standing.quiet) == ((), {})
    assert len(published.standing.comments) == 1


def test_a_finding_that_only_shares_a_line_with_an_earlier_one_is_posted(scene: Scene):
    guard = ["    except Exception:", "        return None"]
    load = ["def load(path):", "    try:", "        return json.load(open(path))", *guard, "", ""]
    charge = ["def charge(card, cents):", "    try:", "        ledger.book(card, cents)", *guard]
    harmless = found(1, 1, start_line=4, line=5, quote="\n".join(guard), title="Unreadable settings count as empty")
    scene.push(load).publish(harmless)
    answer(scene)
    worse = found(1, 2, start_line=10, line=12, quote="\n".join(charge[2:]), title="A charged card is never booked")
    published = scene.push(load + charge).publish(harmless, worse)
    assert published.posted == (worse.id,)
    assert len(set(published.standing.comments.values())) == 2


def test_the_threads_of_a_file_that_was_taken_out_are_closed_without_asking_anybody(scene: Scene):
    scene.publish(found(3))
    published = scene.push(["other = code(1)"], path="other.py").publish(seats=())
    assert published.resolved == 1
    assert [thread.resolved for thread in scene.conversation.threads] == [True]


@pytest.mark.parametrize("words", [3, 99], ids=["its id", "other words"])
def test_what_a_person_dismissed_is_not_said_again(scene: Scene, words: int):
    scene.publish(found(3, placement="summary"))
    dismiss(scene, found(3).id)
    published = scene.publish(found(3, words, title="In other words"))
    assert list(published.standing.quiet.values()) == [DISMISSED]
    assert (scene.lines, placements(published)) == ([], ["withheld"])


def dismiss(scene: Scene, id_: str) -> None:
    """As the command does it: the ids are remembered in the summary's mark."""
    desk = scene.desk()
    last = summaries(scene.conversation, desk.signer)[-1]
    mark = last.mark.model_copy(update={"dismissed": (id_,)})
    desk.forge.edit_comment(last.remark.id, desk.signer.sign(mark, last.signed.text))


def test_what_was_dismissed_stays_so_over_the_next_runs(scene: Scene):
    scene.publish(found(3, placement="summary"))
    dismiss(scene, found(3).id)
    scene.publish()
    scene.push([*LINES, "value_61 = compute(61)"]).publish()
    assert scene.publish(found(3)).standing.quiet == {found(3).id: DISMISSED}


def test_a_thread_whose_code_changed_is_resolved_and_told(scene: Scene):
    scene.publish(found(3), found(7))
    published = scene.push([*LINES[:2], "value_03 = computed(safely=3)", *LINES[3:]]).publish(found(7))
    assert published.resolved == published.standing.resolved == 1
    assert [thread.resolved for thread in scene.conversation.threads] == [True, False]
    before = len(scene.world.writes)
    assert scene.publish(found(7)).outcome == "unchanged"
    assert len(scene.world.writes) == before


def test_a_comment_that_is_still_open_and_was_not_raised_again_is_told(scene: Scene):
    scene.publish(found(3))
    published = scene.push([*LINES, "value_61 = compute(61)"]).publish()
    url = scene.conversation.threads[0].remarks[0].url
    assert published.standing.open_before == {url: "Finding on line 3"}
    assert not scene.conversation.threads[0].resolved


@pytest.mark.parametrize("fault", DOUBTS.values(), ids=DOUBTS)
def test_a_doubt_about_resolving_is_no_harm(scene: Scene, fault: object):
    scene.publish(found(3))
    scene.push([*LINES[:2], *LINES[3:]])
    scene.world.faults.add("POST", "resolveReviewThread", fault)
    assert scene.publish().outcome == "posted"
    scene.publish()
    assert [thread.resolved for thread in scene.conversation.threads] == [True]


def refused(_world: object, _carry_out: object) -> None:
    raise NoAccess("GitHub", "403", "give it more")


def test_a_token_that_may_not_resolve_folds_its_comments_away(scene: Scene):
    scene.publish(found(3), found(7))
    scene.push(LINES[10:])
    scene.world.faults.add("POST", "resolveReviewThread", refused, times=2)
    published = scene.publish(found(20))
    assert (published.resolved, len(published.standing.open_before)) == (2, 0)
    assert [thread.resolved for thread in scene.conversation.threads] == [True, True, False]


def test_a_token_that_may_do_neither_still_publishes(scene: Scene):
    scene.publish(found(3), found(7))
    scene.push(LINES[10:])
    scene.world.faults.add("POST", "resolveReviewThread|minimizeComment", refused, times=2)
    published = scene.publish(found(20))
    assert (published.resolved, published.outcome) == (0, "posted")
    assert len(published.standing.open_before) == 2


@pytest.mark.parametrize("fault", DOUBTS.values(), ids=DOUBTS)
@pytest.mark.parametrize("path", ["/reviews$", r"issues/\d+/comments$"])
def test_a_doubtful_write_is_done_exactly_once(scene: Scene, fault: object, path: str):
    scene.world.faults.add("POST", path, fault)
    published = scene.publish(found(3), found(7))
    scene.world.clock.sleep(60)
    assert sorted(scene.writes) == ["comment", "review"]
    assert scene.lines == [3, 7]
    assert len(scene.conversation.comments) == 1
    assert published.posted == (found(3).id, found(7).id)


def test_without_any_answer_the_findings_are_told_in_the_summary(scene: Scene):
    scene.world.faults.add("POST", "/reviews$", fail(), times=float("inf"))
    published = scene.publish(found(3), found(7))
    assert placements(published) == ["summary", "summary"]
    assert "Finding on line 3" in scene.summary
    assert scene.review_calls <= 3


def test_a_run_that_died_between_review_and_summary_is_completed_by_the_next(scene: Scene):
    scene.world.faults.add("POST", "issues/", fail(), times=3)
    with pytest.raises(Doubtful):
        scene.publish(found(3))
    published = scene.publish(found(3))
    assert scene.writes == ["review", "comment"]
    assert (published.posted, published.outcome) == ((), "posted")


def test_a_summary_that_a_person_edited_is_left_alone_and_another_is_made(scene: Scene):
    scene.publish(found(3))
    theirs = scene.conversation.comments[0]
    scene.world.edit(theirs.id, "ada", theirs.body.replace("Finding", "My finding").replace("###", "### Mine:"))
    edited = scene.conversation.comments[0].body
    for _ in range(2):
        scene.publish(found(3))
    assert scene.conversation.comments[0].body == edited
    assert len(scene.conversation.comments) == 2


def test_a_copied_marker_of_somebody_else_counts_for_nothing(scene: Scene):
    scene.publish(found(3), setup_of_reader := found(9, placement="summary"))
    copied, signer = scene.summary, scene.desk().signer
    other = Scene(scene.world.store.path.parent / "other")
    other.world.say(other.number, "ada", copied)
    assert last_review(other.conversation, signer) is None
    other.publish(found(3), setup_of_reader)
    assert other.writes == ["review", "comment"]


def test_the_summary_remembers_the_review_for_the_next_run(scene: Scene):
    published = scene.publish(found(3), found(9, placement="summary"))
    mark = last_review(scene.conversation, scene.desk().signer)
    assert mark is not None
    assert (mark.key, mark.head, mark.base, mark.setup) == (scene.desk().key, scene.head, scene.base, "the policy")
    assert mark.complete
    assert mark.carried == published.report.findings


def test_thousands_of_findings_fit_and_the_next_run_reads_everything_again(scene: Scene):
    published = scene.publish(*(found(1 + n % 60, 1 + n, placement="summary") for n in range(2_000)))
    assert len(scene.summary) <= MAX_BODY
    mark = last_review(scene.conversation, scene.desk().signer)
    assert published.outcome == "posted"
    assert mark is not None
    assert (mark.complete, mark.carries, mark.carried) == (True, False, ())


def test_the_summary_remembers_what_was_not_covered(scene: Scene):
    paths = ("vendor/b.js", "vendor/a.js", "vendor/b.js")
    scene.publish(not_covered=tuple(NotCovered(path=path, lines=1, why="ignored") for path in paths))
    mark = last_review(scene.conversation, scene.desk().signer)
    assert mark is not None
    assert (mark.complete, mark.carries, mark.unread) == (True, True, ("vendor/a.js", "vendor/b.js"))


def test_a_failed_seat_makes_the_review_incomplete(scene: Scene):
    scene.publish(found(3), seats=(seat(state="unavailable", detail="gone"),))
    mark = last_review(scene.conversation, scene.desk().signer)
    assert mark is not None
    assert not mark.complete


def test_suggestions_are_offered_only_where_the_policy_turns_them_on(scene: Scene):
    fix = "```\nvalue_03 = compute(33)\n```"
    scene.publish(found(3, fix=fix))
    scene.push([*LINES, "value_61 = compute(61)"])
    scene.publish(found(7, fix=fix.replace("03", "07")), suggestions=True)
    offered = ["```suggestion" in thread.remarks[0].body for thread in scene.conversation.threads]
    assert offered == [False, True]


def test_every_finding_is_told_somewhere(scene: Scene):
    scene.world.refuse_next = (1, 4)
    findings = [*map(found, range(1, 9)), found(9, line=None, start_line=None), found(10, placement="summary")]
    published = scene.publish(*findings)
    inline = {f.id for f in published.report.findings if f.placement == "inline"}
    assert inline == set(published.posted) == set(published.standing.comments)
    assert len(published.report.findings) == len(findings)
    assert placements(published).count("summary") == 4


def test_what_two_runs_said_at_the_same_moment_is_folded_to_one(scene: Scene):
    """A command beside a push: both look before either has posted."""
    scene.world.faults.add("POST", "/reviews$", first(lambda _world: scene.publish(found(3), found(7))))
    scene.publish(found(3), found(7))
    assert sorted((thread.line, thread.resolved) for thread in scene.conversation.threads) == [
        (3, False), (3, True), (7, False), (7, True),
    ]  # fmt: skip
    assert scene.publish(found(3), found(7)).outcome == "unchanged"
