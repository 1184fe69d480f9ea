"""The report as JSON, and the JSON Schema that promises its form (DESIGN 4.4).

The schema ships beside this module as `report.schema.json`. After a change to the model renew it, in this folder, by
`python -c "from reviewbot.report import schema; print(schema.schema_text(), end='')" > report.schema.json`
"""

import json

from reviewbot.report.model import SCHEMA_NAME, Report


def to_json(report: Report) -> str:
    """The whole report, verbatim: `"schema"` first, two blanks of indent, a line feed at the end.

    Pure ASCII: JSON's own escapes keep every character of the text, and a terminal or a CI log meets none that acts.
    """
    return json.dumps(report.model_dump(mode="python"), indent=2) + "\n"


def schema_text() -> str:
    """The JSON Schema (draft 2020-12) of what `to_json` writes."""
    head = {"$schema": "https://json-schema.org/draft/2020-12/schema", "$comment": SCHEMA_NAME}
    return json.dumps(head | Report.model_json_schema(mode="serialization"), indent=2) + "\n"
