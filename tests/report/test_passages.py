import pytest
from hypothesis import given, settings
from report import samples
from report.hostility import hostile_text
from report.markdown_page import LISTS, faults, hrefs, nodes

from reviewbot.report import NotCovered
from reviewbot.report.passages import (
    assumed,
    checked,
    fix_block,
    fold,
    gap_lists,
    hearing,
    linked_place,
    listed,
    quotation,
    remedy,
    seat_table,
)

SOURCE = "https://git.example/o/r/blob/0123456789abcdef0123456789abcdef01234567/"
TABLE = {"table_open", "thead_open", "tr_open", "th_open", "tbody_open", "td_open"}
OURS = {*LISTS, *TABLE, "strong_open", "fence", "blockquote_open"}


@given(hostile_text)
@settings(max_examples=20, deadline=None)
def test_no_word_of_a_report_becomes_markup_of_its_own(text):
    report = samples.hostile(text)
    finding = report.findings[0]
    told = (*assumed(finding), *remedy(finding), *hearing(report.findings[1]), *checked(finding))
    lists = (*seat_table(report.seats), *gap_lists(report.not_covered), listed([(text, text)]))
    for part in (*told, *lists, quotation(finding), linked_place(finding, "")):
        assert faults(part, OURS) == []


def test_the_place_of_a_finding_leads_to_its_lines_at_the_reviewed_commit():
    assert hrefs(linked_place(samples.emblem(), SOURCE)) == [f"{SOURCE}billing/webhooks.py#L34-L36"]
    assert hrefs(linked_place(samples.refuted(), SOURCE)) == [f"{SOURCE}billing/webhooks.py#L38"]


def test_a_path_with_odd_characters_cannot_leave_its_link():
    place = linked_place(samples.finding(path="a b/[x](y)#?>\u202e.py"), SOURCE)
    assert hrefs(place) == [f"{SOURCE}a%20b/%5Bx%5D%28y%29%23%3F%3E%E2%80%AE.py#L41-L42"]
    assert faults(place.replace("git.example", "owasp.org"), ()) == []


@pytest.mark.parametrize("more", [{"side": "old"}, {"line": None, "start_line": None}])
def test_lines_that_are_not_in_the_commit_have_no_link(more):
    assert hrefs(linked_place(samples.finding(**more), SOURCE)) == []
    assert hrefs(linked_place(samples.finding(), "")) == []


def test_the_question_of_an_assumption_is_set_off_behind_its_facts():
    facts, question = assumed(samples.emblem())
    assert facts.splitlines()[2] == "- **Guaranteed by:** nobody"
    assert question.startswith("> **Question: Which id, stored at checkout")


def test_a_fix_of_one_line_is_words_and_one_of_several_is_code():
    assert [*remedy(samples.finding(fix="Use `x`."))] == ["**Fix:** Use `x`."]
    assert [*remedy(samples.finding(fix="a = 1\nb = 2"))] == ["**Fix:**", "```\na = 1\nb = 2\n```"]
    assert [*remedy(samples.finding(fix=None))] == []


def test_a_fix_with_a_fence_of_its_own_keeps_its_words():
    assert fix_block("Do:\n~~~py\nx\n~~~") == "Do:\n\n```py\nx\n```"


def test_a_suggestion_takes_the_place_of_the_code_and_the_words_stay():
    fix = samples.finding(fix="Load it through the customer:\n```py\nx\n```")
    assert [*remedy(fix, suggestion="    y")] == [
        "**Fix:** Load it through the customer:", "", "```suggestion\n    y\n```",
    ]  # fmt: skip
    around = samples.finding(fix="Add the key:\n```py\nx\n```\nand test it.")
    assert "\n\n".join(remedy(around, suggestion="y")).startswith("**Fix:**\n\nAdd the key:\\\nand test it.\n\n```sugg")
    assert [*remedy(samples.finding(fix="x = 1"), suggestion="y")] == ["**Fix:**", "", "```suggestion\ny\n```"]


def test_a_colon_behind_a_strange_word_makes_nothing_of_it():
    gap = NotCovered(path="a", lines=0, why="see :octocat")
    assert faults("\n".join((*gap_lists([gap]), listed([("by :smile", "http")]))), OURS) == []


def test_seats_of_a_member_that_ended_alike_share_a_row():
    table, details = seat_table((
        samples.seat(lens="security", usd=None), samples.seat(lens="assumptions", detail="could not judge a.py"),
        samples.seat(lens="architecture", state="refused", detail="anthropic: refused", usd=0.0, seconds=99.0),
    ))  # fmt: skip
    rows = [[cell.strip() for cell in row.split("|")[1:-1]] for row in table.split("\n")[2:]]
    assert rows[0][1:] == ["`security, assumptions`", "ok", "2", "2,408", "6,142", "1,684", "unknown", "12.4 s"]
    assert [row[2] for row in rows] == ["ok", "refused"]
    assert details == "- **anthropic/claude-sonnet-5-5, assumptions:** could not judge a.py"


def test_what_a_member_judged_of_others_has_a_row_of_its_own():
    rows = next(seat_table(samples.challenged().seats)).splitlines()[2:]
    assert [row.split(" | ")[1:4] for row in rows[1:3]] == [
        ["`architecture`", "ok", "0"], ["`challenge`", "ok", "-"],
    ]  # fmt: skip


def test_a_dispute_of_an_assumption_is_among_its_facts_and_not_said_again():
    disputed = samples.emblem().model_copy(update={"challenge": samples.refuted().challenge})
    assert [*hearing(disputed)] == []
    assert "- **Disputed:** refuted by openai" in next(assumed(disputed))
    assert next(hearing(samples.refuted())).startswith("**Disputed:** refuted by openai: stripe")


def test_a_fold_without_anything_in_it_is_nothing():
    assert fold("x", ["", ""]) == ""
    kinds = [node.type for node in nodes(fold("2 files", ["- a", "- b"]))]
    assert (kinds[0], kinds[-1], kinds.count("list_item_open")) == ("html_block", "html_block", 2)
