"""`reviewbot eval council` and `eval compare`, from their words to the exit code."""

import json
from collections.abc import Iterator
from pathlib import Path

import pytest

from reviewbot.doors import cli
from reviewbot.errors import Exit
from reviewbot.evals.contest import Contest

SAME = "The file handle `fd` opened in `load_config` is never closed when parsing throws, so descriptors leak"


@pytest.fixture(autouse=True)
def elsewhere(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """A folder that is no repository, with recorded findings of three tools in it."""
    monkeypatch.chdir(tmp_path)
    rows = [row(number) for number in range(8)]
    rows[7]["tools"].pop("z")
    (tmp_path / "council.jsonl").write_text("".join(f"{json.dumps(one)}\n" for one in rows))
    return tmp_path


def row(number: int) -> dict[str, object]:
    """Two tools find the defect and say something else besides, the third only that."""
    hit, miss = {"body": SAME, "matched_golden": [0]}, {"body": f"Odd name {number}", "matched_golden": []}
    tools = {"x": [hit, miss], "y": [hit, miss | {"body": "Wants a test"}], "z": [miss]}
    said = {name: {"comments": comments} for name, comments in tools.items()}
    return {"id": f"pr-{number}", "golden": [{"id": 0, "severity": "High"}], "tools": said}


def test_a_council_is_told_beside_its_members_and_its_lists_are_written(capsys: pytest.CaptureFixture[str]):
    words = ["eval", "council", "council.jsonl", "--members", "x,y,z", "--output", "out.jsonl"]
    assert cli.run(words) == Exit.REVIEWED
    told = capsys.readouterr()
    assert told.out.startswith("council.jsonl: x, y, z on 7 pull requests, 7 goldens\n")
    for line in (
        "council  ",
        "x  ",
        "z  ",
        "everything posted  ",
        "F1 of the council over its best member, x: ",
        "P@5",
    ):
        assert f"\n{line}" in told.out
    assert told.err == "reviewbot: 1 pull request left out: not every member was run there\n"
    written = Path("out.jsonl").read_text()
    first = json.loads(written.splitlines()[0])
    assert first.keys() == {"id", "clusters"}
    assert first["clusters"][0].keys() == {"members", "representative", "probability", "posted"}
    assert sorted(first["clusters"][0]["members"]) == [["x", 0], ["y", 0]]
    assert sorted(member for cluster in first["clusters"] for member in cluster["members"]) == [
        ["x", 0], ["x", 1], ["y", 0], ["y", 1], ["z", 0],
    ]  # fmt: skip
    assert cli.run(words) == Exit.REVIEWED
    assert Path("out.jsonl").read_text() == written


def contest(capsys: pytest.CaptureFixture[str], members: str, path: str) -> None:
    words = ["eval", "council", "council.jsonl", "--format", "json", "--members", members]
    assert cli.run(words) == Exit.REVIEWED
    Path(path).write_text(capsys.readouterr().out)


def test_a_council_that_got_worse_ends_as_findings_do(capsys: pytest.CaptureFixture[str]):
    contest(capsys, "x,y", "a.json")
    contest(capsys, "x,y", "b.json")
    assert cli.run(["eval", "compare", "a.json", "b.json"]) == Exit.REVIEWED
    assert "8 cases of both\n" in capsys.readouterr().out
    found = Contest.model_validate_json(Path("a.json").read_text())
    lost = [
        one.model_copy(update={"new": 0, "false": 1} if number else {})
        for number, one in enumerate(found.methods[0].tallies)
    ]
    council = found.methods[0].model_copy(update={"tallies": tuple(lost)})
    Path("b.json").write_text(found.model_copy(update={"methods": (council,)}).model_dump_json())
    assert cli.run(["eval", "compare", "a.json", "b.json"]) == Exit.FINDINGS
    told = capsys.readouterr()
    assert told.err == "reviewbot: b.json is worse in F1, P, R\n"
    assert cli.run(["eval", "compare", "b.json", "a.json", "--format", "json"]) == Exit.REVIEWED
    assert json.loads(capsys.readouterr().out)["lines"][0]["moved"] == "better"
    contest(capsys, "x,z", "c.json")
    assert cli.run(["eval", "compare", "a.json", "c.json"]) == Exit.EXPLAINED
    assert "give --common to compare those of both" in capsys.readouterr().err


@pytest.mark.parametrize(
    ("words", "line"),
    [
        (["council", "council.jsonl"], "Missing option '--members'; see `reviewbot eval council --help`"),
        (["council", "council.jsonl", "--members", "x,w"], "--members: 'w' is in no row; name some of x, y, z"),
        (["council", "none.jsonl", "--members", "x"], "none.jsonl: No such file or directory"),
        (["council", "council.jsonl", "--members", "x", "--output", "no/out.jsonl"], "no/out.jsonl: cannot be written"),
        (["compare", "council.jsonl", "council.jsonl"], "council.jsonl: is not JSON: trailing characters"),
        (["compare", "a.json", "b.json", "--margin", "-1"], "-1"),
    ],
)
def test_what_cannot_be_done_is_one_line(words: list[str], line: str, capsys: pytest.CaptureFixture[str]):
    assert cli.run(["eval", *words]) == Exit.EXPLAINED
    told = capsys.readouterr().err
    assert line in told
    assert told.count("\n") == 1


def test_a_bad_row_is_named(capsys: pytest.CaptureFixture[str]):
    with Path("council.jsonl").open("a") as file:
        file.write('{"id": "pr-9"}\n')
    assert cli.run(["eval", "council", "council.jsonl", "--members", "x"]) == Exit.EXPLAINED
    assert capsys.readouterr().err == (
        "reviewbot: council.jsonl row 9: tools: is missing; mend the row or take it out\n"
    )


def test_the_file_that_is_read_is_never_written(elsewhere: Path, capsys: pytest.CaptureFixture[str]):
    before = (elsewhere / "council.jsonl").read_bytes()
    (elsewhere / "link.jsonl").symlink_to("council.jsonl")
    for name in ("council.jsonl", "./council.jsonl", "link.jsonl"):
        assert cli.run(["eval", "council", "council.jsonl", "--members", "x,y", "--output", name]) == Exit.EXPLAINED
        assert "is the file that is read" in capsys.readouterr().err
    assert (elsewhere / "council.jsonl").read_bytes() == before
