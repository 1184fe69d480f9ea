"""A process and its child: each learns of the other's end."""

import os
import sys
import threading
import time

from reviewbot.doors.service.child import JOINED, LEFT_ALONE, Child, join_parent, keep

JOINS = """
import subprocess, sys, threading
from reviewbot.doors.service.child import join_parent
stop = threading.Event()
join_parent(stop, 20)("worker-1")
"""
WAITS = JOINS + "sys.exit(7 if stop.wait(20) else 8)"
LEAVES_ONE_BEHIND = JOINS + "subprocess.Popen(['sleep', '3'])"
SPEAKS_TOO_LATE = """
import threading
from reviewbot.doors.service.child import join_parent
stop = threading.Event()
say = join_parent(stop, 20)
stop.wait(20)
say("worker-1")
"""
IS_BUSY = """
import threading, time
from reviewbot.doors.service.child import join_parent
join_parent(threading.Event(), 0.05)("worker-1")
time.sleep(20)
"""
NEVER_ENDS = "import time; time.sleep(30)"


def named(child: Child) -> str | None:
    until = time.monotonic() + 10
    while child.name is None and time.monotonic() < until:
        child.hear(0.2)
    return child.name


def test_a_child_says_its_name_and_ends_when_its_parent_lets_go():
    child = Child([sys.executable, "-c", WAITS])
    assert named(child) == "worker-1"
    assert child.end(10) == 7


def test_a_child_whose_parent_is_gone_already_ends_in_peace():
    assert Child([sys.executable, "-c", SPEAKS_TOO_LATE]).end(10) == 0


def test_a_child_that_is_left_alone_ends_whatever_it_does():
    child = Child([sys.executable, "-c", IS_BUSY])
    assert named(child) == "worker-1"
    assert child.end(10) == LEFT_ALONE


def test_a_child_that_does_not_end_is_killed():
    assert Child([sys.executable, "-S", "-c", NEVER_ENDS]).end(0.05) == -9


def test_the_end_of_a_child_is_seen_though_something_it_started_lives_on():
    child = Child([sys.executable, "-c", LEAVES_ONE_BEHIND])
    assert named(child) == "worker-1"
    began = time.monotonic()
    assert child.hear(2.5) is False
    assert time.monotonic() - began < 2
    assert child.end(1) == 0
    assert child.hear(0) is False


def test_a_child_is_started_again_until_it_is_time_to_stop():
    told, stop = [], threading.Event()

    def ended(name: str | None, code: int, pause: float) -> None:
        told.append((name, code, pause))
        if len(told) == 3:
            stop.set()

    said = "import os, sys; os.write(0, b'worker'); sys.exit(5)"
    keep(Child([sys.executable, "-S", "-c", said]), stop, ended, pauses=(0.0, 0.01))
    assert told == [("worker", 5, 0.0), ("worker", 5, 0.01), ("worker", 5, 0.01)]


def test_a_process_that_nobody_started_as_a_child_is_none():
    assert JOINED not in os.environ
    assert join_parent(threading.Event(), 0) is None
