"""Repositories to read from, in a home directory of their own, and a program that must never run."""

import os
import shutil
import tempfile
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from sources.checkout import AUTHOR, MAIL, Checkout

NOBODY = 65534


@pytest.fixture(autouse=True)
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, alone: None) -> Path:  # noqa: ARG001  first, it clears HOME
    """A home directory with nothing in it, and an author for git."""
    place = tmp_path / "home"
    place.mkdir()
    monkeypatch.setenv("HOME", str(place))
    monkeypatch.setenv("GIT_CONFIG_NOSYSTEM", "1")
    for role in ("AUTHOR", "COMMITTER"):
        monkeypatch.setenv(f"GIT_{role}_NAME", AUTHOR)
        monkeypatch.setenv(f"GIT_{role}_EMAIL", MAIL)
    return place


@pytest.fixture(scope="session")
def first(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Where the repository stands that `checkout` copies, once the first test has made it: git is slow to begin one."""
    return tmp_path_factory.mktemp("first") / "work"


@pytest.fixture
def checkout(tmp_path: Path, first: Path) -> Checkout:
    """A repository on `main` with one commit that holds `kept.py`."""
    if not first.exists():
        Checkout(first).commit("First", kept__py="one\ntwo\nthree\n")
    return Checkout(Path(shutil.copytree(first, tmp_path / "work")), is_new=False)


@pytest.fixture
def canary(tmp_path: Path) -> Path:
    """A program that, once run, leaves `CANARY` beside it."""
    program = tmp_path / "canary"
    program.write_text('#!/bin/sh\ntouch "$(dirname "$0")/CANARY"\ncat\n')
    program.chmod(0o755)
    return program


@pytest.fixture
def sang(canary: Path) -> Callable[[], bool]:
    """Tells whether the canary was run."""
    return (canary.parent / "CANARY").exists


@pytest.fixture
def submodule(checkout: Checkout, tmp_path: Path) -> Checkout:
    """A repository that stands in `checkout` as the submodule `sub`, committed."""
    origin = Checkout(tmp_path / "origin of sub")
    origin.commit("Sub", in__py="i\n")
    checkout.git("-c", "protocol.file.allow=always", "submodule", "--quiet", "add", str(origin.root), "sub")
    checkout.commit("Add a submodule")
    return Checkout(checkout.root / "sub", "--quiet")


@pytest.fixture
def somebodys(monkeypatch: pytest.MonkeyPatch) -> Iterator[Checkout]:
    """A checkout, for the time of whose test the process is not root, whom no mode keeps out."""
    with tempfile.TemporaryDirectory() as place:
        monkeypatch.setenv("HOME", place)
        if os.geteuid() != 0:
            yield Checkout(Path(place) / "work")
            return
        os.chown(place, NOBODY, NOBODY)
        os.seteuid(NOBODY)
        try:
            yield Checkout(Path(place) / "work")
        finally:
            os.seteuid(0)
