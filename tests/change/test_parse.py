"""The parse of whole diffs: odd ones from files, real ones made by git and held against its blobs, damaged ones."""

import json
import random
import runpy
import subprocess
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from reviewbot.change import Diff, Hunk, parse_diff
from reviewbot.change.parse import Placed, Span, counted_by_unidiff
from reviewbot.errors import BadDiff

DIFFS = Path(__file__).parent / "diffs"
BENCHMARKS = Path(__file__).parents[2] / "benchmarks"
TRUTH = runpy.run_path(str(BENCHMARKS / "diff_truth.py"))
"""The benchmark that holds every line against git's blobs; here it walks small repositories."""
MUTANTS = runpy.run_path(str(BENCHMARKS / "diff_mutants.py"))
HAZARDS = [f"p{number:02}" for number in range(1, 21)]


def plain(diff: Diff) -> dict[str, Any]:
    """A diff in the form of `x.json`."""
    keys = ("path", "old_path", "status", "binary", "old_mode", "new_mode")
    return {
        "files": [
            {key: getattr(file, key) for key in keys}
            | {
                "hunks": [
                    {
                        "old_start": hunk.old_start,
                        "new_start": hunk.new_start,
                        "section": hunk.section,
                        "lines": [list(line) for line in hunk.lines],
                    }
                    for hunk in file.hunks
                ]
            }
            for file in diff.files
        ]
    }


@pytest.mark.parametrize("path", sorted(DIFFS.glob("*.diff")), ids=lambda path: path.stem)
def test_an_odd_diff_parses_or_is_refused_as_the_page_beside_it_says(path: Path) -> None:
    expected = json.loads(path.with_suffix(".json").read_text(encoding="utf-8"))
    if "error" in expected:
        with pytest.raises(BadDiff) as refused:
            parse_diff(path.read_bytes())
        assert expected["error"] in str(refused.value)
        assert all((refused.value.who, refused.value.what, refused.value.remedy))
    else:
        assert plain(parse_diff(path.read_bytes())) == expected


@pytest.mark.parametrize("hazard", HAZARDS)
def test_every_hazard_has_a_diff_of_its_own(hazard: str) -> None:
    assert list(DIFFS.glob(f"{hazard}-*.diff"))


def test_every_diff_has_its_page_and_every_page_its_diff() -> None:
    assert {path.stem for path in DIFFS.glob("*.diff")} == {path.stem for path in DIFFS.glob("*.json")}


def added(*lines: bytes) -> bytes:
    head = b"diff --git a/f b/f\nnew file mode 100644\nindex 0000000..1234567\n--- /dev/null\n+++ b/f\n"
    return head + b"@@ -0,0 +1,%d @@\n" % len(lines) + b"".join(b"+%b\n" % line for line in lines)


def test_a_line_of_8_mb_is_one_line() -> None:
    (hunk,) = parse_diff(added(b"x" * 8_000_000, b"evil()")).files[0].hunks
    assert [(line.new, len(line.text)) for line in hunk.lines] == [(1, 8_000_000), (2, 6)]


def test_bytes_that_are_not_utf_8_come_back_as_they_were() -> None:
    every = bytes(byte for byte in range(256) if byte != ord("\n"))
    (line,) = parse_diff(added(every)).files[0].hunks[0].lines
    assert line.text.encode("utf-8", "surrogateescape") == every


def test_counts_are_those_of_the_lines() -> None:
    diff = parse_diff((DIFFS / "p18-file-becomes-a-link.diff").read_bytes())
    assert (diff.additions, diff.deletions) == (5, 4)
    assert [(file.additions, file.deletions) for file in diff.files] == [(1, 2), (3, 1), (1, 1)]


def test_the_mark_of_a_missing_line_feed_is_kept_and_is_no_line() -> None:
    diff = parse_diff((DIFFS / "p20-no-final-newline.diff").read_bytes())
    (gets,) = (file for file in diff.files if file.path == "gets")
    assert gets.hunks[0].body == (" 1", "-2", "\\ No newline at end of file", "+2")
    assert len(list(gets.hunks[0].lines)) == 3


def test_the_second_parser_does_not_confirm_a_wrong_count() -> None:
    hunk = Hunk(old_start=0, new_start=1, body=("+one", "+two"))
    assert counted_by_unidiff([Placed(hunk, Span(0, 0), Span(1, 2))]) == [(0, 0, 1, 2, 2, 0)]
    assert counted_by_unidiff([Placed(hunk, Span(0, 0), Span(1, 3))]) == []
    assert counted_by_unidiff([Placed(hunk, Span(0, 1), Span(1, 2))]) == []


