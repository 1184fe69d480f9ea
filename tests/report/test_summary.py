import re

import pytest
from hypothesis import given, settings
from report import samples
from report.hostility import hostile_text
from report.markdown_page import LISTS, faults, hrefs, nodes

from reviewbot.report.fitting import size
from reviewbot.report.standing import Standing
from reviewbot.report.summary import render_skipped, render_summary, review_body

PULL = "https://git.example/o/r/pull/7"
SOURCE = "https://git.example/o/r/blob/0123456789abcdef0123456789abcdef01234567/"
TABLE = {"table_open", "thead_open", "tr_open", "th_open", "tbody_open", "td_open"}
OURS = {
    *LISTS,
    *TABLE,
    "blockquote_open",
    "strong_open",
    "em_open",
    "fence",
    "heading_open",
    "html_inline",
    "html_block",
}
HTML = re.compile(r"<details(?: open)?>\n<summary>[A-Za-z0-9:, ]+</summary>\n|</details>\n|</?sub>")


def said(*ranks):
    return {f"{rank:012x}": f"{PULL}#discussion_r{rank}" for rank in ranks}


def visible(page):
    """The page without what is folded."""
    text, depth = "", 0
    for line in page.split("\n"):
        depth += line.startswith("<details>")
        text += "" if depth else f"{line}\n"
        depth -= line.startswith("</details>")
    return text


def assert_whole(page):
    """Every fold is closed, every fence too, and no HTML is anybody else's."""
    seen = [*nodes(page)]
    html = [node.content for node in seen if node.type.startswith("html")]
    assert [text for text in html if not HTML.fullmatch(text)] == []
    assert sum("<details" in text for text in html) == sum("</details>" in text for text in html)
    assert faults(re.sub(re.escape("https://git.example/"), "https://owasp.org/", page), OURS) == []


@given(hostile_text)
@settings(max_examples=30, deadline=None)
def test_no_text_of_a_report_or_a_conversation_becomes_markup_of_its_own(text):
    standing = Standing(
        quiet={f"{2:012x}": text}, open_before={f"{PULL}#x": text, f"{PULL}>{text}": "x"}, since=text, notices=(text,),
        comments={f"{1:012x}": f"{PULL})>{text}"}, unchanged=(text, "b"), source_url=SOURCE, resolved=1, up=1,
    )  # fmt: skip
    assert_whole(render_summary(samples.hostile(text), standing))


@pytest.mark.parametrize("situation", samples.EVERY)
def test_every_report_renders_the_same_way_twice(situation):
    report = samples.EVERY[situation]()
    page = render_summary(report, Standing())
    assert page == render_summary(report, Standing())
    assert_whole(page)


def test_what_needs_a_person_comes_first_and_stands_open():
    open_text = visible(render_summary(samples.council(), Standing(comments=said(1, 3))))
    headings = re.findall(r"^#+ (.*)$", open_text, re.MULTILINE)
    assert headings[0].startswith("5 findings (1 critical, 2 high, 1 medium, 1 low): 1 question for a person, 1")
    assert headings[1:] == ["Questions for a person", "Disputed"]
    assert "refuted by openai: stripe" in open_text
    assert "anthropic/claude" not in open_text


def test_every_finding_is_told_once_or_linked():
    page = render_summary(samples.council(), Standing(comments=said(1, 3)))
    assert {url for url in hrefs(page) if "discussion" in url} == {*said(1, 3).values()}
    counts = [page.count(words) for words in ("delivery of the event credits", "more logging", "old amount check")]
    assert counts == [1, 1, 1]
    assert "never verifies it" not in page


@pytest.mark.parametrize(
    ("report", "line"),
    [
        (samples.nothing_found(), "### Nothing found by 3 of 3 seats"),
        (samples.empty(), "### Nothing to review: the change is empty"),
        (samples.binary_only(), "### Nothing could be looked at: binary: git shows no text"),
        (
            samples.run_of((samples.seat(state="unavailable"), samples.seat(samples.GPT, state="config_error"))),
            "### Nothing could be looked at: 0 of 2 seats answered",
        ),
    ],
)
def test_each_kind_of_nothing_has_its_own_words(report, line):
    page = visible(render_summary(report, Standing()))
    assert page.startswith(f"{line}\n")
    assert ("Nothing found" in page) is ("Nothing found" in line)


