"""Claims of an absence against code that has the thing, code that has not, and code that cannot tell."""

import time

import pytest
from findings.samples import PATH, diff, draft, file, seat

from reviewbot.change import Change, File
from reviewbot.findings import Finding, ground
from reviewbot.findings.absence import absence, said_untested
from reviewbot.findings.shown import shown_of


def about(
    title: str, code: str, *more: File, quote: str = "", body: str = "", status: str = "modified"
) -> tuple[Finding, Change]:
    """A finding that quotes the last line of the code, or `quote`, all of it added."""
    rows = code.split("\n")
    own = file([f"+{line}" for line in rows]).model_copy(update={"status": status})
    change = Change(diff=diff(own, *more))
    said = draft(quote or rows[-1], title=title, body=body, path=PATH)
    return ground([said], change.diff, seat=seat())[0], change


def verdict(title: str, code: str, *more: File, sightings: dict[str, bool] | None = None, **facts: str) -> bool | None:
    finding, change = about(title, code, *more, **facts)
    checks = [*absence(finding, shown_of(change), sightings or {})]
    assert all(check.name == "absence" and check.detail for check in checks)
    return checks[0].holds if checks else None


TEST = file(["+    assert settle(3) == 3"], path="tests/test_refund.py")


@pytest.mark.parametrize(
    "title",
    ["No test for `settle`", "`settle` is never tested", "The new settle() has no unit tests", "`settle` is untested"],
)
def test_no_test_is_looked_up_in_the_tests_of_the_change_and_of_the_tree(title: str) -> None:
    code = "def settle(n): return n"
    assert verdict(title, code, TEST) is False
    assert verdict(title, code, sightings={"settle": True, "settle in tests": True}) is None, "it may be replaced there"
    assert verdict(title, code, sightings={"settle": True, "settle in tests": False}) is True
    assert verdict(title, code) is None, "nobody looked into the tree"
    finding, change = about(title, code)
    assert [*said_untested(finding, shown_of(change))] == ["settle"]
    finding, change = about(title, code, TEST)
    assert [*said_untested(finding, shown_of(change))] == []


def test_a_test_names_a_thing_by_all_of_its_pieces_in_code_and_does_not_replace_it() -> None:
    code = "def settle(n): return n"
    for path, line in (
        ("tests/test_a.py", '    @patch("shop.settle")'), ("tests/a.test.ts", "jest.mock(m, () => settle)"),
        ("tests/test_a.py", "    stub(settle)"), ("tests/data/x.json", '{"kind": "settle"}'),
    ):  # fmt: skip
        other = file([f"+{line}"], path=path)
        assert verdict("No test for `settle`", code, other) is None
        assert verdict("No test for `settle`", code, other, sightings={"settle in tests": False}) is None
    assert verdict("`Ledger.settle` is untested", code, TEST) is None
    whole = file(["+ledger = Ledger()", "+ledger.settle(3)"], path="tests/test_ledger.py")
    assert verdict("`Ledger.settle` is untested", code, TEST, whole) is False
    apart = file(["+Ledger()"], path="tests/test_ledger.py")
    assert verdict("`Ledger.settle` is untested", code, TEST, apart) is None


def test_a_claim_with_a_condition_is_not_refuted_by_the_thing_itself() -> None:
    code = "def settle(n): return n"
    for title in ("No test for `settle` with a negative amount", "No test for `settle` when the card is declined"):
        assert verdict(title, code, TEST) is None
        assert verdict(title, code, TEST, sightings={"settle in tests": False}) is None
        assert verdict(title, code, sightings={"settle in tests": False}) is True
    assert verdict("No test data for `settle`", code, TEST) is None
    assert verdict("No tests", code, TEST) is None, "of what?"


