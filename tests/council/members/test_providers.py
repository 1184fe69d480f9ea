"""The members by name, and what naming them costs."""

import subprocess
import sys
from inspect import signature

from reviewbot.council.members import PROVIDERS, compatible
from reviewbot.settings import VENDORS


def test_every_vendor_of_the_settings_has_a_member() -> None:
    assert set(PROVIDERS) == {*VENDORS, "rules", "scripted"}


def test_every_member_is_opened_alike() -> None:
    for provider in (*PROVIDERS.values(), compatible):
        assert list(signature(provider.connect).parameters) == ["access"]


def test_naming_the_members_imports_no_sdk() -> None:
    command = [sys.executable, "-X", "importtime", "-c", "import reviewbot.council.members"]
    lines = subprocess.run(command, check=True, capture_output=True, text=True).stderr.splitlines()
    imported = {line.rpartition("|")[2].strip().partition(".")[0] for line in lines}
    assert "reviewbot" in imported
    assert imported.isdisjoint({"anthropic", "openai", "google", "httpx2", "anyio"})