@pytest.mark.parametrize("cut", range(2, 170, 7))
def test_a_diff_cut_anywhere_but_between_files_is_refused(cut: int) -> None:
    whole = added(b"one", b"two", b"three") + added(b"four", b"five").replace(b"/f", b"/g")
    with pytest.raises(BadDiff):
        parse_diff(whole[:-cut])


def repository(path: Path, *trees: dict[str, bytes]) -> Path:
    """A bare repository with a commit for each tree. A key is a path, or a mode, a colon and a path."""
    subprocess.run(["git", "init", "-q", "--bare", str(path)], check=True)
    stream = b""
    for number, tree in enumerate(trees):
        stream += b"commit refs/heads/main\ncommitter A <a@example.org> %d +0000\ndata 0\ndeleteall\n" % number
        for name, content in tree.items():
            mode, _, file = name.rpartition(":")
            quoted = "".join(f"\\{byte:03o}" for byte in file.encode("utf-8", "surrogateescape"))
            stream += f'M {mode or 100644} inline "{quoted}"\n'.encode() + b"data %d\n%b\n" % (len(content), content)
    subprocess.run(["git", "-C", str(path), "fast-import", "--quiet"], input=stream, check=True)
    return path


def test_names_status_modes_and_lines_are_those_of_gits_blobs(tmp_path: Path) -> None:
    text = b"".join(b"%d\n" % number for number in range(40))
    before = {
        "x b/y.py": text,
        'd/\u00e9\t"\\.py': text,
        "latin\udce9": b"\xe9\n",
        "empty": b"",
        "emptied": b"1\n",
        "run": b"1\n",
        "from": text,
        "link": b"1\n",
        "120000:file": b"to",
        "gone b/gone": b"",
        "bin": b"\0",
        "bin-link": b"\0",
    }
    after = {
        "x b/y.py": text.replace(b"7\n", b"seven\r\n"),
        'd/\u00e9\t"\\.py': text + b"end",
        "latin\udce9": b"\xe8\n",
        "empty": b"1\n",
        "emptied": b"",
        "100755:run": b"1\n",
        "to b/to": text + b"x\n",
        "120000:link": b"to",
        "file": b"1\n",
        "bin": b"\0\1",
        "120000:bin-link": b"to",
    }
    path = repository(tmp_path / "odd.git", before, after, before)
    for text_too in (False, True):
        figures = TRUTH["walk"](path, commits=None, text=text_too)
        assert figures.mismatches == []
        assert (figures.commits, figures.files) == (3, 12 + 12 + 12)


LINES = st.lists(
    st.sampled_from(
        [b"", b"}", b"a", b"b", b"-- x", b"++ x", b"@@ -1 +1 @@", b"\r", b"x\r", b"\xe9", "\u2028 y".encode(), b"\\ z"]
    ),
    max_size=30,
)
FILES = st.builds(lambda lines, end: b"\n".join(lines) + end, LINES, st.sampled_from([b"", b"\n"]))


@settings(max_examples=8, deadline=None)
@given(st.lists(st.tuples(FILES, FILES), min_size=20, max_size=40))
def test_whatever_two_files_hold_each_line_stands_at_its_number(
    tmp_path_factory: pytest.TempPathFactory, pairs: list[tuple[bytes, bytes]]
) -> None:
    trees = [{f"{number}.txt": pair[side] for number, pair in enumerate(pairs)} for side in (0, 1)]
    path = repository(tmp_path_factory.mktemp("pairs") / "pairs.git", *trees)
    figures = TRUTH["walk"](path, commits=None, text=True)
    assert figures.mismatches == []
    assert figures.files == len(pairs) + sum(one != other for one, other in pairs)


def test_the_check_against_blobs_sees_one_shifted_line() -> None:
    (file,) = parse_diff(added(b"one", b"two")).files
    differences = TRUTH["content_differences"]
    assert not list(differences(file, b"", b"one\ntwo\n"))
    assert len(list(differences(file, b"", b"zero\none\ntwo\n"))) == 3


def test_a_damaged_diff_parses_or_is_refused_and_nothing_else() -> None:
    diffs = [path.read_bytes() for path in sorted(DIFFS.glob("*.diff")) if path.stat().st_size < 16_000]
    rng = random.Random(1)  # noqa: S311  the same mutants on every run
    parsed = sum(MUTANTS["parses"](MUTANTS["mutant"](rng.choice(diffs), rng)) for _ in range(2_500))
    assert 0 < parsed < 2_500
