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
def firsts(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Where the folders stand that `copied` copies, once the first test has made them: git is slow to begin one."""
    return tmp_path_factory.mktemp("firsts")


@pytest.fixture
def copied(tmp_path: Path, firsts: Path) -> Callable[[Callable[[Path], object]], Path]:
    """Fills the folder of the test as a function fills a folder, which runs once in a process."""

    def copied(fill: Callable[[Path], object]) -> Path:
        first = firsts / f"{fill.__module__}.{fill.__qualname__}"
        if not first.exists():
            first.mkdir()
            fill(first)
        return Path(shutil.copytree(first, tmp_path, symlinks=True, dirs_exist_ok=True))

    return copied


def one_commit(folder: Path) -> Checkout:
    """A repository on `main` with one commit that holds `kept.py`."""
    made = Checkout(folder / "work")
    made.commit("First", kept__py="one\ntwo\nthree\n")
    return made


def with_submodule(folder: Path) -> None:
    """The same with another repository as the submodule `sub`, committed."""
    checkout = one_commit(folder)
    origin = Checkout(folder / "origin of sub")
    origin.commit("Sub", in__py="i\n")
    checkout.git("-c", "protocol.file.allow=always", "submodule", "--quiet", "add", str(origin.root), "sub")
    checkout.commit("Add a submodule")


@pytest.fixture
def checkout(copied: Callable[[Callable[[Path], object]], Path]) -> Checkout:
    """A repository on `main` with one commit that holds `kept.py`."""
    return Checkout(copied(one_commit) / "work", is_new=False)


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
def submodule(checkout: Checkout, copied: Callable[[Callable[[Path], object]], Path]) -> Checkout:
    """A repository that stands in `checkout` as the submodule `sub`, committed."""
    shutil.rmtree(checkout.root)
    copied(with_submodule)
    return Checkout(checkout.root / "sub", is_new=False)


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
