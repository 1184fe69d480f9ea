"""A fresh stand-in for every test."""

from collections.abc import Iterator

import pytest
from stand_in import StandIn


@pytest.fixture
def server() -> Iterator[StandIn]:
    with StandIn() as stand_in:
        yield stand_in
