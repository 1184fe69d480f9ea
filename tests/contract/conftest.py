"""A fresh stand-in for every test, and no certificates to load: nothing here speaks TLS, and loading them is slow."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from stand_in import StandIn


@pytest.fixture
def server(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Iterator[StandIn]:
    monkeypatch.setenv("SSL_CERT_DIR", str(tmp_path))
    with StandIn() as stand_in:
        yield stand_in
