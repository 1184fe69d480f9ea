import time

import pytest

from reviewbot.findings.names import name_of, named_in, offered_in, said_of_this_code, said_to_exist


@pytest.mark.parametrize(
    ("text", "names"),
    [
        ("`settle` drops the remainder of `ledger.total()`.", ["settle", "ledger.total"]),
        ("`Ledger::close(force: true)?` and `@retry`, `$elem`", ["Ledger::close", "retry", "elem"]),
        ("`a == b`, `x y`, `src/pay.py`, `12`, `ok`, `--flag`, `<T>`", []),
        ("Add `validate_id`, use `Decimal`, or call `round_up` and `round_down`.", []),
        ("`settle` is called without `timeout` and no `retry`.", ["settle"]),
        ("`settle` may fail. Consider a name like `settle_all` vs `settle_one`.", ["settle"]),
        ("`settle` may fail, it should go through `settle_all`.", ["settle"]),
        ("Fields like `HTTPAddr` vs `HTTPURL` are mixed, `host` is not.", ["host"]),
        ("`settle` loses\n```py\n`made_up`\n```\n`later`", ["settle", "later"]),
        ("`" + "x" * 101 + "` and `" + "y" * 100 + "`", ["y" * 100]),
    ],
)
def test_names_are_those_in_backticks_that_a_text_says_are_there(text: str, names: list[str]) -> None:
    assert [name.text for name in said_to_exist(text)] == names


@pytest.mark.parametrize(
    "word",
    [
        "add", "adding", "reuse", "re-use", "use", "uses", "using", "call", "calling", "try", "with", "to", "like",
        "prefer", "consider", "missing", "no", "without", "lack", "lacks", "introduce", "introducing", "create",
        "creating", "rename", "renamed", "via", "or", "named", "called", "set", "setting", "import", "extract",
        "pass", "passing", "e.g.", "as", "implement", "implementing", "return", "returning", "throw", "throwing",
        "raise", "raising", "mark", "wrap", "not", "never", "include", "define", "defining", "provide", "have",
    ],
)  # fmt: skip
def test_behind_such_a_word_a_name_is_wanted(word: str) -> None:
    assert said_to_exist(f"x {word} `frob`") == said_to_exist(f"x {word} a `frob`") == ()


@pytest.mark.parametrize(
    "word",
    [
        "consider", "considering", "recommend", "recommended", "suggest", "suggested", "suggestion", "should",
        "could", "would", "ideally", "e.g.", "rather", "instead", "better", "replace",
    ],
)  # fmt: skip
def test_behind_such_a_word_a_sentence_tells_of_what_could_be(word: str) -> None:
    assert said_to_exist(f"x {word} y z `frob`") == ()
    assert said_to_exist(f"`frob` {word}") != ()


@pytest.mark.parametrize(
    "text",
    [
        "This calls `frob`", "`settle` now calls `frob`", "The new function uses the helper `frob`",
        "It imports `frob`",
        "`frob()` is called twice", "The method `a.frob(x)` returns a float", "A cent goes astray in `frob()`",
        "Rounds twice in the function `frob`", "`frob` in this file rounds twice",
    ],
)  # fmt: skip
def test_a_name_is_of_this_code_where_that_is_plainly_said(text: str) -> None:
    assert said_of_this_code(text) == {"frob"}
    assert said_of_this_code(f"{text} and that is not right") == frozenset()
    assert said_of_this_code(f"{text}\n`frob` is defined nowhere") == frozenset()


@pytest.mark.parametrize(
    "text",
    [
        "`frob` is not set on the session cookie", "`frob` is never set", "`frob` when the cart is empty",
        "`frob` is missing", "`frob` is absent from this route", "`frob` ends the process", "Stripe sends `frob` twice",
        "`frob` was removed in this change", "Nothing sets `frob`", "The route lost its `frob` guard",
        "Postgres raises `frob` here", "The caller expects `frob`, this sends it in euros", "Stripe calls `frob()`",
        "Clients of the old API send `frob`", "Google returns `frob`, which is ignored", "Ignores `frob`",
        "This calls the bank without `frob()`", "Stripe's `frob()` returns a string", "The client calls `frob`",
        "This calls `frob` if the cart is empty", "The guard `frob()` was deleted in this file",
    ],
)  # fmt: skip
def test_what_is_absent_or_anothers_is_not_said_of_this_code(text: str) -> None:
    assert said_of_this_code(text) == frozenset()


def test_a_name_is_known_by_each_piece_that_is_long_enough() -> None:
    name = name_of("db.Ledger.close_all()")
    assert name is not None
    assert (name.parts, name.last) == (("Ledger", "close_all"), "close_all")


def test_beside_backticks_a_claim_names_what_is_spelled_as_code() -> None:
    found = named_in("The `conn` of openLedger, load_all and settle() is a plain word")
    assert [name.text for name in found] == ["conn", "openLedger", "load_all", "settle"]


def test_what_is_offered_is_the_code_of_a_body_and_all_of_a_fix() -> None:
    assert offered_in("words\n```\nmade_up(1)\n```\nmore", "reuse it") == {"made_up", "reuse", "it"}


@pytest.mark.parametrize("piece", ["`a.", "` `", "no ", "`(", "in `(", "`x(", "a_", "add the ", "``` \n", "a" * 99])
def test_names_take_a_time_linear_in_the_text(piece: str) -> None:
    """THREATS S28."""
    began = time.perf_counter()
    text = piece * (200_000 // len(piece))
    said_to_exist(text)
    named_in(text[:10_000])
    said_of_this_code(text)
    assert time.perf_counter() - began < 1
