"""A council beside its members."""

import pytest

from reviewbot.errors import BadInput, BadSettings
from reviewbot.evals.contest import hold, read_members
from reviewbot.evals.recorded import RecordedPull

SAME = "The file handle `fd` opened in `load_config` is never closed when parsing throws, so descriptors leak"


def pull(name: str, golden: list[dict[str, object]] | None, **tools: list[tuple[str, list[int]]]) -> RecordedPull:
    said = {
        tool: {"comments": [{"body": body, "matched_golden": matched} for body, matched in comments]}
        for tool, comments in tools.items()
    }
    return RecordedPull.model_validate({"id": name, "golden": golden, "tools": said})


HIGH = [{"id": 0, "severity": "high"}]
ROWS = (
    pull("a", HIGH, x=[("Nit", []), (SAME, [0])], y=[(SAME, [0]), ("Rename it", [])], z=[]),
    pull("b", HIGH, x=[(SAME, [0])], y=[(SAME, [0]), ("Typo", [])]),
    pull("c", None, x=[("Odd", [])], y=[]),
    pull("d", HIGH, x=[("Odd", [])]),
)


def test_the_council_its_members_and_everything_are_scored_on_the_same_pull_requests():
    contest, pulls = hold(ROWS, ("y", "x"), file="f.jsonl", version="1")
    assert [method.name for method in contest.methods] == ["council", "y", "x", "everything posted"]
    assert [one.id for one in contest.methods[2].tallies] == ["a", "b"]
    precision = {method.name: method.figures["P"].value for method in contest.methods}
    assert precision == pytest.approx({"council": 1, "y": 0.5, "x": 2 / 3, "everything posted": 2 / 7}, abs=1e-6)
    assert (contest.merged, contest.left_out, contest.unscored) == (3, 1, 1)
    assert [pull.id for pull in pulls] == ["a", "b", "c"]


def test_the_gain_is_over_the_best_member():
    contest, _ = hold(ROWS, ("y", "x"), file="f.jsonl", version="1")
    assert contest.best_member == "x"
    assert contest.gain["P"].value == pytest.approx(1 / 3, abs=1e-6)
    assert "pair F1" not in contest.gain  # a member alone merges nothing


def test_a_tool_alone_is_read_in_the_order_of_its_comments():
    contest, _ = hold(ROWS[:1], ("x",), file="f.jsonl", version="1")
    assert contest.methods[1].tallies[0].ndcg_10 == pytest.approx(0.63093, abs=1e-5)  # its hit is the second


def test_without_goldens_there_are_lists_and_no_figures():
    contest, pulls = hold(ROWS[2:3], ("x",), file="f.jsonl", version="1")
    assert (contest.methods, contest.best_member, contest.unscored, len(pulls)) == ((), None, 1, 1)


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("", "names nobody, or somebody twice; name some of x, y, z"),
        ("x, x", "names nobody, or somebody twice"),
        ("x,w", "'w' is in no row; name some of x, y, z"),
    ],
)
def test_members_are_some_of_those_in_the_file(text: str, told: str):
    assert read_members(" x, y ,", ROWS) == ("x", "y")
    with pytest.raises((BadInput, BadSettings), match=told):
        read_members(text, ROWS)


def test_members_that_never_met_are_no_council():
    with pytest.raises(BadInput, match="no pull request has findings of all of them"):
        read_members("x,w", (*ROWS, pull("e", HIGH, w=[])))
