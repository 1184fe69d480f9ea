"""Places of comments: GitHub takes each that is offered, and what stands in the diff has one (THREATS G12, G13)."""

import random
from difflib import unified_diff

import pytest
from hub.places import hunks
from hypothesis import given
from hypothesis import strategies as st
from report.samples import finding

from reviewbot.change import Diff, parse_diff
from reviewbot.forge.anchors import Coordinates, anchor_of
from reviewbot.report import ReportFinding

DIFF = parse_diff(b"""\
diff --git a/app.py b/app.py
index 1111111..2222222 100644
--- a/app.py
+++ b/app.py
@@ -1,5 +1,6 @@
 one
-two
-three
+TWO
+THREE
+more
 four
 five
@@ -6,3 +7,2 @@
 six
-seven
 eight
diff --git a/gone.py b/gone.py
deleted file mode 100644
index 1111111..0000000
--- a/gone.py
+++ /dev/null
@@ -1,2 +0,0 @@
-a
-b
diff --git a/before.py b/after.py
similarity index 90%
rename from before.py
rename to after.py
index 1111111..2222222 100644
--- a/before.py
+++ b/after.py
@@ -10,2 +10,2 @@
-x
+y
 z
""")


def quoted(start: int | None, line: int | None, side: str = "new", path: str = "app.py") -> ReportFinding:
    return finding(path=path, side=side, start_line=start, line=line)


@pytest.mark.parametrize(
    ("said", "place"),
    [
        pytest.param(quoted(2, 2), ("app.py", "RIGHT", 2, None), id="an added line"),
        pytest.param(quoted(2, 4), ("app.py", "RIGHT", 4, 2), id="added lines"),
        pytest.param(quoted(None, 4), ("app.py", "RIGHT", 4, None), id="a last line only"),
        pytest.param(quoted(1, 5), ("app.py", "RIGHT", 5, 1), id="context around added lines"),
        pytest.param(quoted(2, 3, "old"), ("app.py", "LEFT", 3, 2), id="removed lines"),
        pytest.param(quoted(4, 4, "old"), ("app.py", "RIGHT", 5, None), id="a context line by its old number"),
        pytest.param(quoted(4, 5, "old"), ("app.py", "RIGHT", 6, 5), id="context lines by their old numbers"),
        pytest.param(quoted(1, 4, "old"), ("app.py", "LEFT", 3, 2), id="context around removed lines"),
        pytest.param(quoted(3, 4, "old"), ("app.py", "LEFT", 3, None), id="the last removed line and what follows"),
        pytest.param(quoted(5, 7), ("app.py", "RIGHT", 7, None), id="a start in the hunk before"),
        pytest.param(quoted(5, 7, "old"), ("app.py", "LEFT", 7, None), id="a removed line, begun in the hunk before"),
        pytest.param(quoted(1, 2, "old", "gone.py"), ("gone.py", "LEFT", 2, 1), id="a deleted file"),
        pytest.param(quoted(10, 10, "old", "after.py"), ("after.py", "LEFT", 10, None), id="the old side of a rename"),
        pytest.param(quoted(9, 9), None, id="a line behind the last hunk"),
        pytest.param(quoted(1, 1, path="other.py"), None, id="a file that is not in the diff"),
        pytest.param(quoted(10, 10, "old", "before.py"), None, id="the name before the rename"),
        pytest.param(quoted(1, 1, path="gone.py"), None, id="the new side of a deleted file"),
        pytest.param(quoted(None, None), None, id="no line at all"),
        pytest.param(quoted(3, 2), None, id="an end before its start"),
    ],
)
def test_a_finding_hangs_where_github_takes_it(said: ReportFinding, place: tuple[object, ...] | None):
    assert anchor_of(said, DIFF) == (place and Coordinates(*place))


def changed_file(seed: int) -> tuple[bytes, Diff]:
    """A file of 40 lines, changed at random, as a diff with few lines of context, so that hunks touch."""
    chance = random.Random(seed)  # noqa: S311
    before = [f"line {chance.randrange(9)}\n" for _ in range(40)]
    after = [
        line for old in before
        for line in ([], [old], ["new\n"], [old, "more\n"])[chance.choices(range(4), (1, 7, 1, 1))[0]]
    ]  # fmt: skip
    rows = list(unified_diff(before, after, "a/f.py", "b/f.py", n=chance.randrange(4)))
    text = "".join(["diff --git a/f.py b/f.py\n", "index 1111111..2222222 100644\n", *rows]).encode()
    return text, parse_diff(text) if rows else Diff(files=())


@given(st.integers(0, 10_000), st.integers(0, 50), st.integers(0, 12), st.sampled_from(["new", "old"]))
def test_no_place_that_is_offered_breaks_a_rule(seed: int, line: int, more: int, side: str):
    patch, diff = changed_file(seed)
    place = anchor_of(quoted(line - more, line, side, "f.py"), diff)
    around = [hunk for hunk in hunks(patch) if line in (hunk.right if side == "new" else hunk.left)]
    if not around:
        assert place is None
        return
    assert place is not None
    assert [hunk for hunk in around if place.line in hunk.side(place.side)]
    assert place.start_line is None or place.start_line < place.line
    assert place.start_line is None or place.start_line in around[0].side(place.side)
