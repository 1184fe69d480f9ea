"""What every test stands on: no network but loopback, no key, no settings of the person who runs it."""

import os
import runpy
from pathlib import Path

import pytest

GUARD = Path(__file__).parent / "guard"
runpy.run_path(str(GUARD / "sitecustomize.py"))  # here; a process that a test starts finds it by itself, see `alone`


@pytest.fixture(autouse=True)
def alone(monkeypatch: pytest.MonkeyPatch, tmp_path_factory: pytest.TempPathFactory) -> None:
    """An empty HOME, and an environment in which nothing of the person's own is left."""
    kept = {"PATH", "LANG", "TMPDIR", "VIRTUAL_ENV", "SYSTEMROOT", "PYTEST_CURRENT_TEST", "PYTEST_XDIST_WORKER"}
    for name in os.environ.keys() - kept:
        monkeypatch.delenv(name)
    monkeypatch.setenv("HOME", str(tmp_path_factory.mktemp("home")))
    monkeypatch.setenv("PYTHONPATH", str(GUARD))