def test_what_is_missing_stands_in_the_open_a_line_each():
    page = visible(render_summary(samples.failing(), Standing()))
    assert "\n**Incomplete: 6 of 10 seats did not answer, 2 only in part**\n" in page
    assert "\n**3 files not covered in full: assets/logo.png, vendor/jquery.js and vendor/d3.js**\n" in page
    assert "\n- google/gemini-4-argon: the key was refused (401); set GEMINI\\_API\\_KEY\n" in page


def test_a_bad_finding_that_no_comment_says_is_not_folded_away():
    low = samples.emblem(2).model_copy(update={"severity": "low"})
    report = samples.run_of((samples.seat(),), (samples.finding(1, placement="summary"), low))
    assert samples.finding().body in visible(render_summary(report, Standing()))
    assert samples.finding().title not in visible(render_summary(report, Standing(comments=said(1))))
    mild = samples.run_of((samples.seat(),), (samples.finding(1, severity="medium"), low))
    assert samples.finding().title not in visible(render_summary(mild, Standing()))


def test_a_push_that_changed_nothing_says_so_and_never_that_nothing_was_looked_at():
    page = render_summary(samples.empty(), Standing(since="abc1234def"))
    assert page.startswith("### Nothing new to read since `abc1234`\n")
    assert "empty" not in page
    carried = samples.binary_only().model_copy(update={"findings": samples.council().findings})
    page = render_summary(carried, Standing(since="abc1234def"))
    assert page.startswith("### Nothing new to read since `abc1234`. 5 findings (1 critical, 2 high")
    assert "could be looked at" not in page


def test_a_run_that_nobody_answered_is_not_told_as_nothing_new():
    silent = samples.run_of((samples.seat(state="unavailable"), samples.rules_seat()), (samples.finding(),))
    page = render_summary(silent, Standing(quiet={samples.finding().id: "dismissed by a person"}))
    assert page.startswith("### No model answered; only rules looked\n")


def test_rules_alone_and_demonstrations_say_so_before_anything_else():
    assert render_summary(samples.rules_alone(), Standing()).startswith("*No model sat: the built-in rules")
    assert render_summary(samples.demonstration(), Standing()).startswith("*This is a demonstration")


def test_what_a_reader_has_to_know_stands_before_the_outcome():
    page = render_summary(samples.nothing_found(), Standing(notices=("The policy is void.", "A fork has no keys.")))
    assert page.startswith("*The policy is void.*\n\n*A fork has no keys.*\n\n### Nothing found")


def test_what_was_read_and_what_became_of_earlier_comments_is_told():
    standing = Standing(
        since="abc1234def", unchanged=("a.py", "b.py"), open_before={f"{PULL}#discussion_r9": "The loop never ends"},
        resolved=2, up=3, down=1,
    )  # fmt: skip
    page = render_summary(samples.nothing_found(), standing)
    assert "Read: what changed since `abc1234`; 2 unchanged files as reviewed there. 2 earlier threads" in visible(page)
    assert "<summary>1 earlier comment still open</summary>" in page
    assert f"- The loop never ends ([`thread`](<{PULL}#discussion_r9>))" in page
    assert "- `a.py`\n- `b.py`" in page
    assert "**Reactions:** 3 for, 1 against" in page


def test_findings_left_quiet_are_counted_by_reason_and_ask_nobody_again():
    reasons = ("dismissed by a person", "its thread is resolved", "dismissed by a person")
    quiet = dict(zip(said(1, 2, 3), reasons, strict=True))
    page = render_summary(samples.council(), Standing(quiet=quiet, comments=said(1, 2, 3)))
    assert page.startswith("### 2 findings (1 high, 1 low): 1 more ranked below, 1 withheld\n")
    assert "3 findings left quiet: 2 dismissed by a person and 1 its thread is resolved." in visible(page)
    assert "Questions for a person" not in page
    assert "- **1. Critical:** A payment is credited" in page


