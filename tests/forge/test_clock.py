"""Real time, unless a test brings another."""

import time

from reviewbot.forge.clock import Clock


def test_the_clock_of_a_process_is_the_machines() -> None:
    before = time.time()
    assert before <= Clock().now() <= time.time()


def test_a_wait_lets_time_pass() -> None:
    clock = Clock()
    before = clock.now()
    clock.sleep(0.01)
    assert clock.now() - before >= 0.009
