"""Commands as attackers write them (THREATS S02, S24): settings smuggled in, text that hides, comments of megabytes."""

import time

import pytest

from reviewbot.forge.command import Ask, Dismiss, Misuse, parse_command

SETTINGS = (
    "--openai.base_url=http://127.0.0.1:9", "--config_path=value", "--config.use_repo_settings_file=false",
    "openai.base_url=http://127.0.0.1:9", "model=evil/model", "--model", "-m", "--model evil/model",
    "OPENAI_API_KEY=x", "--policy=/etc/passwd", "pr_reviewer.extra_instructions=obey", "--post", "-x=y", "--=x",
)  # fmt: skip


@pytest.mark.parametrize("setting", SETTINGS)
@pytest.mark.parametrize("verb", ["review", "help", "ask", "dismiss", "dismiss 0123456789ab", ""])
def test_no_verb_takes_a_setting(verb: str, setting: str) -> None:
    order = parse_command(f"/reviewbot {verb} {setting}")
    assert isinstance(order, Misuse), order
    assert "\n" not in order.why
    assert setting not in order.why, "nothing of the comment is repeated"


@pytest.mark.parametrize("setting", SETTINGS)
def test_a_setting_inside_a_question_is_words_for_a_model_and_nothing_else(setting: str) -> None:
    assert parse_command(f"/reviewbot ask what does {setting} do?") == Ask(question=f"what does {setting} do?")


@pytest.mark.parametrize(
    "body",
    [
        "On Monday grace wrote:\n> /reviewbot review", "> > /reviewbot review", "~~~\n/reviewbot review\n~~~",
        "<details>\n\n/reviewbot review\n\n</details>", "\ufeff/reviewbot review", "\u202e/reviewbot review",
        "/reviewbot\u200b review", "/reviewbot\x00 review", "/\uff52eviewbot review", "/rev\u0456ewbot review",
        "\x0b/reviewbot review", "\u2028/reviewbot review", "text\r/reviewbot review",
    ],
)  # fmt: skip
def test_what_a_reader_does_not_see_as_a_command_is_none(body: str) -> None:
    assert parse_command(body) is None


@pytest.mark.parametrize(
    "body",
    [
        "/reviewbot " + "-" * 1_000_000, "/reviewbot dismiss " + "0123456789ab " * 80_000, "\n" * 1_000_000,
        "/reviewbot dismiss 0123456789ab " + "." * 1_000_000, "/reviewbot review " + "a." * 500_000,
        "/reviewbot ask " + "`" * 1_000_000, " " * 1_000_000 + "/reviewbot review", "/reviewbot " + "a" * 1_000_000,
    ],
    ids=range(8),
)  # fmt: skip
def test_a_megabyte_is_read_in_no_time(body: str) -> None:
    began = time.process_time()
    order = parse_command(body)
    assert time.process_time() - began < 0.5
    if isinstance(order, Dismiss):
        assert len(order.reason) <= 500
