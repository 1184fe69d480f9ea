import time

import pytest
from findings.samples import finding, said
from hypothesis import given, settings
from hypothesis import strategies as st

from reviewbot.findings import Finding
from reviewbot.findings.similarity import match_probabilities, wording_of


def probability(one: Finding, other: Finding, *more: Finding) -> float:
    return match_probabilities([one, other, *more], near=lambda _i, _j: True)[0][1]


@pytest.mark.parametrize(
    ("text", "names"),
    [
        ("the total of `loadOrder` is lost", {"loadorder"}),
        ("load_order takes an id", {"load_order"}),
        ("loadOrder takes an id", {"loadorder"}),
        ("sha1 is weak", {"sha1"}),
        ("refund (order) is wrong", {"refund"}),
        ("session.user is stale", {"session", "user"}),
        ("Order::find and a->next", {"order", "find", "next"}),
        ("shop/cart is imported", {"shop", "cart"}),
        ('it says "not found" here', {"not", "found"}),
        ("nothing of code; it isn't the user's", set()),
    ],
)
def test_names_are_what_a_reader_would_search_the_code_for(text: str, names: set[str]) -> None:
    assert wording_of(finding(text, body="")).names == names


def test_two_wordings_of_one_problem_are_nearer_than_two_problems() -> None:
    one = finding("`refund` loads any order without an owner check", body="A customer can refund another's order.")
    same = finding("No owner check in `refund`", body="Any customer can refund the order of another.", family="openai")
    other = finding("The reminder is sent twice", body="A retry of the mailer has no idempotency key.", family="google")
    assert probability(one, same, other) > 0.5
    assert probability(one, other, same) < 0.05


NO_OWNER = ("`refund` trusts its id", "Nobody compares the owner with the customer who asks.")
ANY_ORDER = ("Money goes to the wrong people", "`load_order` finds any order.")
IS_OWNER = ("The owner is forgotten", "Nobody compares the customer with the owner of the order.")


@pytest.mark.parametrize(
    ("others", "percent"),
    [
        (((*NO_OWNER, "a"), (*IS_OWNER, "b")), 99),
        (((*NO_OWNER, "a"), (*IS_OWNER, "a")), 25),
        (((*NO_OWNER, "a"), (*ANY_ORDER, "b")), 1),
        (((*NO_OWNER, "a"), (*IS_OWNER, "b"), (*NO_OWNER[:1], NO_OWNER[1] + " Again.", "b")), 16),
    ],
    ids=["another's", "one's own", "of other code", "with a rival"],
)
def test_how_probable_typical_pairs_are(others: tuple[tuple[str, str, str], ...], percent: int) -> None:
    one, other, *more = (finding(title, body=body, family=family) for title, body, family in others)
    assert round(100 * probability(one, other, *more)) == percent


def test_one_call_that_says_alike_things_means_two() -> None:
    title, near = "Amount is rounded twice in the refund", "Amount is rounded twice in the invoice"
    across = probability(finding(title, body=""), finding(near, body="", lens="security"))
    within = probability(finding(title, body=""), finding(near, body=""))
    assert within < across


def test_a_shared_rare_name_tells_more_than_a_common_one() -> None:
    filler = [finding(f"Word {n} about `order`", body="", family=f"f{n}") for n in range(6)]
    rare = probability(finding("Lost in `settle`", body=""), finding("Gone from `settle`", body="", lens="b"), *filler)
    common = probability(finding("Lost in `order`", body=""), finding("Gone from `order`", body="", lens="b"), *filler)
    assert rare > common


def test_of_a_handful_the_best_match_need_not_be_one() -> None:
    idempotency = "No idempotency key is passed to the mailer when the payment is retried."
    zone = "The date of the payment is stored without its zone and read in local time."
    pair = finding("The retry sends the e-mail again", body=idempotency), finding("Zone lost", body=zone, family="b")
    filler = [finding(f"Other {n}", body=body, family=str(n)) for n, body in enumerate((idempotency, zone))]
    assert probability(*pair) < 0.12
    assert probability(*pair, *filler) < probability(*pair)


@pytest.mark.parametrize(
    ("one", "same", "other"),
    [
        ("Возврат не проверяет владельца заказа", "Владелец заказа при возврате не проверен", "Письмо уходит дважды"),
        ("退款时没有检查订单所有者", "退款没有检查订单所有者是谁", "重试会再次发送邮件"),
    ],
)
def test_findings_are_compared_in_any_language(one: str, same: str, other: str) -> None:
    said = [finding(text, body="", family=str(n)) for n, text in enumerate((one, same, other))]
    assert probability(said[0], said[1], said[2]) > 0.3 > probability(said[0], said[2], said[1])


def test_what_is_not_near_is_no_match() -> None:
    twins = [finding(family="anthropic"), finding(family="openai")]
    assert match_probabilities(twins, near=lambda _i, _j: False) == [[0.0, 0.0], [0.0, 0.0]]


def test_findings_without_words_are_measured_too() -> None:
    assert 0 <= probability(finding("", body=""), finding("?!", body="", family="b")) < 0.3


@settings(max_examples=25, deadline=None)
@given(st.lists(said(), max_size=6))
def test_likeness_is_mutual_and_between_0_and_1(findings: list[Finding]) -> None:
    rows = match_probabilities(findings, near=lambda _i, _j: True)
    for i, row in enumerate(rows):
        assert row[i] == 0
        assert all(0 <= value <= 1 and value == rows[j][i] for j, value in enumerate(row))


def test_hostile_words_take_no_more_time_than_their_length() -> None:
    hostile = ["a" * 200_000, "`" * 200_000, "a." * 100_000, "a_" * 100_000, "'a " * 70_000, "(" * 200_000]
    began = time.process_time()
    for text in hostile:
        wording_of(finding("", body=text))
    assert time.process_time() - began < 5
