"""Whether one result is worse than another."""

import pytest

from reviewbot.errors import BadInput
from reviewbot.evals.compare import Measurement, compare, read_result
from reviewbot.evals.score import Tally


def side(found: int, *, alarms: int = 0, of: str = "d", judge: str = "j", cases: int = 20) -> Measurement:
    """So many cases with one golden each, found in the first of them, and so many clean ones with alarms."""
    goldens = [
        Tally(id=f"g{n}", goldens=1, with_goldens=1, posted=1, new=n < found, false=n >= found) for n in range(cases)
    ]
    clean = [Tally(id=f"c{n}", clean=1, posted=n < alarms, alarms=n < alarms, alarmed=n < alarms) for n in range(cases)]
    tallies = {one.id: one for one in (*goldens, *clean)}
    return Measurement("run", of, judge, tallies, dict.fromkeys(tallies, ""), {name: name for name in tallies}, ("m",))


def moved(name: str, *sides: Measurement, **options: float) -> tuple[str, bool]:
    (line,) = (line for line in compare(*sides, **options).lines if line.name == name)
    return line.moved, line.regression


@pytest.mark.parametrize(
    ("before", "after", "told"),
    [
        (10, 16, ("better", False)),
        (10, 11, ("no difference told", False)),
        (10, 9, ("no difference told", False)),
        (10, 4, ("worse", True)),
    ],
)
def test_a_figure_moved_where_its_whole_interval_lies_on_one_side(before: int, after: int, told: tuple[str, bool]):
    told_of = {line.name: (line.moved, line.regression) for line in compare(side(before), side(after)).lines}
    assert [told_of[name] for name in ("F1", "P", "R")] == [told] * 3


def test_more_alarms_on_clean_cases_are_a_regression_and_fewer_are_better():
    assert moved("alarms", side(10, alarms=1), side(10, alarms=9)) == ("worse", True)
    assert moved("alarms", side(10, alarms=9), side(10, alarms=1)) == ("better", False)
    assert moved("alarmed", side(10, alarms=1), side(10, alarms=9)) == ("worse", False)  # not primary


def test_a_fall_beyond_the_margin_is_one_however_wide_the_interval():
    assert moved("R", side(10), side(9), margin=0.04) == ("beyond the margin", True)
    assert moved("R", side(10), side(9), margin=0.05) == ("no difference told", False)
    assert moved("alarms", side(10), side(10, alarms=1), margin=0.04) == ("beyond the margin", True)
    assert moved("alarmed", side(10), side(10, alarms=1), margin=0.04) == ("no difference told", False)
    assert moved("board P", side(10), side(5), margin=0.04) == ("", False)


def test_results_of_different_cases_are_compared_only_over_those_of_both():
    before, after = side(10), side(10, of="e", cases=15)
    with pytest.raises(BadInput, match="the cases are not the same: 30 of both, 10 of one only or with other goldens"):
        compare(before, after)
    changed = after._replace(known={**after.known, "g0": "another defect"})
    comparison = compare(before, changed, common=True)
    assert (comparison.cases, comparison.left_out, comparison.regressions) == (29, 11, ())


def test_results_that_cannot_stand_beside_each_other_are_refused():
    for other, told in [
        (side(10, of="e"), "the cases are not the same: 40 of both, 0"),
        (side(10, judge="k"), "one was judged by j, the other by k"),
        (side(10)._replace(kind="council"), "one is of `eval run`, the other of `eval council`"),
        (side(10)._replace(known={"z": ""}), "the two have no case with the same goldens"),
    ]:
        with pytest.raises(BadInput, match=told):
            compare(side(10), other)
    assert not compare(side(10), side(10, judge="k"), common=True).judged_alike


@pytest.mark.parametrize(
    ("content", "told"),
    [
        (b"", "is not JSON: "),
        (b"[]", "is not an object"),
        (b"\xff", "is not JSON: "),
        (b'{"schema": "reviewbot/report@1"}', "is no result of an evaluation, or one of another version"),
        (b'{"schema": "reviewbot/eval@1"}', "suite: is missing"),
    ],
)
def test_a_file_that_is_no_result_is_bad_input(tmp_path, content: bytes, told: str):
    path = tmp_path / "result.json"
    path.write_bytes(content)
    with pytest.raises(BadInput) as caught:
        read_result(path)
    assert str(caught.value).startswith(f"{path}: {told}")
