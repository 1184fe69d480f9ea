"""What is told of a run that is judged otherwise today."""

from reviewbot.change import Change, Diff
from reviewbot.findings.model import Term
from reviewbot.record.moves import moves, moves_text
from reviewbot.record.run import Judgement, RunRecord
from reviewbot.settings import Budget

AGREED, QUOTED = Term(name="agreement", value=0.4), Term(name="quote", value=0.4)


def stood(name: str = "a", rank: int = 1, *terms: Term, placement: str = "inline", reason: str = "two") -> Judgement:
    return Judgement(
        id=name, rank=rank, title=name, probability=0.5, placement=placement, reason=reason, terms=terms or (AGREED,)
    )


def test_what_stands_as_it_did_is_not_told():
    assert moves((stood(), stood("b", 2)), (stood(), stood("b", 2))) == ()


def test_a_reason_that_weighs_otherwise_is_told_first_and_the_weightiest_of_them_first():
    now = stood("a", 2, Term(name="agreement", value=0.6), Term(name="challenge", value=-1.1))
    (move,) = moves((stood(),), (now,))
    assert move.why == ("challenge +0.00 -> -1.10", "agreement +0.40 -> +0.60")


def test_another_place_is_told_with_both_reasons():
    (move,) = moves((stood(),), (stood(placement="summary", reason="refuted by ada"),))
    assert move.why == ("was inline: two; is summary: refuted by ada",)


def test_a_problem_that_only_others_passed_says_so():
    was = (stood("a", 1), stood("b", 2))
    now = (stood("b", 1, QUOTED, AGREED), stood("a", 2))
    assert [(move.now.id, move.why) for move in moves(was, now) if move.now] == [
        ("b", ("quote +0.00 -> +0.40",)),
        ("a", ("others passed it",)),
    ]


def test_a_problem_under_another_name_is_told_on_both_sides():
    came, gone = moves((stood("a"),), (stood("b"),))
    assert (came.before, came.now and came.now.id) == (None, "b")
    assert (gone.before and gone.before.id, gone.now) == ("a", None)


def test_a_shift_of_half_a_hundredth_is_no_news():
    assert moves((stood(),), (stood("a", 1, Term(name="agreement", value=0.4049)),)) == ()


def recorded(*judged: Judgement) -> RunRecord:
    return RunRecord(
        id="1", version="0.0.9", started="2026-11-21T00:00:00+00:00", seconds=1.0, change=Change(diff=Diff(files=())),
        files=0, additions=0, deletions=0, prompts={}, reviews=(), not_covered=(), whole=True, budget=Budget(),
        judged=judged,
    )  # fmt: skip


def test_a_person_reads_what_moved_from_where_to_where_and_why():
    moved = moves((stood("a", 1), stood("x\x1b[31m", 2)), (stood("a", 2, QUOTED, AGREED),))
    assert moves_text(recorded(stood()), moved).splitlines() == [
        "2 problems moved since reviewbot 0.0.9 judged the run.",
        "",
        "1 (P 0.50) -> 2 (P 0.50)  a",
        "    quote +0.00 -> +0.40",
        "",
        "2 (P 0.50) -> not there  x<U+001B>[31m",
        "    its findings are now told under another one's name",
    ]


def test_nothing_that_moved_and_nothing_that_is_known_are_told_apart():
    assert moves_text(recorded(stood()), ()) == "All 1 problem stand where reviewbot 0.0.9 put them.\n"
    assert moves_text(recorded(), ()).startswith("Nothing was found when reviewbot 0.0.9 judged")
    assert "1 problem moved" in moves_text(recorded(), moves((), (stood(),)))
    assert "does not tell" in moves_text(recorded().model_copy(update={"judged": None}), ())
