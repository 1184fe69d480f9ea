"""From the text of a comment to an order, or to none."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from reviewbot.forge.command import MAX_IDS, MAX_QUESTION, Again, Ask, Dismiss, Help, Misuse, parse_command

ID, OTHER = "0123456789ab", "ba9876543210"


@pytest.mark.parametrize(
    "body",
    [
        "/reviewbot review", "/reviewbot review\n", "/reviewbot   review  ", "/reviewbot\treview", "/reviewbot Review",
        "\n\n \n/reviewbot review", "/reviewbot review\r\nthanks!\r\n", "/reviewbot review\n\n> quoted",
    ],
)  # fmt: skip
def test_the_first_line_orders(body: str) -> None:
    assert parse_command(body) == Again()


@pytest.mark.parametrize(
    "body",
    [
        "", "\n", "   ", "review", "/review", "/reviewbots review", "/reviewbot-review", "/reviewbot:review",
        " /reviewbot review", "\t/reviewbot review", "    /reviewbot review", "> /reviewbot review",
        "```\n/reviewbot review\n```", "Please\n/reviewbot review", "please /reviewbot review", "`/reviewbot review`",
        "- /reviewbot review", "<!-- -->\n/reviewbot review", "@reviewbot review", "\u200b/reviewbot review",
        "//reviewbot review", "\\/reviewbot review", "/Reviewbot review", "**/reviewbot review**",
    ],
)  # fmt: skip
def test_words_about_commands_are_no_commands(body: str) -> None:
    assert parse_command(body) is None


@pytest.mark.parametrize("body", ["/reviewbot", "/reviewbot help", "/reviewbot HELP\nplease"])
def test_help_is_what_nothing_asks_for(body: str) -> None:
    assert parse_command(body) == Help()


@pytest.mark.parametrize("verb", ["approve", "merge", "block", "config", "/review", "réview", "x" * 10_000])
def test_the_list_of_verbs_is_closed(verb: str) -> None:
    assert isinstance(parse_command(f"/reviewbot {verb}"), Misuse)


@pytest.mark.parametrize(("typed", "meant"), [("reviw", "review"), ("dismis", "dismiss"), ("aks", "ask")])
def test_a_slip_is_told_the_nearest_verb(typed: str, meant: str) -> None:
    order = parse_command(f"/reviewbot {typed}")
    assert isinstance(order, Misuse)
    assert f"`{meant}`" in order.why


@pytest.mark.parametrize("verb", ["review now", "help me"])
def test_what_takes_nothing_is_given_nothing(verb: str) -> None:
    assert isinstance(parse_command(f"/reviewbot {verb}"), Misuse)


def test_a_question_is_the_rest_of_the_comment() -> None:
    order = parse_command("/reviewbot ask Is `x=1` safe --here?\n\n```\ncode\n```\n")
    assert order == Ask(question="Is `x=1` safe --here?\n\n```\ncode\n```")


@pytest.mark.parametrize("question", ["-1 ok?", "is -1 ok?", "-0.5 or 0?", "- or +?"])
def test_a_number_below_zero_is_no_option(question: str) -> None:
    assert parse_command(f"/reviewbot ask {question}") == Ask(question=question)


def test_a_question_may_begin_below() -> None:
    assert parse_command("/reviewbot ask\r\nwhy?") == Ask(question="why?")


@pytest.mark.parametrize("body", ["/reviewbot ask", "/reviewbot ask  \n \n"])
def test_a_question_says_something(body: str) -> None:
    assert isinstance(parse_command(body), Misuse)


def test_a_question_has_an_end() -> None:
    assert isinstance(parse_command("/reviewbot ask " + "x" * MAX_QUESTION), Ask)
    order = parse_command("/reviewbot ask " + "x" * (MAX_QUESTION + 1))
    assert isinstance(order, Misuse)
    assert "2,001" in order.why


@pytest.mark.parametrize(
    ("argument", "ids", "reason"),
    [
        (ID, (ID,), ""),
        (f"`{ID}`", (ID,), ""),
        (f"{ID} {OTHER}", (ID, OTHER), ""),
        (f"{ID}, `{OTHER}`, {ID}", (ID, OTHER), ""),
        (ID.upper(), (ID,), ""),
        (f"{ID} generated code, see #4", (ID,), "generated code, see #4"),
        (f"{ID} because of {OTHER}", (ID,), f"because of {OTHER}"),
    ],
)
def test_a_dismissal_takes_ids_and_then_a_reason(argument: str, ids: tuple[str, ...], reason: str) -> None:
    assert parse_command(f"/reviewbot dismiss {argument}\nthanks") == Dismiss(ids=ids, reason=reason)


@pytest.mark.parametrize("argument", ["", "all", ID[:-1], f"{ID}0", "*", f"because {ID}", f"{ID} " * (MAX_IDS + 1)])
def test_a_dismissal_names_what_it_dismisses(argument: str) -> None:
    assert isinstance(parse_command(f"/reviewbot dismiss {argument}"), Misuse)


@given(st.text(max_size=200))
@settings(max_examples=50)
def test_any_text_is_an_order_or_none(text: str) -> None:
    for body in (text, f"/reviewbot {text}", f"/reviewbot dismiss {text}", f"/reviewbot ask {text}"):
        order = parse_command(body)
        if isinstance(order, Misuse):
            assert "\n" not in order.why
        if isinstance(order, Ask):
            assert 0 < len(order.question) <= MAX_QUESTION
