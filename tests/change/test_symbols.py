"""Definitions are known by the form of one line, in every common language; names in strings and prose are none."""

import time

import pytest

from reviewbot.change import File, parse_diff
from reviewbot.change.symbols import defined_in, defines, is_readable, mentions_of, promises_of, symbols_of


@pytest.mark.parametrize(
    ("line", "name"),
    [
        ("def find(x):", "find"),
        ("    async def find(", "find"),
        ("class Order(Base):", "Order"),
        ("export default async function load() {", "load"),
        ("export const load = async (id) => {", "load"),
        ("const load: Loader = function (id) {", "load"),
        ("  handle(event) {", "handle"),
        ("func (s *Store) Put(k string) error {", "Put"),
        ("type Store struct {", "Store"),
        ("    public static int total(List<Row> rows) throws E {", "total"),
        ("interface Ledger extends Book {", "Ledger"),
        ("  def self.pay!(order)", "pay"),
        ("class Order < ApplicationRecord", "Order"),
        ("pub(crate) fn parse<T: Read>(from: T) -> Result<T> {", "parse"),
        ("static int parse(char *text) {", "parse"),
        ("    fun <T> first(rows: List<T>): T =", "first"),
        ("if (ready) {", None),
        ("} else if (ready) {", None),
        ("  return send({", None),
        ("for (const row of rows) {", None),
        ("load(rows, function () {", None),
        ("classify(rows);", None),
        ("    class methods are shown here too, so say which", None),
        ("x = find(y)", None),
        ("", None),
    ],
)
def test_what_begins_on_a_line(line: str, name: str | None):
    assert defined_in(line) == name


def test_a_constant_is_defined_where_it_is_assigned_and_not_where_it_is_compared():
    lines = ("RETRIES = 3", "  static final int RETRIES = 3;", "export const RETRIES: number = 3")
    assert all(defines(line, "RETRIES") for line in lines)
    assert not any(defines(line, "RETRIES") for line in ("if RETRIES == 3:", "f(RETRIES=3)", " " * 8 + "RETRIES = 3"))


def file_of(body: str, path: str = "shop/a.py", section: str = "") -> File:
    body = body.replace("~", " ")
    rows = body.strip("\n").split("\n")
    old, new = (sum(row[0] != side for row in rows) for side in "+-")
    head = f"diff --git a/{path} b/{path}\n--- a/{path}\n+++ b/{path}\n@@ -10,{old} +10,{new} @@ {section}\n"
    return parse_diff((head + body.strip("\n") + "\n").encode()).files[0]


CHANGED = """
     total = 0
+    total += tax
     return total
~
 class Order:
     def pay(self):
-        charge(1)
+        charge(2)
~
     def stay(self):
         pass
~
-def gone(x):
-    pass
+def fresh(x, y):
+    return stripe_client(Amount("USD_Rate(x)"))  # not_this(x)
"""


def test_symbols_are_what_a_changed_line_stands_in_as_far_as_the_diff_tells():
    assert symbols_of(file_of(CHANGED, section="def total(rows):")) == ("total", "pay", "gone", "fresh")
    assert symbols_of(file_of(CHANGED)) == ("pay", "gone", "fresh")


def test_files_that_are_no_code_define_nothing():
    for path in ("README.md", "data.json", "Makefile", "notes.txt"):
        assert not is_readable(path)
        assert symbols_of(file_of("+def f(x):\n+    return g(x)", path)) == ()
        assert mentions_of(file_of("+def f(x):\n+    return call(x)", path)) == ()


def test_a_promise_is_a_definition_that_is_rewritten_or_removed():
    changed = file_of(
        "-def find(x):\n+def find(x, y):\n-def gone():\n-LIMIT = 3\n+LIMIT = 4\n+def fresh():\n-    mail: str"
    )
    assert promises_of(changed) == (("find", "gone", "LIMIT"), ())
    assert promises_of(file_of("-def moved(x):\n+  def moved(x):")) == ((), ())


@pytest.mark.parametrize(
    ("body", "section", "fields"),
    [
        ("-    mail: str", "class User:", ("mail",)),
        (" class User {\n-    mail: string", "", ("mail",)),
        ("-router = make()\n+router = make(1)", "", ("router",)),
        ("-    result = order.cents // 50\n+    result = order.cents / 50", "def fee_of(order):", ()),
        (" class User:\n     def f(self):\n-        mail = 1", "", ()),
        (" pay(\n-    currency=EUR,", "", ()),
        ("-    currency: str,", "def pay(", ()),
        ("-        deep_value = 1\n-    find(x)\n-    return other", "class User:", ()),
    ],
)
def test_a_field_is_assigned_in_a_class_or_a_module_and_a_local_variable_is_nobody_elses(
    body: str, section: str, fields: tuple[str, ...]
):
    assert promises_of(file_of(body, section=section)) == ((), fields)


def test_mentions_are_calls_and_types_and_neither_strings_nor_comments():
    assert mentions_of(file_of(CHANGED)) == ("charge", "stripe_client", "Amount")


@pytest.mark.parametrize(
    "text", ["a " * 500, '\\"' * 500, "(" * 1000, "{ " * 500, "class " * 200, "x: " * 330, "pub(" * 250]
)
def test_no_line_is_slow_to_read(text: str):
    file = file_of("\n".join(f"-{text}\n+{text};" for _ in range(80)))
    began = time.process_time()
    symbols_of(file), promises_of(file), mentions_of(file)
    assert time.process_time() - began < 0.8


def test_a_diff_without_lines_has_no_symbols():
    empty = File(path="a.py", old_path="b.py", status="renamed")
    assert (symbols_of(empty), promises_of(empty), mentions_of(empty)) == ((), ((), ()), ())
