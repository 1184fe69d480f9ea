import pytest
from findings.samples import PATH, diff, draft, file, seat

from reviewbot.change import Change
from reviewbot.findings import ground
from reviewbot.findings.remedy import remedy
from reviewbot.findings.shown import shown_of

CHANGE = Change(
    diff=diff(
        file(["     total = price", "-    return round(total, 2)", "+    return quantize(total, cents)", " # end"])
    )
)
QUOTE = "return quantize(total, cents)"


def verdict(fix: str | None, quote: str = QUOTE, **more: object) -> bool | None:
    """Whether the check holds; None where there is none."""
    (finding,) = ground([draft(quote, fix=fix, path=PATH, line=2, **more)], CHANGE.diff, seat=seat())
    checks = [*remedy(finding, shown_of(CHANGE))]
    assert all(check.name == "fix" and check.detail for check in checks)
    return checks[0].holds if checks else None


@pytest.mark.parametrize(
    ("fix", "holds"),
    [
        ("```py\nreturn  quantize( total, cents )\n```", False),
        ("Write:\n```\n" + QUOTE + "\n```", False),
        ("Write:\n```\n" + QUOTE + "\n```\nand nothing else.", None),
        ("Move this line up:\n```\n" + QUOTE + "\n```", None),
        ("Remove this line:\n```\n" + QUOTE + "\n```", None),
        (QUOTE, False),
        (f"Use `{QUOTE}`.", False),
        ("```py\nreturn quantize(total, CENTS)\n```", True),
        ("`return total`", True),
        (f"Before:\n```\n{QUOTE}\n```\nafter:\n```\nreturn total\n```", True),
        (f"Do not `{QUOTE}` before the fee is added.", None),
        ("Round once, at the end.", None),
        (None, None),
        (" ", None),
    ],
)
def test_a_fix_that_is_code_must_differ_from_the_code(fix: str | None, holds: bool | None) -> None:
    assert verdict(fix) is holds


def test_a_fix_of_a_removed_line_that_the_change_already_makes_is_none() -> None:
    removed = {"quote": "return round(total, 2)", "side": "old"}
    assert verdict(f"```\n{QUOTE}\n```", **removed) is False
    assert verdict("```\nreturn quantize(total)\n```", **removed) is True
    assert verdict("```\nreturn round(total, 2)\n```", **removed) is True, "it puts the line back"
    for part in ("quantize(total, cents)", "# end"):
        assert verdict(f"```\n{part}\n```", **removed) is True, "too little to be the same"


def test_nothing_is_said_of_white_space_or_of_code_that_stands_nowhere() -> None:
    assert verdict(f"```\n{QUOTE}\n```", title="The indentation is wrong") is None
    assert verdict("```\nreturn 1\n```", "made_up(code)") is None


def test_spaces_in_strings_are_no_layout() -> None:
    change = Change(diff=diff(file(['-token = "Basic"', '+token = "Bearer" + secret'])))
    for fix, holds in (('"Bearer " + secret', True), ('"Bearer"  +  secret', False)):
        for about in (
            {"side": "new", "quote": 'token = "Bearer" + secret'},
            {"side": "old", "quote": 'token = "Basic"'},
        ):
            (finding,) = ground([draft(fix=f"Use `token = {fix}`", path=PATH, **about)], change.diff, seat=seat())
            assert [check.holds for check in remedy(finding, shown_of(change))] == [holds]
