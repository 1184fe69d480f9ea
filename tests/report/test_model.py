from report import samples

from reviewbot.report import FORMATS, SCHEMA_NAME, Report


def test_a_report_names_its_schema():
    assert samples.council().schema_name == SCHEMA_NAME == "reviewbot/report@1"


def test_no_field_of_a_report_is_a_verdict():
    assert not {"verdict", "approved", "decision", "conclusion", "event"} & {*Report.model_fields}


def test_every_format_renders_every_situation():
    for make in samples.EVERY.values():
        assert all(render(make()).endswith("\n") for render in FORMATS.values())
    assert list(FORMATS) == ["text", "json", "markdown", "sarif", "github"]
