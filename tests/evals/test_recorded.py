"""Recorded findings: what a row must hold, and what each comment tells of."""

import json

import pytest

from reviewbot.errors import BadSuite
from reviewbot.evals.recorded import digest_of, read_recorded


def row(**changed: object) -> dict[str, object]:
    comments = [
        {"body": "a", "matched_golden": [0, 2], "label": "tp"},
        {"body": "b", "matched_golden": [], "inferred_golden": 2},
        {"body": "c", "matched_golden": [], "inferred_golden": None},
        {"body": "d", "matched_golden": [], "inferred_golden": 0},
    ]
    golden = [{"id": 0, "text": "...", "severity": "High"}, {"id": 2, "severity": "low"}]
    return {"id": "pr-1", "golden": golden, "tools": {"x": {"comments": comments}, "y": {"comments": []}}} | changed


def test_a_comment_tells_of_what_it_matched_or_came_near_to(tmp_path):
    path = tmp_path / "council.jsonl"
    path.write_text(json.dumps(row(url="https://example.org", labels={})))
    (pull,) = read_recorded(path)
    assert pull.severities() == {0: "high", 2: "low"}
    assert pull.bodies(["y", "x"]) == {"y": (), "x": ("a", "b", "c", "d")}
    assert pull.labels(["x", "y"]) == {("x", 0): {0, 2}, ("x", 1): {2}, ("x", 2): set(), ("x", 3): {0}}


def test_without_goldens_or_with_a_comment_nobody_judged_nothing_is_known(tmp_path):
    path = tmp_path / "council.jsonl"
    unjudged = {"x": {"comments": [{"body": "a"}]}, "y": {"comments": []}}
    path.write_text(f"{json.dumps(row(golden=None))}\n{json.dumps(row(id='pr-2', tools=unjudged))}")
    without, some = read_recorded(path)
    assert (without.labels(["x"]), some.labels(["x"]), some.labels(["y"])) == (None, None, {})


@pytest.mark.parametrize(
    ("changed", "told"),
    [
        ({"tools": {"x": {"comments": [{"text": ""}]}}}, "tools.x.comments.0.body: is missing"),
        ({"tools": ["x"]}, "tools: Input should be an object"),
        ({"golden": [{"id": 0, "severity": "bad"}]}, "golden.0.severity: Input should be 'critical', 'high',"),
        ({"golden": [{"id": 0, "severity": "low"}] * 2}, "golden: two have one id"),
        ({"golden": [{"id": 0, "severity": "low"}]}, "tools.x.comments.0: tells of golden 2, which the row has not"),
        ({"id": "pr-0"}, "its id 'pr-0' is that of row 1"),
    ],
)
def test_a_row_that_does_not_hold_is_named(tmp_path, changed: dict[str, object], told: str):
    path = tmp_path / "council.jsonl"
    path.write_text(f"{json.dumps(row(id='pr-0'))}\n{json.dumps(row(**changed))}\n")
    with pytest.raises(BadSuite) as caught:
        read_recorded(path)
    assert str(caught.value).startswith(f"{path} row 2: {told}")


def test_the_digest_is_of_what_is_known_not_of_what_was_said(tmp_path):
    path = tmp_path / "council.jsonl"

    def digest(**changed: object) -> str:
        path.write_text(json.dumps(row(**changed)))
        return digest_of(read_recorded(path))

    assert digest() == digest(tools={}) != digest(golden=[{"id": 0, "severity": "low"}], tools={})
