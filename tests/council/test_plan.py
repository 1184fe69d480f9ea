"""What of a change is read, and that nothing leaves unnamed."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from reviewbot.change import Diff, File, Hunk
from reviewbot.council.plan import changed_lines, fit, matches, prompt_bytes, skip_binary, skip_ignored


def file(path: str, *hunks: Hunk, **facts: object) -> File:
    return File.model_validate({"path": path, "old_path": path, "status": "modified", "hunks": hunks} | facts)


def hunk(added: int, start: int = 1) -> Hunk:
    return Hunk(old_start=start, new_start=start, body=("+x",) * added)


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
    assert [(g.path, g.lines, g.why) for g in gaps] == [("logo.png", 0, "binary")]


def test_a_file_that_only_moved_takes_the_room_of_its_names() -> None:
    moved = file("new.py", status="renamed", old_path="old.py")
    assert fit(Diff(files=(moved,)), 100, size=prompt_bytes, why="full") == (Diff(files=(moved,)), ())
    many = Diff(files=(moved,) * 3)
    kept, gaps = fit(many, 100, size=prompt_bytes, why="full")
    assert len(kept.files) + len(gaps) == 3
    assert [gap.lines for gap in gaps] == [0, 0]


def test_a_prompt_is_measured_in_bytes() -> None:
    one = Hunk(old_start=1, new_start=1, body=("+é",))
    assert prompt_bytes(one) - prompt_bytes(hunk(1)) == 1


@given(st.lists(st.lists(st.integers(0, 30), max_size=4), max_size=6), st.integers(0, 80))
def test_every_changed_line_is_kept_or_named(sizes: list[list[int]], room: int) -> None:
    files = tuple(file(f"{n}.py", *(hunk(lines) for lines in hunks)) for n, hunks in enumerate(sizes))
    kept, gaps = fit(Diff(files=files), room, size=changed_lines, why="full")
    assert kept.additions <= room
    assert kept.additions + sum(gap.lines for gap in gaps) == Diff(files=files).additions
    assert all(gap.lines > 0 and gap.why == "full" for gap in gaps)
