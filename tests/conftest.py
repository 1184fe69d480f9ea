"""What every test stands on: no network but loopback, no key, no settings of the person who runs it."""

import gc
import itertools
import os
import runpy
import sys
from collections.abc import Generator, Iterator
from pathlib import Path

import hypothesis
import pytest
from stand_in import StandIn

GUARD = Path(__file__).parent / "guard"


def pytest_configure(config: pytest.Config) -> None:
    """Closes the ways out of this process, unless a person asked for the live tests. A child finds the guard itself."""
    hypothesis.settings.register_profile("every run", max_examples=50)  # with another seed each time
    hypothesis.settings.load_profile("every run")
    gc.set_threshold(20_000, 20, 20)  # at 700 things, looking for garbage takes a tenth of the time
    if config.option.markexpr != "live":
        runpy.run_path(str(GUARD / "sitecustomize.py"))


@pytest.hookimpl(wrapper=True)
def pytest_collection() -> Generator[None, object, object]:
    """What stands when all is collected stands to the end, and is not looked through for garbage."""
    gc.disable()
    try:
        return (yield)
    finally:
        gc.enable()
        gc.freeze()


@pytest.hookimpl(trylast=True)
def pytest_sessionfinish() -> None:
    """What was dropped and not closed is told here, once; pytest would look through all that stands five times more."""
    gc.collect()
    gc.freeze()


def pytest_xdist_auto_num_workers() -> int:
    """One more than there are cores: a few tests wait for seconds, and take nothing meanwhile."""
    return len(os.sched_getaffinity(0)) + 1


@pytest.fixture(scope="session")
def homes(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    """A folder for each test, one after the other. Asking pytest for each would have it count all there are."""
    folder = tmp_path_factory.mktemp("homes")
    return (folder / str(number) for number in itertools.count())


@pytest.fixture(autouse=True)
def alone(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch, homes: Iterator[Path]) -> None:
    """An empty HOME, and an environment in which nothing of the person's own is left; but for the live tests."""
    if request.node.get_closest_marker("live"):
        return
    kept = {"PATH", "LANG", "TMPDIR", "VIRTUAL_ENV", "SYSTEMROOT", "PYTEST_CURRENT_TEST", "PYTEST_XDIST_WORKER"}
    for name in os.environ.keys() - kept:
        monkeypatch.delenv(name)
    home = next(homes)
    home.mkdir()
    monkeypatch.setenv("HOME", str(home))
    monkeypatch.setenv("PYTHONPATH", str(GUARD))


@pytest.fixture(autouse=True)
def closed_breakers(monkeypatch: pytest.MonkeyPatch) -> None:
    """Ports come again: what one test's server did is not held against the next."""
    if wiring := sys.modules.get("reviewbot.wiring"):
        monkeypatch.setattr(wiring, "BREAKERS", type(wiring.BREAKERS)())


@pytest.fixture
def server(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Iterator[StandIn]:
    """A fresh stand-in, and no certificates to load: nothing here speaks TLS, and loading them is slow."""
    monkeypatch.setenv("SSL_CERT_DIR", str(tmp_path))
    with StandIn() as stand_in:
        yield stand_in
