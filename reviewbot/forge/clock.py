"""Time as posting sees it, so that a test can let hours pass in none."""

import time
from collections.abc import Callable
from typing import NamedTuple


class Clock(NamedTuple):
    """Seconds since the epoch, and how to wait for some of them."""

    now: Callable[[], float] = time.time
    sleep: Callable[[float], None] = time.sleep
