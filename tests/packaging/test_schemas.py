"""The JSON Schemas that ship say what the code says."""

import json
from pathlib import Path

import jsonschema
import pytest

from reviewbot.settings import Policy

ROOT = Path(__file__).parents[2]
POLICY = ROOT / "reviewbot" / "policy.schema.json"


def test_the_schema_of_the_policy_file_is_the_one_that_ships() -> None:
    written = json.dumps(Policy.model_json_schema(), indent=2) + "\n"
    assert POLICY.read_text() == written, "renew it: write this text to reviewbot/policy.schema.json"


@pytest.mark.parametrize(("policy", "holds"), [({"ignore": ["vendor/*"]}, True), ({"ignroe": []}, False)])
def test_the_schema_refuses_what_the_code_refuses(policy: dict[str, object], *, holds: bool) -> None:
    validator = jsonschema.Draft202012Validator(json.loads(POLICY.read_text()))
    assert validator.is_valid(policy) is holds
