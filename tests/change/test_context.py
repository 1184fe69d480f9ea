"""What is shown around a change, from trees in memory: the useful first, nothing twice, no more than there is room."""

import re
from collections.abc import Mapping, Sequence

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from reviewbot.change import Diff, Excerpt, parse_diff
from reviewbot.change.context import MAX_BESIDE, gather
from reviewbot.change.uses import Hit


class Files:
    """A tree that is held in a dict, and what it was asked."""

    def __init__(self, files: Mapping[str, str]) -> None:
        self.files = files
        self.sought: list[str] = []

    def paths(self) -> Sequence[str]:
        return tuple(self.files)

    def read(self, *paths: str) -> Mapping[str, str]:
        return {path: self.files[path] for path in paths if path in self.files}

    def search(self, words: Sequence[str], near: Sequence[str]) -> Mapping[str, Sequence[Hit]]:
        assert near
        self.sought += words
        return {
            word: [
                Hit(path, number, text)
                for path, content in self.files.items()
                for number, text in enumerate(content.split("\n"), 1)
                if re.search(rf"\b{word}\b", text)
            ]
            for word in words
        }


CHARGE = """\
import bank

LIMIT = 5000


def charge(currency, amount):
    with ledger.lock():
        if amount > LIMIT:
            raise TooMuch(amount)
        note(amount)
        log.info("charged")
        a = 1
        b = 2
        bank.send(amount, currency)
        return Receipt(amount)


def refund(receipt):
    bank.take(receipt)
"""
ORDER = """\
from shop.charge import charge


def pay(order):
    return charge(order.total, order.currency)
"""
TREE = {
    "shop/charge.py": CHARGE,
    "shop/order.py": ORDER,
    "shop/receipt.py": "class Receipt:\n    def __init__(self, cents):\n        self.cents = cents\n",
    "tests/test_charge.py": "def test_charge():\n    assert charge('EUR', 1)\n",
    "docs/charge.md": "charge(currency, amount)\n",
    "logo.svg": "<svg/>",
}
DIFF = """\
diff --git a/shop/charge.py b/shop/charge.py
--- a/shop/charge.py
+++ b/shop/charge.py
@@ -3,5 +3,5 @@ import bank
 LIMIT = 5000
~
~
-def charge(amount, currency):
+def charge(currency, amount):
     with ledger.lock():
@@ -13,3 +13,3 @@ def charge(amount, currency):
         b = 2
-        bank.send(amount, currency)
-        return amount
+        bank.send(amount, currency)
+        return Receipt(amount)
"""


def diff_of(text: str) -> Diff:
    return parse_diff(text.replace("~", " ").encode())


def gathered(files: Mapping[str, str] = TREE, diff: str = DIFF, room: int = 8_000) -> tuple[Excerpt, ...]:
    return gather(diff_of(diff), Files(files), room_bytes=room)


def told(excerpts: Sequence[Excerpt]) -> list[tuple[str, str, int]]:
    return [(excerpt.kind, excerpt.path, excerpt.start_line) for excerpt in excerpts]


def test_the_code_around_a_change_the_most_useful_first():
    assert told(gathered()) == [
        ("enclosing", "shop/charge.py", 8),
        ("caller", "shop/order.py", 4),
        ("definition", "shop/receipt.py", 1),
        ("caller", "tests/test_charge.py", 1),
        ("tree", "shop", 1),
    ]


def test_a_caller_that_the_diff_does_not_show_and_the_change_breaks_is_shown():
    excerpt = next(excerpt for excerpt in gathered() if excerpt.path == "shop/order.py")
    assert (excerpt.about, excerpt.start_line) == ("charge", 4)
    assert excerpt.text == "def pay(order):\n    return charge(order.total, order.currency)"


def test_lines_that_the_diff_shows_are_not_shown_again():
    shown = {line.new for hunk in diff_of(DIFF).files[0].hunks for line in hunk.lines}
    for excerpt in gathered():
        lines = range(excerpt.start_line, excerpt.start_line + excerpt.text.count("\n") + 1)
        assert excerpt.path != "shop/charge.py" or shown.isdisjoint(lines)
        rows = TREE.get(excerpt.path, "").split("\n")
        assert excerpt.kind == "tree" or "\n".join(rows[lines.start - 1 : lines.stop - 1]) == excerpt.text


