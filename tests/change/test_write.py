"""What is written is what was read: the diffs of the parser's tests and of the examples, and names that need quotes."""

import subprocess
from pathlib import Path

import pytest

from reviewbot.change import parse_diff
from reviewbot.change.write import write_diff
from reviewbot.errors import BadDiff

HERE = Path(__file__).parent
DIFFS = sorted((*(HERE / "diffs").glob("*.diff"), *(HERE.parents[1] / "examples").glob("*.diff")))


def _readable(path: Path) -> bool:
    try:
        parse_diff(path.read_bytes())
    except BadDiff:
        return False
    return True


@pytest.mark.parametrize("path", [path for path in DIFFS if _readable(path)], ids=lambda path: path.stem)
def test_a_written_diff_reads_as_the_one_it_was_made_of(path: Path) -> None:
    diff = parse_diff(path.read_bytes())
    assert parse_diff(write_diff(diff)) == diff


def test_git_applies_what_was_written_whatever_the_names_are(tmp_path: Path) -> None:
    def git(*words: str) -> bytes:
        return subprocess.run(["git", "-C", tmp_path, *words], check=True, capture_output=True).stdout

    git("init", "-q")
    for name in ("plain.py", "two words.py", 'quo"ted\\.py', "tab\there.py", "na\u00efve.py", "raw\udcff.py"):
        (tmp_path / name).write_bytes(b"one\ntwo")
    (tmp_path / "empty.sh").write_bytes(b"")
    git("add", "-A")
    printed = git("diff", "--cached")
    diff = parse_diff(printed)
    git("rm", "-q", "--cached", "-r", ".")
    written = tmp_path / "written"
    written.write_bytes(write_diff(diff))
    git("apply", "--cached", "--check", str(written))
    assert {file.path for file in parse_diff(written.read_bytes()).files} == {file.path for file in diff.files}
