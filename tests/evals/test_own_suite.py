"""The suite that ships with the repository: what its pages say of it, and that every recorded answer is one."""

import json
from collections import Counter
from pathlib import Path

from reviewbot.council.prompt import LENSES, load_lenses
from reviewbot.evals.suites import read_suite
from reviewbot.findings import Answer

ROOT = Path(__file__).parents[2] / "evals"
SUITE = read_suite(ROOT / "suites" / "own")
DEFECTS = [case for case in SUITE.cases if case.golden]


def test_it_has_what_its_page_says():
    assert Counter(case.lens for case in DEFECTS) == {"assumptions": 34, "security": 16, "architecture": 16}
    assert {case.twin_of for case in SUITE.cases if case.twin_of} == {case.id for case in DEFECTS}
    assert sum(not case.golden and case.twin_of is None for case in SUITE.cases) == 23
    assert min(Counter(case.language for case in DEFECTS).values()) >= 12


def test_every_kind_of_the_assumptions_lens_has_a_case_and_every_defect_its_question():
    kinds = {case.kind for case in DEFECTS if case.lens == "assumptions"}
    assert kinds == set(load_lenses()["assumptions"].categories)
    for golden in (golden for case in DEFECTS for golden in case.golden):
        assert golden.line is not None
        assert all(golden.between or ())
        assert golden.question.endswith("?")


def test_each_case_has_an_answer_of_its_lens_and_each_right_change_one_of_every_lens():
    for case in SUITE.cases:
        script = json.loads((ROOT / "answers" / f"{case.id}.json").read_text(encoding="utf-8"))
        assert script["recorded"].startswith("recorded from a language model")
        assert set(script["answers"]) >= (set(LENSES) if not case.golden else {case.lens})
        for said in script["answers"].values():
            Answer.model_validate(said["answer"])
        challenge = json.loads((ROOT / "challenges" / f"{case.id}.json").read_text(encoding="utf-8"))
        assert set(challenge["answers"]) == {"challenge"}
