"""A change that is only a patch."""

from pathlib import Path

import pytest
from sources.checkout import Checkout, added

from reviewbot.change import Change
from reviewbot.errors import BadDiff, BadPolicy
from reviewbot.settings import Policy
from reviewbot.sources import read_patch


def test_a_patch_is_a_change_without_a_repository(checkout: Checkout):
    checkout.write("kept.py", "one\nTWO\nthree\n")
    data = checkout.git("diff").encode() + b"\n"
    change = read_patch(data, "mine.diff")
    assert added(change, "kept.py") == ["TWO"]
    assert change == Change(diff=change.diff, description="mine.diff")


def test_a_policy_file_is_the_policy_of_a_patch(checkout: Checkout, tmp_path: Path):
    checkout.write("kept.py", "one\n")
    file = tmp_path / "mine.yml"
    file.write_text("language: Dutch\n")
    change = read_patch(checkout.git("diff").encode() + b"\n", "-", policy_file=file)
    assert (change.policy, change.policy_from) == (Policy(language="Dutch"), f"--policy {file}")


@pytest.mark.parametrize("data", [b"", b"<html></html>\n", b"no diff\n"])
def test_what_is_no_diff_is_refused(data: bytes):
    with pytest.raises(BadDiff):
        read_patch(data, "page.html")


def test_a_policy_file_that_is_missing_is_refused(tmp_path: Path):
    with pytest.raises(BadPolicy, match="No such file"):
        read_patch(b"", "-", policy_file=tmp_path / "gone.yml")