@pytest.mark.parametrize(
    "code",
    [
        "with open(path) as conn:\n    conn.read()", "conn = open(path)\nconn.read()\nconn.close()",
        "defer conn.Close()\nconn.Read()", "try (Conn conn = pool.get()) {\n  conn.read();", "using var conn = Open();",
    ],
)  # fmt: skip
def test_never_closed_fails_where_the_lines_around_close_that_very_name(code: str) -> None:
    assert verdict("`conn` is never closed", code) is False
    assert verdict("`conn` is not closed when read fails", code) is None
    assert verdict("`other` is never closed", code) is None


@pytest.mark.parametrize(
    ("code", "quote"),
    [
        ("Connection conn = get();\ntry (Statement s = conn.createStatement()) {", "Connection conn = get();"),
        ("conn = connect()\nwith conn:\n    conn.run()", "conn = connect()"),
        ("def f():\n    conn = connect()\n\ndef g():\n    conn = make()\n    conn.close()", "conn = connect()"),
        ("conn = connect()\n# conn.close() is not needed", "conn = connect()"),
        ("conn = connect()\nlog('conn.close()')", "conn = connect()"),
        ("conn = connect()\nif failed:\n    conn.close()", "conn = connect()"),
        ("conn = connect()\nconn.close()\nconn = connect(2)", "conn = connect()"),
        ("conn = connect()\npool.conn.close()", "conn = connect()"),
        ("conn.close()\nconn.open()", "conn.open()"),
    ],
)
def test_never_closed_is_not_refuted_by_another_thing_function_branch_or_a_comment(code: str, quote: str) -> None:
    assert verdict("`conn` is never closed", code, quote=quote) is None


def test_a_thing_is_closed_in_a_final_block() -> None:
    code = "conn = connect()\ntry:\n    conn.run()\nfinally:\n    conn.close()"
    assert verdict("`conn` is never closed", code, quote="conn = connect()") is False


def test_never_closed_holds_where_all_of_the_file_is_seen_and_the_thing_stays() -> None:
    code = "conn = open(path)\nconn.read()"
    assert verdict("`conn` is never closed", code, status="added") is True
    assert verdict("`conn` is never closed", code) is None, "the rest of the file is not shown"
    assert verdict("`conn` is never closed", f"{code}\nreturn conn", status="added") is None, "who gets it may close it"


@pytest.mark.parametrize(
    ("code", "holds"),
    [
        ("if user is None:\n    return 0\nsend(user.email)", False),
        ("if (!user) return;\nsend(user.email)", False),
        ("if user == nil {\n\treturn err\n}\nsend(user.email)", False),
        ("if user is None:\n    log(user)\nsend(user.email)", None),
        ("if (user != null) count++;\nsend(user.email)", None),
        ("if owner is None:\n    return 0\nsend(user.email)", None),
        ("if user is None:\n    return 0\ndef other(user):\n    send(user.email)", None),
        ("while ok:\n    if user is None:\n        break\nsend(user.email)", None),
    ],
)
def test_a_missing_null_check_fails_where_a_way_out_stands_above_in_the_function(code: str, holds: bool | None) -> None:
    assert verdict("`user` is used without a null check", code) is holds


@pytest.mark.parametrize(
    "title",
    [
        "`user` is used without checking who owns it", "`user` is returned without a null check",
        "No null check for `user` after the reload", "`user` is used without checking",
    ],
)  # fmt: skip
def test_who_may_see_a_thing_is_no_question_of_null(title: str) -> None:
    code = "if user is None:\n    return 0\nsend(user.email)"
    assert verdict("`user` is used without checking for null", code) is False
    assert verdict("`user` is not checked for None", code) is False
    assert verdict(title, code) is None


