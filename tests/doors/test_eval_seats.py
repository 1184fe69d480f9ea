"""Who reviews and judges: named as given, asked once, and refused before anything is paid for."""

import json
from pathlib import Path

import pytest

from reviewbot.doors.eval_seats import judge_named, judging_by, seats
from reviewbot.errors import BadSettings
from reviewbot.evals.model import Case, CaseResult
from reviewbot.evals.run import Reviewed
from reviewbot.record.answers import Memory
from reviewbot.settings import Operator, Policy

CASE = Case(id="pays", diff="", golden=())


@pytest.fixture
def memory(tmp_path: Path) -> Memory:
    return Memory(tmp_path / "answers.sqlite")


def test_a_file_for_each_case_speaks_under_the_name_it_was_given(memory, tmp_path):
    (tmp_path / "pays.json").write_text(json.dumps({"family": "ada", "answers": {}}), encoding="utf-8")
    name = f"scripted/{tmp_path}/{{case}}.json"
    seat = seats(Operator(models=(name, "rules/builtin")), Policy(), memory)
    assert [(one.member.name, one.member.family) for one in seat(CASE)] == [(name, "ada"), ("rules/builtin", "rules")]
    with pytest.raises(BadSettings, match="cannot be read"):
        seat(CASE.model_copy(update={"id": "other"}))


def test_who_cannot_sit_in_any_case_is_told_at_once(memory):
    with pytest.raises(BadSettings, match="there is no key"):
        seats(Operator(models=("openai/gpt-6.1-sol",)), Policy(), memory)
    with pytest.raises(BadSettings, match="judges nothing"):
        judging_by("rules/builtin", Operator(), memory, ())


@pytest.mark.parametrize(("prices", "cost"), [((0.25, 0.5), 0.75), ((0.25, None), None), ((), 0.0)])
def test_a_judge_costs_what_all_its_answers_cost_and_nothing_known_is_not_nothing(prices, cost):
    done = [Reviewed(CASE, CaseResult(id="pays", golden=()), None, usd) for usd in prices]
    named = judge_named("ada/one", done)
    assert (named.name, named.usd, bool(named.prompt)) == ("ada/one", cost, True)
    assert judge_named("place", done).prompt == ""
