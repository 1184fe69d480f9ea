"""The words of `reviewbot eval`."""

import pytest

from reviewbot.doors import cli


@pytest.mark.parametrize("words", [("nowhere",), ("run", "nowhere"), ("--model", "rules/builtin", "nowhere")])
def test_the_word_run_may_be_left_out(words, capsys):
    assert cli.run(["eval", *words, "--offline"]) == 2
    assert "nowhere: " in capsys.readouterr().err


def test_the_help_names_every_command_and_a_missing_option_is_told(capsys):
    assert cli.run(["eval", "--help"]) == 0
    told = capsys.readouterr().out
    assert cli.run(["eval"]) == 0
    assert capsys.readouterr().out == told
    assert all(f"  {name} " in told for name in ("run", "council", "compare", "add"))
    assert cli.run(["eval", "council", "file.jsonl"]) == 2
    assert "--members" in capsys.readouterr().err


@pytest.mark.parametrize("margin", ["nan", "inf"])
def test_a_margin_that_nothing_exceeds_is_refused(margin, capsys):
    assert cli.run(["eval", "compare", "a.json", "b.json", "--margin", margin]) == 2
    assert f"{margin} is no margin" in capsys.readouterr().err