@pytest.mark.parametrize(
    ("title", "code"),
    [
        ("`user` is used without a null check", "if user is None:\n    return 0\nsend(user.email)"),
        ("The request is made without a timeout", "get(url, timeout=5)"),
        ("`get` is not awaited", "await get(url)"), ("`conn` is never closed", "with get() as conn:"),
    ],
)  # fmt: skip
def test_of_removed_lines_nothing_is_looked_up_beside_those_that_came(title: str, code: str) -> None:
    rows = code.split("\n")
    own = file([f" {line}" for line in rows[:-1]] + [f"-{rows[-1]}", f"+{rows[-1]}"])
    change = Change(diff=diff(own))
    for side, holds in (("old", []), ("new", [False])):
        said = draft(rows[-1], title=title, body="", path=PATH, side=side, line=len(rows))
        (found,) = ground([said], change.diff, seat=seat())
        assert found.anchor is not None
        assert found.anchor.side == side
        assert [check.holds for check in absence(found, shown_of(change), {})] == holds


@pytest.mark.parametrize(
    ("code", "holds"),
    [
        ("get(url, timeout=5)", False), ("get(\n    url,\n    timeout_ms: 500,\n)", False),
        ("get(url, timeout=None)", None), ("get({timeout: null})", None), ("get({timeout: undefined})", None),
        ("get(url, timeout=0)", None), ("get(url, timeout=-1)", None), ("get(timeout == 5)", None),
        ("get(url)", True), ("get(url,", None), ("deadline = 1\nget(url)", None),
    ],
)  # fmt: skip
def test_a_missing_timeout_is_looked_up_in_the_quoted_call(code: str, holds: bool | None) -> None:
    first = next(line for line in code.split("\n") if "get(" in line)
    assert verdict("The request is made without a timeout", code, quote=first) is holds
    on_failure = verdict("Without a timeout when the proxy is slow", code, quote=first)
    assert on_failure is (holds or None), "its words put a condition"


def test_other_absences_fail_where_the_change_has_the_very_thing() -> None:
    migration = file(["+CREATE INDEX ix ON orders (owner_id);"], path="db/migrations/0002_orders.sql")
    code = "rows = orders.where(owner_id=1)"
    assert verdict("No migration for `owner_id`", code, migration) is False
    assert verdict("No migration for `owner_id`", code) is None
    assert verdict("No index on `owner_id` of `orders`", code, migration) is False
    assert verdict("No index on `owner_id`", code, migration) is None, "another table may have one of that name"
    assert verdict("Nothing handles `CardDeclined`", "charge()", file(["+except CardDeclined:"])) is False
    assert verdict("Nothing handles `CardDeclined`", "charge()", file(["+raise CardDeclined"])) is None
    assert verdict("Nothing handles `CardDeclined` twice", "charge()", file(["+except CardDeclined:"])) is None
    assert verdict("`send_mail` is not awaited", "await mail.send_mail(x)") is False
    assert verdict("`send_mail` is not awaited", "mail.send_mail(x)") is None
    assert verdict("The callback of `send_mail` is not awaited", "await send_mail(x)") is None
    shipped = file(['+add_column("shipments", Column("status"))'], path="migrations/001_shipments.py")
    assert verdict("No migration for `Order.status`", code, shipped) is None
    assert verdict("No migration for `shipments.status`", code, shipped) is False
    for line in ("# in case CardDeclined: except CardDeclined", "case CardDeclined: return 1"):
        assert verdict("Nothing handles `CardDeclined`", "charge()", file([f"+{line}"])) is None
    assert verdict("`send_mail` is not awaited", "await send_mail(x) or send_mail(y)") is None


def test_one_finding_has_one_check_and_what_fails_comes_first() -> None:
    body = "`settle` is not tested.\n`conn` is never closed."
    assert verdict("T", "conn = open()\nconn.close()", body=body, sightings={"settle in tests": False}) is False


def test_names_are_no_patterns_and_claims_take_little_time() -> None:
    """THREATS S28."""
    code = "\n".join(f"value_{number} = ((((" for number in range(2_000))
    began = time.perf_counter()
    for claim in ("without a timeout", "is never closed", "no test for `x_y`", "no index on `aa` `bb`", "no no no no "):
        assert verdict("T", code, body=f"`conn` {claim}. " * 400) is None
    assert time.perf_counter() - began < 2
