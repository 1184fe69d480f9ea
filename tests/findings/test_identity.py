import re

from findings.samples import alone, finding, said
from hypothesis import given, settings
from hypothesis import strategies as st

from reviewbot.change import Diff
from reviewbot.findings import Finding, merge
from reviewbot.findings.identity import identities


def name(one: Finding) -> str:
    return identities(alone(one))[0]


def test_code_that_moves_or_is_indented_keeps_its_name() -> None:
    """THREATS G38: a push that moves the code 40 lines brings nothing new."""
    first = finding(line=10, quote="order = load(id)\npay(order)")
    assert name(first) == name(finding(line=50, quote="    order = load(id)\n\tpay(order)"))
    assert re.fullmatch(r"[0-9a-f]{12}", name(first))


def test_words_number_and_speaker_are_no_part_of_the_name() -> None:
    assert name(finding()) == name(finding("Other words", severity="low", family="openai", body="Quite other."))


def test_path_lens_side_and_code_are_the_name() -> None:
    others = [
        finding(), finding(path="b.py"), finding(lens="security"), finding(side="old"), finding(quote="pay(order)"),
        finding(line=None),
    ]  # fmt: skip
    assert len({name(one) for one in others}) == len(others)


def test_without_a_place_the_title_is_the_name_and_the_quote_is_not() -> None:
    first = finding("Owner is  not checked", line=None, quote="imagined()")
    assert name(first) == name(finding("owner is not CHECKED", line=None, quote="imagined otherwise()"))
    assert name(first) != name(finding("The mail is sent twice", line=None, quote="imagined()"))


def test_the_same_code_twice_is_counted_by_place() -> None:
    first, second = finding(line=10, quote="}"), finding(line=90, quote="}")
    ids = identities(alone(first, second))
    assert len(set(ids)) == 2
    assert identities(alone(second, first)) == ids[::-1]
    assert ids[0] == name(first)
    moved = alone(finding(line=12, quote="}"), finding(line=92, quote="}"))
    assert identities(moved) == ids


def test_two_problems_on_one_line_have_two_names() -> None:
    assert len(set(identities(alone(finding("One thing"), finding("Quite another"))))) == 2


def test_bytes_that_are_no_text_have_a_name() -> None:
    assert name(finding(quote="caf\udce9")) != name(finding(quote="caf\udcea"))


@settings(max_examples=30, deadline=None)
@given(st.lists(said(), max_size=9))
def test_no_two_problems_of_a_report_share_a_name(findings: list[Finding]) -> None:
    clusters = merge(findings, Diff(files=()))
    assert len(set(identities(clusters))) == len(clusters)
