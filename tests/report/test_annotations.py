import pytest
from doors.runner_commands import commands
from hypothesis import given, settings
from report import samples
from report.hostility import hostile_text

from reviewbot.report.annotations import MESSAGE_LIMIT, command, remark, render


@pytest.mark.parametrize("situation", samples.EVERY)
def test_one_notice_says_how_the_review_ended_and_no_finding_is_an_error(situation: str):
    made = commands(render(samples.EVERY[situation]()))
    assert [one.name for one in made if one.properties == {"title": "reviewbot"}] == ["notice"]
    assert {one.name for one in made} <= {"notice", "warning"}


def test_a_finding_stands_at_its_lines():
    first = commands(render(samples.council()))[1]
    assert (first.name, first.properties["file"]) == ("warning", "billing/webhooks.py")
    assert (first.properties["line"], first.properties["endLine"]) == ("34", "36")
    assert first.properties["title"].startswith("critical: A payment is credited")
    assert first.data.endswith("?"), "the question for a person comes last"


def test_a_removed_line_keeps_its_file_and_says_which_line_it_was():
    removed = commands(render(samples.council()))[-1]
    assert removed.properties.keys() == {"file", "title"}
    assert removed.data.startswith("billing/amounts.py:17 (removed)")


def test_a_withheld_finding_is_not_shown():
    assert "Consider more logging" not in render(samples.council())


def test_no_more_is_printed_than_the_runner_shows_of_each_level_and_the_worst_come_first():
    found = tuple(samples.finding(n, severity=("low", "high")[n % 2], title=f"number {n}") for n in range(1, 101))
    made = commands(render(samples.run_of((samples.seat(),), found)))
    warnings = [one.properties["title"] for one in made if one.name == "warning"]
    assert warnings == [f"high: number {n}" for n in range(1, 20, 2)]
    assert sum(one.name == "notice" for one in made) == 10


def test_a_long_message_is_cut_and_says_so():
    report = samples.run_of((samples.seat(),), (samples.finding(body="x" * (MESSAGE_LIMIT + 5)),))
    assert commands(render(report))[1].data.endswith("\n... 5 more characters")


def test_a_message_is_never_blank_and_never_half_a_secret():
    blank = samples.run_of((samples.seat(),), (samples.finding(body=" \n", title="Refunds"),))
    assert commands(render(blank))[1].data == "high: Refunds"
    key = "ghp_" + "a1B2c3D4e5F6g7H8i9J0k1L2m3N4o5P6q7R8"
    for filling in range(MESSAGE_LIMIT - 45, MESSAGE_LIMIT + 5, 7):
        found = samples.finding(body=f"{'x' * filling} {key}", title=f"{'x' * (filling - MESSAGE_LIMIT + 235)} {key}")
        assert key[:10] not in render(samples.run_of((samples.seat(),), (found,)))


@pytest.mark.parametrize(
    "text",
    ["::set-env name=X::1", "\r::add-mask::a", "a\n::error::b", "##[add-mask]a", "%0A::error::x", "a,line=1::b", "%"],
)
def test_what_a_command_carries_is_read_as_it_was_written(text: str):
    made = commands(command("warning", text, {"title": text}))
    assert [one.name for one in made] == ["warning"]
    assert made[0].data == made[0].properties["title"] == text.replace("\r", "<U+000D>").replace("##[", "##<U+005B>")


@settings(max_examples=30, deadline=None)
@given(hostile_text)
def test_no_text_of_a_report_makes_a_command_of_its_own(text: str):
    made = commands(render(samples.hostile(text)))
    assert {one.name for one in made} <= {"notice", "warning"}
    assert len(made) == 3, "the notice, and the two findings that are shown"
    assert all(one.properties.keys() <= {"file", "line", "endLine", "title"} for one in made)
    assert commands(remark(text))[0].name == "notice"
