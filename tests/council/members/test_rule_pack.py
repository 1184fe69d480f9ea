import re
from importlib.resources import files

import pytest
from ast_grep_py import SgRoot
from pydantic import ValidationError

from reviewbot.council.members.rule_pack import builtin_rules, parse_rules
from reviewbot.council.members.rules import GRAMMARS, LENSES
from reviewbot.council.prompt import load_lenses

RULE = """
rules:
  - id: a-rule
    lens: security
    category: injection
    severity: high
    confidence: likely
    title: a
    body: b
    fix: c
    match: {python: {words: [eval], rule: {pattern: eval($X)}}}
"""


def test_a_rule_is_read():
    (rule,) = parse_rules([RULE.encode()])
    assert rule.match["python"].config == {"rule": {"pattern": "eval($X)"}, "constraints": {}, "utils": {}}


@pytest.mark.parametrize(
    ("part", "wrong"),
    [
        ("severity: high", "severity: terrible"),
        ("severity: high", "severity: high\n    surprise: 1"),
        ("title: a", "title: ''"),
        ("id: a-rule", "id: A rule"),
        ("lens: security", "lens: taste"),
        ("lens: security", "lens: assumptions"),
        ("python:", "cobol:"),
        ("words: [eval]", "words: []"),
    ],
)
def test_a_rule_that_does_not_hold_ends_the_run(part, wrong):
    with pytest.raises(ValidationError):
        parse_rules([RULE.replace(part, wrong).encode()])


def test_two_rules_cannot_have_one_id():
    with pytest.raises(ValueError, match="a-rule"):
        parse_rules([RULE.encode(), RULE.encode()])


def test_a_rule_of_the_assumptions_lens_names_the_assumption():
    assert all((rule.assumption is not None) == (rule.lens == "assumptions") for rule in builtin_rules())


def test_every_category_is_one_the_lens_knows():
    lenses = load_lenses(())
    assert {rule.lens for rule in builtin_rules()} == set(LENSES)
    assert [rule.id for rule in builtin_rules() if rule.category not in lenses[rule.lens].categories] == []


def test_the_engine_takes_every_rule_in_every_grammar_of_its_language():
    for rule in builtin_rules():
        for language, matcher in rule.match.items():
            for grammar in {grammar for grammar, name in GRAMMARS.values() if name == language}:
                assert list(SgRoot("x", grammar).root().find_all(matcher.config)) == [], rule.id


def test_the_words_of_a_rule_are_lower_case_as_the_text_they_are_looked_up_in():
    for rule in builtin_rules():
        assert all(word == word.lower() for matcher in rule.match.values() for word in matcher.words), rule.id


def test_what_the_prose_names_is_what_a_rule_matches():
    for rule in builtin_rules():
        texts = [rule.title, rule.body, rule.fix, *(rule.assumption.model_dump().values() if rule.assumption else ())]
        names = {name for text in texts if text for name in _names(text)}
        for matcher in rule.match.values():
            assert all(f"${name}" in str(matcher.config) for name in names - {"match"}), rule.id


def _names(text: str) -> list[str]:
    return re.findall(r"\{(match|[A-Z]+)\}", text)


def test_the_pack_ships_beside_the_code():
    pages = [page.name for page in (files("reviewbot.council.members") / "pack").iterdir()]
    assert {"identity.yml", "injection.yml", "money.yml"} <= set(pages)
