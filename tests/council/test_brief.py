"""What a member is shown: the same bytes for every question, all of the change or the rest named."""

from contextlib import nullcontext
from typing import Any

import pytest

from reviewbot.change import Change, Diff, Excerpt, File, Gap, Hunk
from reviewbot.council import Brief, Invited, Member
from reviewbot.council.brief import NO_ROOM, call_of
from reviewbot.council.prices import size_in_bytes


def file(path: str, lines: int = 40) -> File:
    body = tuple(f"+    value_{n} = {path!r}" for n in range(lines))
    return File(path=path, old_path=None, status="added", hunks=(Hunk(old_start=0, new_start=1, body=body),))


FILES = (*(file(f"docs/{n}.md") for n in range(3)), *(file(f"src/m{n}.py") for n in range(9)), file("yarn.lock"))


def brief(*files: File, change: Change | None = None, **facts: Any) -> Brief:
    whole: dict[str, Any] = {
        "change": change or Change(diff=Diff(files=files or FILES)), "rules": "rules", "schema": {}, "key": "k",
        "max_output_tokens": 1_000, "seconds": 5.0,
    }  # fmt: skip
    return Brief(**whole | facts)


def member(**facts: Any) -> Invited:
    return Invited(member=Member(name="a/m", family="a"), connect=lambda: nullcontext(None), **facts)


def test_a_change_that_fits_is_one_part_without_an_outline() -> None:
    (part,) = brief().parts(member())
    assert (part.number, part.of) == (0, 1)
    assert "This is part" not in part.shown
    assert part.diff.additions == 13 * 40


def test_what_matters_most_stands_in_the_first_part_and_every_part_names_every_file() -> None:
    one = brief()
    parts = one.parts(member(window=8_000))
    assert len(parts) > 1
    assert [part.number for part in parts] == list(range(parts[0].of))
    assert not one.not_shown(member(window=8_000))
    for part in parts:
        assert part.shown.startswith(f"<change k>\nThis is part {part.number + 1} of {part.of}.")
        assert all(f"{shown.path} +40 -0" in part.shown for shown in FILES)
    placed = [shown.path for part in parts for shown in part.diff.files]
    assert placed[0].startswith("src/")
    assert placed[-1] == "yarn.lock"
    assert sum(part.diff.additions for part in parts) == 13 * 40


@pytest.mark.parametrize("window", [8_000, 16_000, None])
def test_a_prompt_keeps_within_the_window(window: int | None) -> None:
    one = brief(max_prompt_tokens=5_000)
    for part in one.parts(member(window=window)):
        assert size_in_bytes(one.rules, part.shown) // 3 + part.answer_tokens <= min(6_000, 0.9 * (window or 6_000))


def test_the_same_window_gives_the_same_parts() -> None:
    one = brief()
    assert one.parts(member(window=8_000)) is one.parts(member(window=8_000))
    assert one.parts(member(window=8_000)) == brief().parts(member(window=8_000))


def test_a_window_that_the_rules_fill_is_said_to_be_too_small() -> None:
    narrow = member(window=1_000)
    assert brief(rules="r" * 1_200).parts(narrow) == ()
    gaps = brief(rules="r" * 1_200).not_shown(narrow)
    assert (len(gaps), {gap.why for gap in gaps}, sum(gap.lines for gap in gaps)) == (13, {NO_ROOM}, 13 * 40)


def test_an_answer_is_no_longer_than_the_model_writes() -> None:
    assert brief().parts(member(most_output=300))[0].answer_tokens == 300


def test_parts_that_nobody_is_asked_about_are_named_file_by_file() -> None:
    one = brief(most_parts=1)
    (part,) = one.parts(member(window=8_000))
    gaps = one.not_shown(member(window=8_000))
    assert part.of == len(brief().parts(member(window=8_000))) > 1
    assert f"This is part 1 of {part.of}." in part.shown
    unseen = {shown.path for shown in FILES} - {shown.path for shown in part.diff.files}
    assert set(part.shown.rsplit("not shown: ", 1)[1].split("\n")[0].split(", ")) == unseen
    assert part.diff.additions + sum(gap.lines for gap in gaps) == 13 * 40
    assert {gap.why for gap in gaps} == {"does not fit into the 1 prompt that is asked"}


def test_a_file_that_is_held_back_is_named_and_rules_read_it() -> None:
    held = (Gap(path="src/m0.py", lines=40, why="holds a private key"),)
    one = brief(held_back=held, left_out=("logo.png",))
    (part,) = one.parts(member())
    assert "value_0 = 'src/m0.py'" not in part.shown
    assert "Also changed, not shown: logo.png, src/m0.py" in part.shown
    assert one.not_shown(member()) == held
    assert "src/m0.py +40" not in one.smaller(part).parts[0].shown, "nor what it defines"
    (whole,) = one.parts(member(reads_prompts=False))
    assert (whole.shown, whole.diff, one.not_shown(member(reads_prompts=False))) == ("", one.change.diff, ())


def test_code_around_the_change_stands_where_the_part_is_about_it() -> None:
    excerpts = tuple(
        Excerpt(path=path, start_line=1, kind="definition", about=about, text="def f(): ...")
        for path, about in (("lib.py", "m0"), ("other.py", "nowhere_named"), ("src/m8.py", ""))
    )
    change = Change(diff=Diff(files=FILES), context=excerpts)
    parts = brief(change=change).parts(member(window=8_000))
    holding = {path: [part.number for part in parts if f"--- {path}" in part.shown] for path in ("lib.py", "other.py")}
    assert len(holding["lib.py"]) == 1
    assert holding["other.py"] == []
    assert "--- src/m8.py" in next(part.shown for part in parts if "=== src/m8.py" in part.shown)


def test_a_part_too_long_comes_again_in_smaller_ones() -> None:
    one = brief()
    (part,) = one.parts(member())
    smaller, gaps = one.smaller(part)
    assert len(smaller) == 2
    assert smaller[0].shown.startswith("<change k>\nThis is a piece of the change.")
    assert not gaps
    assert sum(piece.diff.additions for piece in smaller) == part.diff.additions
    assert all(piece.number == part.number and len(piece.shown) < len(part.shown) for piece in smaller)
    assert "src/m8.py +40 -0" in smaller[0].shown, "a piece names all of the change too"


def test_every_question_about_a_part_begins_with_the_same_bytes() -> None:
    one = brief()
    (part,) = one.parts(member())
    calls = [
        call_of(one, part, question=lens, lens=lens, effort="high", cache=True, seconds=1.0)
        for lens in ("security", "challenge")
    ]
    assert len({(call.rules, call.shown, str(call.schema), call.effort, call.max_output_tokens) for call in calls}) == 1
    assert [call.question for call in calls] == ["security", "challenge"]
