"""What nobody reads, and that nothing leaves unnamed."""

import pytest

from reviewbot.change import Diff, File, Hunk
from reviewbot.council.skip import gap, matches, skip_binary, skip_ignored


def file(path: str, *hunks: Hunk, **facts: object) -> File:
    return File.model_validate({"path": path, "old_path": path, "status": "modified", "hunks": hunks} | facts)


def hunk(added: int) -> Hunk:
    return Hunk(old_start=1, new_start=1, body=("+x",) * added)


@pytest.mark.parametrize(
    ("path", "glob", "found"),
    [
        ("vendor/a/b.py", "vendor/*", True),
        ("src/vendor/a.py", "vendor/*", False),
        ("web/app.min.js", "*.min.js", True),
        ("README.md", "*.MD", False),
        ("a.py", "[ab].py", True),
    ],
)
def test_a_star_crosses_folders_and_case_counts(path: str, glob: str, *, found: bool) -> None:
    assert matches(path, glob) is found


def test_each_skip_is_named_with_its_lines_and_its_glob() -> None:
    diff = Diff(files=(file("vendor/x.py", hunk(3)), file("a.py", hunk(1))))
    kept, gaps = skip_ignored(diff, ("vendor/*",))
    assert [f.path for f in kept.files] == ["a.py"]
    assert [(g.path, g.lines, g.why) for g in gaps] == [("vendor/x.py", 3, "ignored by the policy (vendor/*)")]


def test_a_file_that_is_moved_into_what_is_ignored_is_read() -> None:
    for status, old, kept in (("renamed", "src/auth.py", 1), ("renamed", "vendor/o.py", 0), ("copied", "src/a.py", 0)):
        diff = Diff(files=(file("vendor/auth.py", hunk(1), old_path=old, status=status),))
        assert len(skip_ignored(diff, ("vendor/*",))[0].files) == kept


def test_workflows_and_executables_are_never_skipped() -> None:
    diff = Diff(
        files=(
            file(".github/workflows/ci.yml", hunk(1)),
            file("run", hunk(1), new_mode="100755"),
            file("vendor/ci.yml", status="renamed", old_path=".github/workflows/old.yml"),
            file("vendor/run", status="deleted", old_mode="100755"),
        )
    )
    assert skip_ignored(diff, ("*",)) == (diff, ())


def test_what_git_shows_no_text_of_is_named() -> None:
    diff = Diff(files=(file("logo.png", binary=True), file("a.py", hunk(2))))
    kept, gaps = skip_binary(diff)
    assert [f.path for f in kept.files] == ["a.py"]
    assert gaps == (gap(file("logo.png", binary=True), "binary"),)
    assert gaps[0].lines == 0, "nobody can count them"
