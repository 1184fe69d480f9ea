"""The flags that every review takes."""

from pathlib import Path

import pytest

from reviewbot.doors.flags import Flags
from reviewbot.errors import BadSettings


def test_without_a_flag_the_environment_decides() -> None:
    operator = Flags().operator({"OPENAI_API_KEY": "key"})
    assert set(operator.keys) == {"openai"}
    assert operator.models == ()


def test_a_flag_stands_above_the_environment() -> None:
    operator = Flags(models=("rules/builtin",), lenses=("security",), max_usd=0.5).operator({})
    assert (operator.models, operator.lenses, operator.budget.usd) == (("rules/builtin",), ("security",), 0.5)


def test_scanners_and_a_tier_are_the_operators() -> None:
    operator = Flags(sarif=(Path("a.sarif"),), tier="high").operator({})
    assert (operator.sarif, operator.tier) == ((Path("a.sarif"),), "high")


def test_a_ceiling_of_nothing_is_a_ceiling() -> None:
    assert Flags(max_usd=0.0, max_tokens=0).operator({}).budget.model_dump() == {"usd": 0.0, "tokens": 0}


@pytest.mark.parametrize("flag", ["output", "record"])
def test_a_file_that_cannot_be_written_is_refused_at_once(tmp_path: Path, flag: str) -> None:
    flags = Flags()._replace(**{flag: tmp_path / "no folder" / "file"})
    with pytest.raises(BadSettings, match="cannot be written"):
        flags.operator({})