def test_the_same_change_gives_the_same_excerpts():
    assert gathered() == gathered(dict(reversed(TREE.items())))


@settings(max_examples=25)
@given(st.integers(0, 1_500))
def test_room_is_never_exceeded_and_what_comes_first_is_kept_first(room: int):
    found = gathered(room=room)
    assert sum(len(excerpt.text.encode()) + len(excerpt.path) for excerpt in found) <= room
    everything = gathered()
    assert [excerpt for excerpt in everything if excerpt in found] == list(found)


def test_functions_around_hunks_leave_room_for_callers():
    files = {
        "a.py": "def whole(x):\n" + "    step(x)\n" * 50 + "    return older(x)\n",
        "b.py": "def caller():\n    whole(1)\n",
        "c.py": "def older(x):\n    raise Gone\n",
    }
    diff = (
        "diff --git a/a.py b/a.py\n--- a/a.py\n+++ b/a.py\n@@ -52,1 +52,1 @@ def whole(x):\n"
        "-    return newer(x)\n+    return older(x)\n"
    )
    kinds = {excerpt.kind for excerpt in gathered(files, diff, room=700)}
    assert {"caller", "definition"} <= kinds
    assert {"enclosing", "caller", "definition"} <= {excerpt.kind for excerpt in gathered(files, diff)}


def test_a_removed_function_is_searched_for_where_it_is_still_called():
    diff = (
        "diff --git a/old.py b/old.py\ndeleted file mode 100644\n--- a/old.py\n+++ /dev/null\n"
        "@@ -1,2 +0,0 @@\n-def legacy(x):\n-    return x\n"
    )
    found = gathered({"new.py": "import old\n\nprint(old.legacy(1))\n"}, diff)
    assert [(excerpt.kind, excerpt.about, excerpt.path) for excerpt in found] == [
        ("caller", "legacy", "new.py"),
        ("tree", "", "."),
    ]


def test_what_no_model_may_see_is_not_read():
    files = Files(TREE)
    found = gather(diff_of(DIFF), files, room_bytes=8_000, left_out=lambda path: path.startswith("shop/"))
    assert not [excerpt for excerpt in found if excerpt.path.startswith("shop") or "order.py" in excerpt.text]


@pytest.mark.parametrize("kind", ["RSA PRIVATE KEY", "PGP PRIVATE KEY BLOCK"])
def test_a_file_with_a_private_key_is_not_shown(kind: str):
    key = TREE["shop/order.py"] + f"KEY = '''-----BEGIN {kind}-----\nMIIE\n'''\n"
    assert "shop/order.py" not in {excerpt.path for excerpt in gathered(TREE | {"shop/order.py": key})}


@pytest.mark.parametrize("name", ["a\nb.py", "\u202eyp.a", "caf\udce9.py"])
def test_names_that_cannot_be_shown_are_not(name: str):
    found = gathered(TREE | {f"shop/{name}": "charge('EUR', 1, 2, 3)"})
    assert all(name not in f"{excerpt.path}{excerpt.text}" for excerpt in found)


def test_long_folders_are_told_by_their_beginning():
    files = TREE | {f"shop/m{number:03}.py": "" for number in range(MAX_BESIDE + 7)}
    beside = next(excerpt for excerpt in gathered(files) if excerpt.kind == "tree")
    assert beside.text.startswith("m000.py m001.py")
    assert beside.text.endswith(" and 9 more")


def test_prose_has_its_folder_and_no_search():
    files = Files(TREE)
    diff = (
        "diff --git a/docs/charge.md b/docs/charge.md\n--- a/docs/charge.md\n+++ b/docs/charge.md\n"
        "@@ -1 +1 @@\n-old(x)\n+new(y)\n"
    )
    assert gather(diff_of(diff), files, room_bytes=8_000) == ()
    assert files.sought == []


def test_names_everybody_uses_are_not_searched_for():
    files = Files(TREE)
    diff = DIFF.replace("+        return Receipt(amount)", "+        return len(str(print(id(get(amount)))))")
    gather(diff_of(diff), files, room_bytes=8_000)
    assert sorted(files.sought) == ["charge", "send"]
