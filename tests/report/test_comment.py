import pytest
from hypothesis import given, settings
from report import samples
from report.hostility import hostile_text
from report.markdown_page import LISTS, faults, nodes

from reviewbot.report import ReportCheck
from reviewbot.report.comment import render_comment
from reviewbot.report.fitting import size

OURS = {*LISTS, "strong_open", "fence", "blockquote_open", "html_inline"}


def comment(finding, **more):
    return render_comment(finding, report=samples.council(), **more)


@given(hostile_text)
@settings(max_examples=20, deadline=None)
def test_no_text_of_a_finding_becomes_markup_of_its_own(text):
    report = samples.hostile(text)
    for finding in report.findings[:2]:
        page = render_comment(finding, report=report)
        assert faults(page, OURS) == []
        html = [node.content for node in nodes(page) if node.type == "html_inline"]
        assert html == ["<sub>", "</sub>"]


def test_a_comment_opens_with_what_is_wrong_and_how_bad_it_is():
    page = comment(samples.finding(title="Refunds are not checked", body="Anybody can refund."))
    assert page.startswith("**High: Refunds are not checked**\n\nAnybody can refund.")


def test_a_comment_ends_with_who_raised_it_and_how_to_be_rid_of_it():
    last = comment(samples.emblem()).split("\n\n")[-1]
    raised = "Raised by anthropic, openai and rules; google was asked and did not raise it"
    assert last == f"<sub>{raised} · not an issue? `/reviewbot dismiss 000000000001`</sub>"


def test_who_could_not_answer_is_not_told_as_one_who_kept_silent():
    finding = samples.finding(raised_by=("anthropic",), asked=("anthropic",))
    seats = (samples.seat(samples.CLAUDE, "security"), samples.seat(samples.GPT, "security", "unavailable"))
    page = render_comment(finding, report=samples.run_of(seats, (finding,)))
    assert "Raised by anthropic, the only one asked; openai gave no answer on this file" in page


def test_what_was_looked_up_is_told_where_a_person_should_know():
    looked = (ReportCheck(check="symbol", holds=False, detail="`close_all` stands nowhere in the change or the tree"),)
    page = comment(samples.finding(evidence=looked))
    assert "\n\n**Checked:** `close_all` stands nowhere in the change or the tree\n\n<sub>" in page
    assert "Checked" not in comment(samples.finding())


def test_a_dispute_names_who_and_why():
    page = comment(samples.refuted())
    assert "**Disputed:** refuted by openai: stripe\\_id is unique" in page


def test_a_challenge_that_did_not_refute_is_told_with_its_reason():
    upheld = samples.refuted().challenge.model_copy(update={"verdict": "upheld"})
    page = comment(samples.refuted().model_copy(update={"challenge": upheld}))
    assert "\n\n**Challenge:** upheld by openai (importance 20 of 100): stripe\\_id is unique" in page


def test_a_fix_is_never_a_suggestion_unless_one_is_given():
    fix = "Do:\n```suggestion\nx\n```"
    assert "```suggestion" not in comment(samples.finding(fix=fix))
    assert "\n```suggestion\ny = 1\n```\n" in comment(samples.finding(fix=fix), suggestion="y = 1")


@pytest.mark.parametrize(
    ("text", "limit"), [("\u200b", 60_000), ("\u200b", 5_000), ("`\n", 5_000), ("```\nx\n```\n", 5_000)]
)
def test_a_comment_keeps_to_its_size_and_stays_whole(text, limit):
    finding = samples.hostile(text * (9_000 // len(text))).findings[0].model_copy(update={"raised_by": ("a",)})
    finding = finding.model_copy(update={"asked": ("a",), "id": "000000000001"})
    page = comment(finding, limit=limit)
    assert len(page) <= size(page) <= limit
    assert page.endswith("`/reviewbot dismiss 000000000001`</sub>")
    assert faults(page, OURS) == []
