"""What is made of a judged suite."""

from collections.abc import Sequence

from reviewbot.evals.model import CaseResult, EvalResult, Golden, Judge, JudgedFinding, SeatResult
from reviewbot.evals.results import metrics, tally_case

ONE, TWO = "one/model", "two/model"


def golden(lens: str | None = "security", severity: str = "high") -> Golden:
    return Golden(message="It leaks", severity=severity, lens=lens)


def finding(label: str, *told: int, placement: str = "inline", voices: Sequence[tuple[str, str]] = ()) -> JudgedFinding:
    return JudgedFinding(
        id="f", rank=1, title="", path="a.py", line=1, lens="security", category="other", severity="high",
        probability=0.5, placement=placement, voices=tuple(voices) or ((ONE, "security"),), label=label, golden=told,
    )  # fmt: skip


def seat(member: str, lens: str, state: str = "ok", usd: float | None = 0.01) -> SeatResult:
    return SeatResult(member=member, family=member[:3], lens=lens, state=state, findings=0, usd=usd, seconds=1)


SEATS = (seat(ONE, "security"), seat(ONE, "architecture"), seat(TWO, "security"))
FOUND = CaseResult(
    id="a",
    golden=(golden(), golden("architecture"), golden(None)),
    language="Go",
    tier="high",
    seats=SEATS,
    usd=0.03,
    findings=(
        finding("confirmed", 0, voices=[(ONE, "security"), (TWO, "security")]),
        finding("confirmed", 0),
        finding("plausible"),
        finding("unjudged"),
        finding("fabricated", 1),
        finding("confirmed", 1, 7),
        finding("confirmed", 2, placement="summary"),
    ),
)
TWIN = CaseResult(
    id="a.twin", golden=(), twin_of="a", language="Go", tier="low", complete=False, usd=0.02,
    seats=(*SEATS[:2], seat(TWO, "security", "unavailable")),
    findings=(finding("plausible", voices=[(ONE, "architecture")]), finding("fabricated", placement="summary")),
)  # fmt: skip
FAILED = CaseResult(id="b", golden=(golden(),), failed="no diff", usd=0.01)


def result(*cases: CaseResult) -> EvalResult:
    return EvalResult(
        suite="own", digest="0" * 12, version="1", started="2026-01-01T00:00:00Z", members=(ONE, TWO), prompts={},
        judge=Judge(name="place"), cases=cases,
    )  # fmt: skip


def test_only_a_confirmed_new_golden_at_its_line_is_a_hit():
    counts = tally_case(FOUND)
    assert (counts.posted, counts.new, counts.repeats, counts.false) == (6, 2, 1, 3)
    assert (counts.labelled, counts.plausible, counts.unjudged) == (6, 1, 1)
    assert counts.recall_10 == 1  # the summary is in the list too
    assert tally_case(TWIN).alarms == 1


def test_a_failed_case_is_counted_and_costs_but_is_in_no_figure():
    summary = metrics(result(FOUND, TWIN, FAILED))
    assert (summary.cases, summary.failed, summary.incomplete) == (2, ("b",), 1)
    assert (summary.goldens, summary.found, summary.clean) == (3, 3, 1)
    assert summary.labels == {"confirmed": 4, "plausible": 2, "fabricated": 2, "unjudged": 1}
    assert (summary.figures["R"].value, summary.figures["alarms"].value) == (0.666667, 1)
    assert (summary.usd, summary.usd_per_true) == (0.06, 0.02)
    assert summary.figures["R"].low is None  # a case and its twin are one witness


def test_a_lens_answers_for_its_own_goldens_and_for_nobody_s():
    architecture, security = metrics(result(FOUND, TWIN)).lenses
    assert (security.name, security.goldens, security.found, security.posted, security.elsewhere) == (
        "security", 2, 2, 1, 1,
    )  # fmt: skip
    assert (architecture.goldens, architecture.found, architecture.alarms, architecture.murmurs) == (2, 0, 1, 0)
    assert (security.alarms, security.murmurs, security.findings) == (0, 1, 8)
    assert (security.usd, security.usd_per_true, architecture.usd_per_true) == (0.04, 0.013333, None)


def test_a_member_answers_for_the_cases_it_finished():
    one, two = metrics(result(FOUND, TWIN)).members
    assert (one.cases, one.goldens, one.found, one.posted, one.clean) == (2, 3, 3, 2, 1)
    assert (two.cases, two.goldens, two.found, two.clean, two.labels["confirmed"]) == (1, 3, 1, 0, 1)


def test_tiers_and_languages_are_parts_of_the_suite():
    summary = metrics(result(FOUND, TWIN))
    assert [(part.name, part.cases, part.found, part.usd) for part in summary.tiers] == [
        ("high", 1, 3, 0.03), ("low", 1, 0, 0.02),
    ]  # fmt: skip
    assert [(part.name, part.cases, part.alarms) for part in summary.languages] == [("Go", 2, 1)]


def test_one_unknown_price_makes_the_sum_unknown():
    unknown = FOUND.model_copy(update={"usd": None, "seats": (seat(TWO, "security", usd=None),)})
    summary = metrics(result(unknown, TWIN))
    assert (summary.usd, summary.usd_per_true) == (None, None)
    assert [part.usd for part in summary.members] == [0.04 - 0.02, None]


def test_a_case_is_told_apart_from_its_twin_where_all_was_found_and_nothing_is_posted_on_the_twin():
    def told(case: CaseResult, twin: CaseResult) -> tuple[int, int]:
        summary = metrics(result(case, twin))
        return summary.told_apart, summary.twins

    silent = TWIN.model_copy(update={"findings": TWIN.findings[1:]})
    assert told(FOUND, silent) == (1, 1)
    assert told(FOUND, TWIN) == (0, 1)
    assert told(FOUND.model_copy(update={"findings": FOUND.findings[:5]}), silent) == (0, 1)
    assert told(FOUND.model_copy(update={"failed": "away"}), silent) == (0, 0)


def test_a_member_that_only_challenged_has_no_slice_and_a_challenge_is_no_look():
    seats = (*SEATS, seat("ada/x", "challenge"), seat("bob/x", "security", "unavailable"), seat("bob/x", "challenge"))
    members = metrics(result(FOUND.model_copy(update={"seats": seats}))).members
    assert [(one.name, one.cases) for one in members] == [("bob/x", 0), (ONE, 1), (TWO, 1)]
