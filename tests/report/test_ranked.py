from hypothesis import given, settings
from report import samples
from report.hostility import hostile_text
from report.markdown_page import LISTS, faults, hrefs, nodes

from reviewbot.report import ReportCheck
from reviewbot.report.ranked import brief, told, where
from reviewbot.report.standing import Standing

SAID = Standing(comments={f"{rank:012x}": f"https://git.example/o/r/pull/7#discussion_r{rank}" for rank in range(1, 9)})
ALONE = Standing()
OURS = {*LISTS, "blockquote_open", "strong_open", "fence", "html_inline", "html_block"}


def text_of(finding, standing):
    return told(finding, samples.council(), standing)


@given(hostile_text)
@settings(max_examples=20, deadline=None)
def test_no_text_of_a_finding_becomes_markup_of_its_own(text):
    report = samples.hostile(text)
    for finding in report.findings:
        page = told(finding, report, ALONE)
        assert faults(page, OURS) == []
        html = {node.content.strip() for node in nodes(page) if node.type.startswith("html")}
        assert html <= {"<details>\n<summary>The finding</summary>", "</details>", "<sub>", "</sub>"}


def test_what_a_comment_says_is_one_line_with_its_id_and_a_link_to_it():
    line = text_of(samples.finding(3), SAID)
    assert line.startswith("**3. High:** Refunds are not checked")
    assert line.endswith("([`shop/refunds.py:41-42`](<https://git.example/o/r/pull/7#discussion_r3>)) `000000000003`")
    assert "\n" not in line


def test_what_stands_only_here_is_told_in_full():
    looked = (ReportCheck(check="fix", holds=False, detail="its fix is the code as it stands"),)
    page = text_of(samples.finding(3, evidence=looked), ALONE)
    assert "**Checked:** its fix is the code as it stands" in page
    assert "41 | order = Order.objects.get" in page
    assert "Any signed-in customer" in page
    assert "**Fix:** Load the order" in page
    assert "why here: raised by all 3 families asked" in page
    assert "`/reviewbot dismiss 000000000003`" in page


def test_a_question_stands_open_with_what_is_needed_to_answer_it():
    page = text_of(samples.emblem(), SAID)
    assert page.startswith("**1. Critical:** A payment is credited to whoever holds the payer's e-mail ([")
    assert "\n\n> **Question: Which id, stored at checkout, ties the payment to the account that pays?**\n" in page
    assert "- **Breaks when:**" in page
    assert "<details>" not in page


def test_a_question_that_stands_only_here_has_its_finding_folded_behind_it():
    question, _, finding = text_of(samples.emblem(), ALONE).partition("<details>")
    assert "- **Relies on:**" in question
    assert "A payment is credited" not in finding
    assert finding.count("- **Relies on:**") == 0


def test_a_dispute_stands_open_with_both_sides():
    page = text_of(samples.refuted(), SAID)
    assert "- **Raised by:** anthropic; google and openai were asked and did not raise it\n" in page
    assert "- **Disputed:** refuted by openai" in page
    assert text_of(samples.refuted(), ALONE).count("aised by") == 1


def test_what_is_withheld_is_named_with_its_reason():
    line = text_of(samples.finding(5, placement="withheld", reason="below min_severity"), ALONE)
    assert line.endswith("(`shop/refunds.py:41-42`): below min\\_severity")


def test_a_question_without_words_is_told_by_its_title():
    assumption = samples.emblem().assumption.model_copy(update={"ask": " "})
    silent = samples.emblem().model_copy(update={"assumption": assumption})
    assert text_of(silent, ALONE).startswith("**1. Critical:** A payment is credited to whoever")
    assert "Question:" not in text_of(silent, ALONE)


def test_an_address_that_could_leave_its_link_is_not_used():
    standing = Standing(comments={"000000000001": "https://git.example/x>) ![a](http://e.x)"})
    assert hrefs(where(samples.finding(), standing)) == []


def test_a_line_stays_short_whatever_it_names():
    assert len(brief(samples.finding(title="x" * 9_000, path="y" * 9_000), ALONE)) < 1_000
