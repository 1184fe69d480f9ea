from report import samples
from report.samples import CLAUDE, GPT, emblem, finding, refuted, rules_seat, run_of, seat

from reviewbot.council import Usage
from reviewbot.report import NotCovered, ReportCheck, Spent, Voice
from reviewbot.report.entries import SEAT_FIGURES, about, assumption, evidence, figures, run, sitter
from reviewbot.report.model import Place


def test_an_assumption_nobody_guarantees_says_so():
    assert dict(assumption(emblem()))["Guaranteed by"] == "nobody"
    assert [label for label, _ in assumption(emblem())] == ["Between", "Relies on", "Guaranteed by", "Breaks when"]


def test_a_refuted_assumption_says_so_beside_its_question():
    found = emblem().model_copy(update={"challenge": refuted().challenge})
    assert dict(assumption(found))["Disputed"].startswith("refuted by openai")


def test_a_finding_without_an_assumption_asks_nothing():
    assert assumption(finding()) == ()


def test_the_reason_a_refutation_gives_is_said_once():
    assert dict(evidence(refuted()))["Challenge"] == "refuted, see above"


def test_facts_with_nothing_to_say_are_left_out():
    assert [label for label, _ in evidence(finding(reason=" "))] == ["Raised by"]


def test_a_check_that_failed_is_told_and_an_absence_that_holds() -> None:
    checks = (
        ReportCheck(check="quote", holds=True, detail="it stands there"),
        ReportCheck(check="fix", holds=False, detail="its fix is the code as it stands"),
        ReportCheck(check="absence", holds=True, detail="no test in the change or the tree names `settle`"),
        ReportCheck(check="symbol", holds=True, detail="`settle` stands in the change"),
    )
    told = "its fix is the code as it stands; no test in the change or the tree names `settle`"
    assert dict(evidence(finding(evidence=checks)))["Checked"] == told
    assert "Checked" not in dict(evidence(finding(evidence=checks[:1])))


def test_what_a_finding_is_about_says_that_not_everybody_holds_it():
    assert about(finding()) == "security, authorization"
    assert about(finding(raised_by=("google",))) == "security, authorization, raised by 1 of 3"
    assert about(refuted()) == "architecture, error-handling, disputed"


def test_rules_are_not_counted_among_those_asked() -> None:
    assert about(emblem()) == "assumptions, identity, raised by 2 of 3"
    secret = finding(raised_by=("rules",), asked=("anthropic", "openai", "rules"))
    assert about(secret) == "security, authorization"
    assert dict(evidence(secret))["Raised by"] == "rules"


def test_other_wordings_are_a_line_a_member_with_the_places_that_differ() -> None:
    same = {"body": "b", "path": "shop/refunds.py", "line": 42}
    voices = (
        Voice(member=CLAUDE, lens="security", severity="high", title="Refunds are free", **same),
        *(Voice(member=GPT, lens=lens, severity=severity, title="No owner check", **same)
          for lens, severity in (("architecture", "medium"), ("security", "high"))),
        Voice(member=GPT, lens="security", severity="low", title="No check", body="b", path="shop/old.py", line=3),
    )  # fmt: skip
    found = finding(title="Refunds are free", body="b", voices=voices)
    said = "openai/gpt-6.1-sol, architecture and security, high at shop/old.py:3: No owner check"
    assert [fact for label, fact in evidence(found) if label == "Also said"] == [said]


def test_rules_cost_nothing_and_show_dashes():
    assert dict(zip(SEAT_FIGURES, figures(rules_seat()), strict=True)) == {
        "found": "0", "input": "-", "cached": "-", "output": "-", "cost": "-", "time": "0.1 s",
    }  # fmt: skip


def test_an_unknown_price_is_unknown_not_nothing():
    assert figures(seat(usd=None))[4] == "unknown"


def test_what_was_written_to_a_cache_was_read_at_full_price():
    assert figures(seat(usage=Usage(input=10, cache_written=1_000)))[1] == "1,010"


def test_a_seat_that_was_not_asked_found_not_zero():
    assert figures(seat(state="refused", findings=0))[0] == "-"
    assert figures(seat(state="partial", findings=0))[0] == "0"


def test_a_member_says_whom_it_speaks_for_where_its_name_does_not():
    assert sitter(seat()) == "anthropic/claude-sonnet-5-5"
    assert sitter(seat("scripted/a.json", family="openai")) == "scripted/a.json (openai)"


def test_the_run_names_range_tier_money_policy_and_prompts():
    facts = dict(run(samples.council()))
    tier = "high tier (touches payments: billing/webhooks.py)"
    assert facts["Reviewed"] == f"work since 8c1f02d9; 3 files, +62 -4; {tier}"
    tokens = "38,475 tokens in, 27,639 of them cached, 7,578 out"
    assert facts["Spent"] == f"$0.1917 of at most $1.00; {tokens}; 14.2 s"
    assert facts["Policy"] == "3d4e5f607182"
    assert facts["Prompts"] == "architecture 0a1b2c3d, security 1b2c3d4e, shared 6f1c2d3e"
    assert facts["Run"] == "01JD7Z3N, 2026-11-21T10:15:00Z, reviewbot 0.1.0"


def test_an_unknown_sum_names_what_is_known_of_it():
    assert dict(run(samples.failing()))["Spent"].startswith("an unknown amount, at least $0.0639 of at most $1.00;")


def test_a_run_of_rules_spent_nothing():
    assert dict(run(samples.rules_alone()))["Spent"] == "nothing, 14.2 s"


def test_tokens_without_a_price_are_not_nothing():
    report = run_of((seat(usd=0.0),), spent=Spent(usd=0.0, input=5, cached=0, output=1))
    assert dict(run(report))["Spent"].startswith("$0.00 of at most $1.00; 5 tokens in")


def test_gaps_do_not_change_the_run():
    gaps = (NotCovered(path="a", lines=1, why="b"),)
    assert run(run_of((seat(),), not_covered=gaps)) == run(run_of((seat(),)))


def test_a_challenge_found_nothing_because_it_was_not_asked_to():
    challenge = seat(lens="challenge", findings=0)
    assert figures(challenge)[0] == "-"
    assert figures(seat(findings=2), challenge)[0] == "2"


def test_what_a_person_should_know_of_the_council_is_told_with_the_run():
    facts = run(run_of((seat(),), notes=("For the budget, openai/m did not sit.", "One family sat.")))
    assert [fact for label, fact in facts if label == "Note"] == ["One family sat."], "the rest stands at the top"


def test_what_sounds_alike_elsewhere_is_linked_by_its_place():
    others = (Place(id="a", path="a.py", line=3), Place(id="b", path="b.py", line=None))
    assert dict(evidence(finding(see_also=others)))["See also"] == "a.py:3 and b.py"
