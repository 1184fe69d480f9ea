"""A listed file becomes what git prints of it, or is refused where the row leaves a doubt."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from reviewbot.change import File, parse_diff
from reviewbot.errors import BadDiff
from reviewbot.forge.model import PullFile
from reviewbot.sources.listing import as_diff, placed, quoted
from reviewbot.sources.trees import Entry

ONE, TWO = "1" * 40, "2" * 40
EMPTY = "e69de29bb2d1d6434b8b29ae775ad8c2e48c5391"
PATCH = "@@ -1,2 +1,2 @@\n same\n-old\n+new"


def listed(
    status: str = "modified", path: str = "f", old_path: str | None = None, patch: str | None = PATCH
) -> PullFile:
    return PullFile(path=path, old_path=old_path, status=status, additions=1, deletions=1, patch=patch)


def entry(path: str = "f", *, mode: str = "100644", sha: str = ONE, size: int = 9) -> Entry:
    return Entry(mode, sha, size, path)


def read(file: PullFile, old: Entry | None, new: Entry | None) -> File:
    before, after = ({found.path: found} if found else {} for found in (old, new))
    (one,) = parse_diff(as_diff(placed([file], before, after))).files
    return one


def test_an_edit_is_printed_with_its_modes_and_its_last_line_feed():
    file = read(listed(), entry(), entry(sha=TWO))
    assert (file.status, file.old_mode, file.new_mode) == ("modified", "100644", "100644")
    assert file.hunks[0].body == (" same", "-old", "+new")


def test_a_missing_last_line_feed_is_kept_apart_from_the_one_the_row_leaves_out():
    patch = "@@ -1 +1 @@\n-a\n\\ No newline at end of file\n+b\n\\ No newline at end of file"
    assert read(listed(patch=patch), entry(), entry(sha=TWO)).hunks[0].body[-1] == "\\ No newline at end of file"


@pytest.mark.parametrize(
    ("file", "old", "new", "status"),
    [
        (listed("added", patch="@@ -0,0 +1 @@\n+x"), None, entry(), "added"),
        (listed("added", patch=None), None, entry(sha=EMPTY, size=0), "added"),
        (listed("removed", patch="@@ -1 +0,0 @@\n-x"), entry(), None, "deleted"),
        (listed("removed", patch=None), entry(sha=EMPTY, size=0), None, "deleted"),
        (listed("renamed", old_path="g", patch=None), entry("g"), entry(), "renamed"),
        (listed("renamed", old_path="g"), entry("g"), entry(sha=TWO), "renamed"),
        (listed("renamed", old_path="g", patch=None), entry("g"), entry(mode="100755"), "renamed"),
        (listed("copied", old_path="g", patch=None), entry("g"), entry(), "copied"),
        (listed("changed", patch=None), entry(), entry(mode="100755"), "modified"),
        (listed("changed"), entry(), entry(mode="100755", sha=TWO), "modified"),
    ],
)
def test_every_status_is_told_as_git_tells_it(file: PullFile, old: Entry | None, new: Entry | None, status: str):
    found = read(file, old, new)
    assert (found.status, found.binary) == (status, False)
    assert len(found.hunks) == (1 if file.patch else 0)


@pytest.mark.parametrize("status", ["added", "removed", "modified", "renamed"])
def test_content_without_text_is_told_as_binary(status: str):
    old, new = entry("g" if status == "renamed" else "f"), entry(sha=TWO)
    file = listed(status, old_path="g" if status == "renamed" else None, patch=None)
    found = read(file, None if status == "added" else old, None if status == "removed" else new)
    assert (found.binary, found.hunks) == (True, ())


def test_an_unchanged_file_is_no_part_of_the_diff():
    assert placed([listed("unchanged", patch=None)], {"f": entry()}, {"f": entry()}) == ()


@pytest.mark.parametrize(
    ("file", "old", "new", "what"),
    [
        (listed("modified"), None, entry(), "say otherwise"),
        (listed("modified"), entry(), None, "say otherwise"),
        (listed("added"), None, None, "say otherwise"),
        (listed("removed"), None, None, "say otherwise"),
        (listed("renamed", old_path="g"), None, entry(), "say otherwise"),
        (listed("new kind of status"), None, entry(), "say otherwise"),
        (listed("changed"), entry(), entry(mode="120000", sha=TWO), "another kind"),
        (listed("changed"), entry(), entry(mode="160000", sha=TWO), "another kind"),
        (listed(), entry(), entry(), "the same content"),
        (listed(patch="@@ -1 +1 @@\n-caf\N{REPLACEMENT CHARACTER}\n+x"), entry(), entry(sha=TWO), "in the place of"),
        (listed(path="\N{REPLACEMENT CHARACTER}"), entry("\ufffd"), entry("\ufffd", sha=TWO), "in the place of"),
        (listed(patch="@@ -1 +1 @@\n-\ud83d\n+x"), entry(), entry(sha=TWO), "in the place of"),
    ],
)
def test_a_row_that_leaves_a_doubt_is_refused(file: PullFile, old: Entry | None, new: Entry | None, what: str):
    with pytest.raises(BadDiff, match=what):
        read(file, old, new)


@pytest.mark.parametrize(
    "patch", ["@@ -1,2 +1,2 @@\n same\n-old", "no hunk", "@@ -1 +1 @@\n-a\n+b\ndiff --git a/x b/x"]
)
def test_a_patch_that_was_cut_or_goes_on_is_refused(patch: str):
    with pytest.raises(BadDiff):
        read(listed(patch=patch), entry(), entry(sha=TWO))


NAMES = st.text(
    st.characters(exclude_categories=["Cs"], exclude_characters="\0\N{REPLACEMENT CHARACTER}"), min_size=1, max_size=40
)


@settings(max_examples=40, deadline=None)
@given(old=NAMES, new=NAMES)
def test_any_name_is_read_back_as_it_is(old: str, new: str):
    file = read(listed("renamed", new, old), entry(old), entry(new, sha=TWO))
    assert (file.old_path, file.path) == (old, new)


def test_a_name_is_quoted_as_git_quotes_it():
    assert quoted('a "b"\\\té') == rb'"a \042b\042\134\011\303\251"'
