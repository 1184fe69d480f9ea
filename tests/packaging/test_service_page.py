"""The page about the service: it names what there is to set and to see, no more and no less."""

import re
from pathlib import Path

import pytest

from reviewbot.doors.service import config
from reviewbot.doors.service.config import Config, read_config
from reviewbot.forge import app

ROOT = Path(__file__).parents[2]
PAGE = (ROOT / "docs" / "service.md").read_text()
CODE = "\n".join(path.read_text() for path in (ROOT / "reviewbot").rglob("*.py"))
SERVICE = "\n".join(path.read_text() for path in (ROOT / "reviewbot" / "doors" / "service").glob("*.py"))
DEFAULTS = re.findall(r"^\| `(REVIEWBOT_[A-Z_]+)` \| `?([^|`]+?)`? \|", PAGE, re.MULTILINE)


def test_every_variable_of_the_service_is_told():
    sources = "".join(Path(module.__file__).read_text() for module in (config, app))
    read = set(re.findall(r'"((?:REVIEWBOT|GITHUB)_[A-Z_]+)"', sources))
    assert len(read) > 10
    assert {name for name in read if f"`{name}`" not in PAGE} == set()


def test_every_variable_that_is_told_is_read():
    told = set(re.findall(r"^\| (`[A-Z_]+`(?:, `[A-Z_]+`)*) \|", PAGE, re.MULTILINE))
    names = {name for names in told for name in re.findall("[A-Z_]+", names)}
    assert len(names) > 12
    assert {name for name in names if f'"{name}"' not in CODE} == set()


@pytest.mark.parametrize(("name", "default"), [row for row in DEFAULTS if row[0] != "REVIEWBOT_SIGNING_KEY"])
def test_a_default_that_is_told_is_the_default(name: str, default: str):
    assert read_config({name: default}) == Config()


def test_the_metrics_that_are_told_are_the_metrics_there_are():
    told = set(re.findall(r"`(reviewbot_[a-z_]+)`", PAGE))
    there = set(re.findall(r'"(reviewbot_[a-z_]+)"', SERVICE))
    assert {name.removesuffix("_total") for name in told} == there
    counted = set(re.findall(r'Counter\(\s*"(reviewbot_[a-z_]+)"', SERVICE))
    assert {name for name in told if name.endswith("_total")} == {f"{name}_total" for name in counted}