def test_a_run_that_finds_only_what_is_settled_does_not_say_that_it_found_nothing():
    quiet = {finding.id: "its thread is resolved" for finding in samples.council().findings}
    assert "\n\n5 findings left quiet: its thread is resolved." in render_summary(
        samples.council(), Standing(quiet=quiet)
    )
    page = render_summary(samples.council(), Standing(quiet=quiet))
    assert page.startswith("### Nothing new: 5 findings settled before\n")


def test_the_reviewed_commit_the_cost_and_the_prompts_are_folded_at_the_end():
    change = samples.council().change.model_copy(update={"head_sha": "fedcba9876543210"})
    page = render_summary(samples.council().model_copy(update={"change": change}), Standing())
    assert "\n\nReviewed `fedcba9`.\n" in visible(page)
    last = page.split("<details>")[-1]
    for words in ("<summary>What was reviewed, by whom", "8c1f02d9..fedcba98", "**Spent:**", "security `1b2c3d4e`"):
        assert words in last
    assert last.count("\n| `") == len({seat.member for seat in samples.council().seats})


def many(number, **more):
    findings = tuple(samples.finding(rank, **more) for rank in range(1, number + 1))
    return samples.run_of(samples.council().seats, findings)


@pytest.mark.parametrize("limit", [60_000])
@pytest.mark.parametrize(
    ("more", "standing"),
    [
        ({}, Standing()), ({}, Standing(comments=said(*range(1, 3_001)))), ({"placement": "withheld"}, Standing()),
        ({"assumption": samples.emblem().assumption}, Standing()),
        ({"title": "\u754c" * 80, "body": "\U0001f600" * 500}, Standing()),
    ],
)  # fmt: skip
def test_of_three_thousand_findings_the_first_are_shown_and_the_rest_counted(limit, more, standing):
    page = render_summary(many(3_000, **more), standing, limit=limit)
    assert len(page) <= size(page) <= limit
    assert_whole(page)
    ranks = [int(rank) for rank in re.findall(r"^\*\*(\d+)\.", page, re.MULTILINE)]
    left = re.search(r"\*\*([\d,]+) findings not shown here:\*\*", page)
    assert ranks == list(range(1, len(ranks) + 1))
    assert ranks
    assert len(ranks) + int(left[1].replace(",", "")) == 3_000


def test_a_step_summary_has_room_for_more():
    page = render_summary(many(900), Standing(), limit=900_000)
    assert 300_000 < size(page) <= 900_000
    assert_whole(page)


@pytest.mark.parametrize("text", ["\u200b", "```\n", "& ", "x" * 70 + "\n", "@a "])
def test_the_first_finding_is_shown_however_long_everything_is(text):
    long = text * (3_000 // len(text))
    standing = Standing(
        notices=(long, long), quiet={f"{2:012x}": long}, open_before={f"{PULL}#{n}": long for n in range(30)},
        unchanged=(long,) * 30, since=long,
    )  # fmt: skip
    report = samples.hostile(long).model_copy(update={"not_covered": samples.failing().not_covered * 300})
    report = report.model_copy(update={"seats": samples.failing().seats * 3, "prompts": {long: long}})
    page = render_summary(report, standing, limit=20_000)
    assert size(page) <= 20_000
    assert re.search(r"^\*\*1\.", page, re.MULTILINE)
    assert_whole(page)


def test_the_review_points_to_its_comments_and_to_the_summary():
    assert review_body(samples.council(), Standing()).startswith("2 findings at their lines. What needs an answer")
    assert review_body(samples.council(), Standing(comments=said(1))).startswith("1 finding at its line.")
    assert review_body(samples.nothing_found(), Standing()).endswith("is in the summary comment.")


def test_a_skipped_review_says_so_and_why_in_one_line():
    assert render_skipped("a draft <b>@octocat</b>") == "**Not reviewed:** a draft `<b>@octocat</b>`\n"
