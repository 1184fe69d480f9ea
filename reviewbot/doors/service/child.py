"""A process below this one, and the socket that joins the two.

Over it the child says under which name it is known. Its end tells the parent that the child is gone, and the child that
the parent is: neither a kill nor a crash leaves one of them alone. Knows nothing of what the child does.
"""

import os
import select
import socket
import subprocess
import threading
import time
from collections.abc import Callable, Sequence
from contextlib import suppress
from typing import Final

JOINED: Final = "REVIEWBOT_JOINED"
"""Set in a child's environment: its stdin is that socket."""
LEFT_ALONE: Final = 71
"""How a child ends that did not end by itself after its parent was gone."""
LOOKS: Final = 0.5
"""Seconds between two looks whether to stop."""
PAUSES: Final = (1.0, 2.0, 5.0, 10.0, 30.0)
"""Seconds before a child that ended is started again, the first time, the second time, ..."""
STEADY: Final = 60.0
"""Seconds after which a child that ends counts as the first one again."""


class Child:
    """One child at a time."""

    def __init__(self, command: Sequence[str]) -> None:
        self._command = command
        self.start()

    def start(self) -> None:
        self.name: str | None = None
        self._line, theirs = socket.socketpair()
        with theirs:
            self._process = subprocess.Popen(  # noqa: S603  a command of our own
                self._command, stdin=theirs.fileno(), env={**os.environ, JOINED: "1"}
            )

    def hear(self, seconds: float) -> bool:
        """Learn its name as soon as it says it. False when it has ended; waits no longer than `seconds` for either."""
        if self._line.fileno() < 0:
            return False
        if not select.select([self._line], [], [], seconds)[0]:
            return True
        said = self._line.recv(1_000)
        if said:
            self.name = said.decode()
        return bool(said)

    def let_go(self) -> None:
        """Tell it to end."""
        self._line.close()

    def kill(self) -> None:
        """End it at once."""
        self._process.kill()

    def end(self, grace: float) -> int:
        """Its exit code. After `grace` seconds it is killed."""
        self.let_go()
        try:
            return self._process.wait(grace)
        except subprocess.TimeoutExpired:
            self._process.kill()
            return self._process.wait()


Ended = Callable[[str | None, int, float], None]
"""Told of a child that ended: its name, its exit code, and the seconds until the next one is started."""


def keep(child: Child, stop: threading.Event, ended: Ended, *, pauses: Sequence[float] = PAUSES) -> None:
    """Until `stop` is set, start the child again whenever it ends."""
    tries, began = 0, time.monotonic()
    while not stop.is_set():
        if child.hear(LOOKS):
            continue
        tries = 0 if time.monotonic() - began > STEADY else tries
        pause = pauses[min(tries, len(pauses) - 1)]
        ended(child.name, child.end(LOOKS), pause)
        if not stop.wait(pause):
            tries, began = tries + 1, time.monotonic()
            child.start()


def join_parent(stop: threading.Event, grace: float) -> Callable[[str], None] | None:
    """In a child: how it says its name. None in a process that is no child.

    When its parent is gone, or lets go, `stop` is set; `grace` seconds later the process ends, whatever it does.
    """
    if os.environ.pop(JOINED, None) is None:
        return None
    line = socket.socket(fileno=os.dup(0))
    nothing = os.open(os.devnull, os.O_RDONLY)
    os.dup2(nothing, 0)  # what this process starts must not hold the line
    os.close(nothing)

    def watch() -> None:
        line.recv(1)
        stop.set()
        time.sleep(grace)
        os._exit(LEFT_ALONE)

    def say(name: str) -> None:
        with suppress(OSError):  # it is gone, and `stop` is set
            line.sendall(name.encode())

    threading.Thread(target=watch, name="parent", daemon=True).start()
    return say
