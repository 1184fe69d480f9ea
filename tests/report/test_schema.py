import json
from importlib.resources import files

import pytest
from hypothesis import given, settings
from jsonschema import Draft202012Validator
from pydantic import ValidationError
from report import samples
from report.hostility import hostile_text

from reviewbot.report import Report
from reviewbot.report.schema import schema_text, to_json

SHIPPED = (files("reviewbot.report") / "report.schema.json").read_text(encoding="utf-8")


def test_the_shipped_schema_is_that_of_the_model():
    assert schema_text() == SHIPPED, "renew it: see the docstring of reviewbot/report/schema.py"


@pytest.mark.parametrize("situation", samples.EVERY)
def test_every_report_keeps_to_the_shipped_schema(situation):
    schema = json.loads(SHIPPED)
    Draft202012Validator.check_schema(schema)
    Draft202012Validator(schema).validate(json.loads(to_json(samples.EVERY[situation]())))


@pytest.mark.parametrize(
    ("said", "instead"),
    [
        ('"complete": true,', ""),
        ('"complete": true,', '"complete": true, "verdict": "approved",'),
        ("reviewbot/report@1", "reviewbot/report@2"),
        ('"state": "ok"', '"state": "fine"'),
        ('"severity": "critical"', '"severity": "urgent"'),
    ],
)
def test_the_schema_refuses_what_is_not_a_report(said, instead):
    text = to_json(samples.council())
    assert said in text
    document = json.loads(text.replace(said, instead, 1))
    assert list(Draft202012Validator(json.loads(SHIPPED)).iter_errors(document))
    with pytest.raises(ValidationError):
        Report.model_validate_json(json.dumps(document))


@pytest.mark.parametrize("situation", samples.EVERY)
def test_a_report_read_back_is_the_same_report(situation):
    report = samples.EVERY[situation]()
    assert Report.model_validate_json(to_json(report)) == report


def test_json_opens_with_its_schema_and_ends_with_a_line_feed():
    text = to_json(samples.council())
    assert text.startswith('{\n  "schema": "reviewbot/report@1",\n  "change": {\n')
    assert text.endswith("}\n")


def test_json_has_the_keys_that_were_promised_in_their_order():
    assert list(json.loads(to_json(samples.council()))) == [
        "schema", "change", "complete", "seats", "findings", "not_covered", "spent", "budget", "prompts", "run",
        "notes",
    ]  # fmt: skip


@given(hostile_text)
@settings(max_examples=25, deadline=None)
def test_json_holds_any_text_verbatim_in_characters_that_do_nothing(text):
    document = to_json(samples.hostile(text))
    assert document.isascii()
    assert "\x1b" not in document
    assert json.loads(document)["findings"][0]["title"] == text
