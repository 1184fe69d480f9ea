"""Where the diff of a case comes from, and what is said where nobody has it."""

from pathlib import Path

import pytest
from evals.written import CASE, DIFF

from reviewbot.errors import BadInput
from reviewbot.evals.diffs import diff_of, find_diff, name_of

URL = "https://host/calcom/cal.com/pull/8087"


@pytest.mark.parametrize("place", ["n.diff", "n.patch", "n/diff.patch"])
def test_a_diff_is_found_under_each_name_and_the_first_folder_wins(tmp_path: Path, place: str) -> None:
    for folder in ("one", "two"):
        (tmp_path / folder / place).parent.mkdir(parents=True)
        (tmp_path / folder / place).write_bytes(folder.encode() + b"\xff")
    assert find_diff([tmp_path, tmp_path / "one", tmp_path / "two"], "", "other", "n") == "one\N{REPLACEMENT CHARACTER}"
    assert find_diff([tmp_path], "n") == ""
    assert find_diff([tmp_path / "one"], "../two/n", "") == ""


def test_a_case_has_its_own_diff_or_that_of_its_pull_request() -> None:
    bare = CASE.model_copy(update={"diff": "", "url": URL})
    assert diff_of(CASE, pytest.fail) == DIFF
    assert diff_of(bare, lambda url: f"fetched {url}") == f"fetched {URL}"


def test_a_case_without_a_diff_says_how_to_get_it() -> None:
    with pytest.raises(BadInput) as told:
        diff_of(CASE.model_copy(update={"diff": "", "url": URL}))
    assert str(told.value) == (
        f"case charge-in-cents: has no diff; save {URL}.diff as calcom-cal.com-8087.diff in a folder, "
        "and name it by --diffs"
    )
    with pytest.raises(BadInput, match=r"save its diff as charge-in-cents\.diff in a folder"):
        diff_of(CASE.model_copy(update={"diff": ""}))


def test_the_name_of_an_odd_address_is_still_one_name_of_a_file() -> None:
    assert [name_of(url) for url in (f"{URL}/", "https://host/", "")] == ["calcom-cal.com-8087", "--", "--"]
