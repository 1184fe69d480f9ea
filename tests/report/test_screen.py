import pytest
from report import samples
from report.samples import finding, run_of, seat

from reviewbot.report.terminal import render


def screen(report, width=80):
    return render(report, color=False, width=width)


def in_order(text, *parts):
    places = [text.find(part) for part in parts]
    assert -1 not in places, parts[places.index(-1)]
    return places == sorted(places)


def test_what_needs_a_person_comes_first():
    assert in_order(
        screen(samples.council()), "5 findings (1 critical, 2 high", "Questions for a person",
        "Which id, stored at checkout", "Disputed", "refuted by openai", "\nFindings", "1  critical", "Withheld",
        "Seats", "Run",
    )  # fmt: skip


def test_a_finding_is_printed_in_full_once():
    output = screen(samples.council(), 120)
    assert output.count("somebody else's address pays into") == 1
    assert output.count("stripe_id is unique") == 1
    assert output.count("the e-mail names the same person in both") == 1


@pytest.mark.parametrize("situation", ["rules alone", "demonstration"])
def test_the_first_line_says_what_kind_of_council_sat(situation):
    first = screen(samples.EVERY[situation]()).split("\n")[0]
    assert first.startswith(("No model sat:", "This is a demonstration:"))


def test_a_finding_shows_place_code_fix_and_voices():
    assert in_order(
        screen(samples.council()), "1  critical  A payment is credited", "webhooks.py:34-36  assumptions, identity",
        "34 │ customer_email", "36 │ account.credit", "The handler finds", "Fix        Put the account's id",
        "Raised by  anthropic, openai and rules; google was asked and did not",
        "Also said  openai/gpt-6.1-sol, security, high", "           rules/builtin", "Why here   raised by 3 of 4",
    )  # fmt: skip


def test_other_wordings_take_one_row_each():
    rows = [line for line in screen(samples.council()).split("\n") if line.rstrip().endswith("…")]
    assert len(rows) == 2


def test_a_removed_line_is_said_to_be_removed():
    assert "billing/amounts.py:17 (removed)" in screen(samples.council())


def test_every_refutation_is_named_before_the_list():
    output = screen(run_of((seat(),), tuple(samples.refuted(n) for n in range(1, 10))))
    assert output[: output.index("\nFindings")].count("refuted by openai") == 9


def test_a_long_line_of_code_is_cut_and_says_so():
    output = screen(run_of((seat(),), (finding(quote="x" * 5_000, start_line=1, line=1),)))
    assert output.count("x" * 60) == 4
    assert "more characters" in output


def test_a_line_of_code_longer_than_the_screen_is_folded_whole():
    code = "call(" + ", ".join(f"argument_{n}" for n in range(15)) + ")"
    output = screen(run_of((seat(),), (finding(quote=code, start_line=1, line=1),)))
    assert all(f"argument_{n}" in output for n in range(15))


def test_tabs_of_code_keep_their_depth():
    assert "1 │         x" in screen(run_of((seat(),), (finding(quote="\t\tx", start_line=1, line=1),)))


def test_every_seat_shows_its_state_and_every_failure_its_detail():
    output = screen(samples.failing())
    for words in ("config error", "over budget", "truncated", "set GEMINI_API_KEY", "unknown  12.4 s"):
        assert words in output


def test_a_member_is_named_once_above_its_lenses():
    assert screen(samples.council()).count("\n  anthropic/claude-sonnet-5-5\n") == 1


def test_what_nobody_saw_is_listed_under_its_reason():
    assert "  ignored by the policy (vendor/**)\n    vendor/jquery.js  10,872 lines\n" in screen(samples.failing())


def test_a_withheld_finding_is_named_with_its_reason_only():
    output = screen(samples.council(), 120)
    assert "5  Consider more logging  shop/refunds.py:41-42  below the policy's min_severity\n" in output
    assert output.count("Consider more logging") == 1


def test_each_cause_of_a_failure_is_said_once_under_how_it_ended():
    output = screen(samples.failing(), 120)
    assert in_order(
        output,
        "Incomplete: 6 of 10",
        "  google/gemini-4-argon: the key was refused",
        "\n3 files not covered",
    )
    assert output.count("the key was refused") == 1
