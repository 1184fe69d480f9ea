import re
from itertools import pairwise

import pytest
from hypothesis import given, settings
from report import samples
from report.hostility import hostile_text
from report.markdown_page import LISTS, faults, nodes

from reviewbot.report import markdown

TABLE = ("table_open", "thead_open", "tr_open", "th_open", "tbody_open", "td_open")


def headings(page):
    opened = [node for node in nodes(page) if node.type in ("heading_open", "inline")]
    return [(a.tag, b.content) for a, b in pairwise(opened) if a.type == "heading_open"]


@given(hostile_text)
@settings(max_examples=20, deadline=None)
def test_no_text_of_a_report_becomes_markup(text):
    page = markdown.render(samples.hostile(text))
    kinds = [node.type for node in nodes(page)]
    assert faults(page, {*LISTS, *TABLE, "strong_open", "heading_open", "fence"}) == []
    assert kinds.count("table_open") == 1
    assert [tag for tag, _ in headings(page)] == ["h2", "h2", "h2", "h3", "h3", "h2", "h2", "h2", "h2"]


@given(hostile_text)
@settings(max_examples=20, deadline=None)
def test_no_character_acts_and_no_line_commands_a_runner(text):
    page = markdown.render(samples.hostile(text))
    assert not re.search(r"[\x00-\x08\x0b-\x1f\x7f-\x9f\u202a-\u202e\u200b\ud800-\udfff]", page)
    assert not [line for line in page.split("\n") if line.lstrip().startswith("::") or "##[" in line]


def test_sections_stand_in_the_order_a_person_needs_them():
    found = [text for tag, text in headings(markdown.render(samples.council())) if tag == "h2"]
    assert found == ["Questions for a person", "Disputed", "Findings", "Withheld", "Seats", "Run"]


def test_the_page_opens_with_how_the_review_ended():
    assert markdown.render(samples.nothing_found()).startswith("**Nothing found by 3 of 3 seats**\n")
    assert markdown.render(samples.demonstration()).startswith("*This is a demonstration:")


def test_a_finding_is_printed_in_full_once():
    page = markdown.render(samples.council())
    assert page.count("never verifies it, so a payer who types") == 1
    assert page.count("both writes are in one transaction") == 1


def test_sections_with_nothing_to_say_are_left_out():
    assert [text for _, text in headings(markdown.render(samples.empty()))] == ["Run"]


def test_code_stands_in_fences_with_its_numbers():
    blocks = [node.content for node in nodes(markdown.render(samples.council())) if node.type == "fence"]
    assert blocks[0].startswith('34 | customer_email = event["data"]')
    assert blocks[2].startswith("with atomic():\n    PaymentEvent")


def test_every_seat_has_a_row_and_every_failure_its_detail():
    report = samples.failing()
    page = markdown.render(report)
    rows = [line for line in page.splitlines() if line.startswith("| `")]
    assert len(rows) == len({(seat.member, seat.state) for seat in report.seats})
    assert "the key was refused" in page
    assert "| unknown |" in page


def test_each_cause_of_a_failure_is_said_once_in_the_opening():
    opening, _, rest = markdown.render(samples.failing()).partition("\n## ")
    assert "\n- google/gemini-4-argon: the key was refused (401); set GEMINI\\_API\\_KEY\n" in opening
    assert "the key was refused" not in rest


def test_every_gap_is_listed_under_its_reason():
    page = markdown.render(samples.failing())
    assert "- `vendor/jquery.js`, 10,872 lines\n- `vendor/d3.js`, 1 line" in page
    assert page.count("ignored by the policy") == 1


@pytest.mark.parametrize("situation", samples.EVERY)
def test_every_report_renders_the_same_way_twice(situation):
    report = samples.EVERY[situation]()
    assert markdown.render(report) == markdown.render(report)
    assert markdown.render(report).endswith("\n")
