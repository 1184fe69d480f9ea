import pytest
from findings.samples import PATH, diff, draft, file, seat

from reviewbot.change import Change
from reviewbot.findings import Cluster, Finding, ground
from reviewbot.findings.evidence import counted_checks, evidence, names_to_look_up, sighted
from reviewbot.findings.model import Check
from reviewbot.findings.probability import terms_of

CHANGE = Change(
    diff=diff(file([" def settle(order):", "-    return old_total(order)", "+    return new_total(order)", " # end"]))
)


def said(
    title: str = "T", body: str = "", quote: str = "return new_total(order)", member: str = "a/m", **more: object
) -> Finding:
    return ground([draft(quote, title=title, body=body, path=PATH, line=2, **more)], CHANGE.diff, seat=seat(member))[0]


def checks(finding: Finding, sightings: dict[str, bool] | None = None) -> dict[str, bool]:
    (found,) = evidence([finding], CHANGE, sightings or {})
    assert found.model_copy(update={"evidence": ()}) == finding, "nothing else of it changes"
    return {check.name: check.holds for check in found.evidence}


def test_a_quote_stands_in_the_change_or_nowhere() -> None:
    assert checks(said())["quote"] is True
    assert checks(said(quote="made_up(order)"))["quote"] is False
    assert checks(said(quote=""))["quote"] is False


def test_a_finding_about_lines_that_stay_says_so() -> None:
    assert checks(said(quote="def settle(order):"))["unchanged"] is False
    assert "unchanged" not in checks(said())
    assert "unchanged" not in checks(said(quote="return old_total(order)", side="old"))
    assert "unchanged" not in checks(said(quote="def settle(order):\n    return new_total(order)"))


@pytest.mark.parametrize(
    ("text", "sightings", "holds"),
    [
        ("`settle` and `Old_Total` differ", {}, True),
        ("`ledger.settle` loses a cent", {}, True),
        ("`frobnicate` loses a cent", {"frobnicate": False}, None),
        ("`frobnicate()` rounds twice", {"frobnicate": False}, False),
        ("`frobnicate()` is not called", {"frobnicate": False}, None),
        ("`frobnicate()` rounds twice the sum of `settle`", {"frobnicate": False}, None),
        ("`frobnicate` loses a cent", {"frobnicate": True}, True),
        ("`frobnicate` loses a cent", {}, None),
        ("`frobnicate` loses a cent of `settle`", {"frobnicate": False}, None),
        ("`Frob.nicate` loses a cent", {"Frob": False, "nicate": True}, True),
        ("`Frob.nicate` loses a cent", {"Frob": False}, None),
        ("Add `frobnicate`", {"frobnicate": False}, None),
        ("It loses a cent", {}, None),
    ],
)  # fmt: skip
def test_names_fail_only_where_all_were_looked_up_and_none_stands(
    text: str, sightings: dict[str, bool], holds: bool | None
) -> None:
    assert checks(said(text), sightings).get("symbol") is holds
    assert checks(said("T", text), sightings).get("symbol") is holds


def test_a_name_of_its_own_code_may_be_one_it_proposes() -> None:
    offering = said("`frobnicate` loses a cent", fix="def frobnicate(): ...")
    assert "symbol" not in checks(offering, {"frobnicate": False})
    assert names_to_look_up([offering], CHANGE) == ()


def test_what_the_change_does_not_show_is_looked_up_once() -> None:
    findings = [said("`frobnicate` drops `settle` of `Ledger.close`"), said("`frobnicate` again; no test for `settle`")]
    assert names_to_look_up(findings, CHANGE) == ("frobnicate", "Ledger", "close", "settle")
    many = said("T", "\n".join(f"`name_{number}` fails" for number in range(400)))
    assert len(names_to_look_up([many], CHANGE)) == 200


def test_a_word_is_sighted_in_files_and_in_tests_among_them() -> None:
    found = {"here": ["a.py"], "tested": ["a.py", "tests/test_a.py"], "gone": []}
    assert sighted(found) == {
        "here": True, "here in tests": False, "tested": True, "tested in tests": True, "gone": False,
        "gone in tests": False,
    }  # fmt: skip


def test_rules_read_the_code_themselves_and_are_not_looked_up() -> None:
    for member in ("rules/builtin", "bandit scanner/m"):
        rule = said("`frobnicate` loses a cent", member=member)
        assert checks(rule, {"frobnicate": False}) == {}
        assert names_to_look_up([rule], CHANGE) == ()


def test_fixes_and_absences_are_checked_too() -> None:
    found = checks(said("No test for `settle`", fix="`return new_total(order)`"), {"settle in tests": False})
    assert (found["fix"], found["absence"]) == (False, True)


def test_the_checks_that_count_are_those_of_the_voice_that_p_real_has() -> None:
    bad = Check(name="absence", holds=False, detail="a test names it")
    fix = Check(name="fix", holds=False, detail="the code as it stands")
    good = Check(name="absence", holds=True, detail="no test names it")
    voices = [(bad, fix), (bad,), (fix,), (), (good,)]
    worth = [-0.6, -0.4, -0.3, 0.0, 0.2]
    for n in range(len(voices)):
        findings = tuple(said(member=f"{m}/m").model_copy(update={"evidence": voices[m]}) for m in range(n + 1))
        cluster = Cluster(findings=findings)
        terms = terms_of(cluster, asked=9, problems=dict.fromkeys("01234", 1))
        assert counted_checks(cluster) == voices[n]
        assert next((term.value for term in terms if term.name == "evidence"), 0.0) == worth[n]
