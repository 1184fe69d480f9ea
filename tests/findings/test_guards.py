import pytest
from findings.samples import file

from reviewbot.change.symbols import indent_of
from reviewbot.findings.guards import guarded


def is_guarded(code: str, name: str = "user") -> bool:
    """Whether the name is checked above the last line."""
    rows = code.split("\n")
    lines = [*file([f"+{row}" for row in rows]).hunks[0].lines]
    return guarded(name, lines, len(rows), len(rows))


@pytest.mark.parametrize("leave", ["return", "raise E", "throw e", "continue", "break", "panic(e)", "abort(404)"])
def test_a_check_counts_where_it_goes_away(leave: str) -> None:
    assert is_guarded(f"if not user:\n    {leave}\nsend(user.email)")
    assert is_guarded(f"if (!user) {leave};\nsend(user.email)")
    assert not is_guarded("if not user:\n    log(1)\nsend(user.email)")


@pytest.mark.parametrize(
    "code",
    [
        "if not user:\n    return\nuser = reload()\nsend(user.email)",
        "if not user:\n    return\nuser, other = reload()\nsend(user.email)",
        "if not user:\n    return\nreload(&user)\nsend(user.email)",
        "if kind:\n    if not user:\n        return\nelse:\n    send(user.email)",
        "if kind:\n    if not user:\n        return\n    log()\nelse:\n    if other:\n        send(user.email)",
        "for user in a:\n    if not user:\n        continue\nfor user in b:\n    send(user.email)",
        "if not user:\n    return\nfor user in b:\n    send(user.email)",
        "if not user:\n    return\nsend(order.user.email)",
        "if not req.user:\n    return\nsend(user.email)",
        "if not user:\n    return user.name",
        "if user == nil {\n\tlog()\n\treturn user.name",
        "if not user.active:\n    return\nsend(user.email)",
        "if not user and other:\n    return\nsend(user.email)",
        "switch (kind) {\ncase 1:\nif (!user) return;\ncase 2:\nsend(user.email)",
        "if not user:\n    return\nuser = reload(user.id)",
    ],
)
def test_a_check_is_nothing_in_another_scope_of_another_owner_or_of_an_earlier_value(code: str) -> None:
    assert not is_guarded(code)


def test_a_field_is_checked_by_all_of_its_name_and_only_right_above() -> None:
    assert is_guarded("if not order.user:\n    return\nsend(order.user.email)", "order.user")
    assert not is_guarded("if not req.user:\n    return\nsend(order.user.email)", "order.user")
    assert not is_guarded("if not order.user:\n    return\nclear(order)\nsend(order.user.email)", "order.user")


def test_a_check_is_looked_for_in_twenty_lines() -> None:
    check = "if (!user) return;\n"
    assert is_guarded(check + "log()\n" * 19 + "send(user.email)")
    assert not is_guarded(check + "log()\n" * 20 + "send(user.email)")


def test_tabs_and_spaces_are_counted_alike() -> None:
    assert indent_of("\tsend()") == 4
    assert is_guarded("    if not user:\n        return\n\tsend(user.email)")
