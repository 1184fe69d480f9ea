"""What goes wrong between a request and its answer, as functions around carrying it out.

A fault is given the world and the carrying out; it may do it, not do it, do it and lose the answer, or do something
else first. `Faults` holds which request meets which: by method, by a pattern of the path, from the nth on.
"""

import random
import re
from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Protocol

from hub.records import Request
from hub.rejection import Dropped, Rejection

if TYPE_CHECKING:
    from hub.world import World


class CarryOut(Protocol):
    def __call__(self, lag: float = 0.0) -> Any:
        """Do what was asked; what it makes is listed `lag` seconds later."""
        ...


Fault = Callable[["World", CarryOut], Any]


@dataclass
class Rule:
    method: str
    path: re.Pattern[str]
    fault: Fault
    first: int
    last: float
    met: int = 0


class Faults:
    """The faults that wait. The first rule that a request meets is the one."""

    def __init__(self) -> None:
        self._rules: list[Rule] = []

    def add(self, method: str, path: str, fault: Fault, *, nth: int = 1, times: float = 1) -> None:
        """Let `times` requests from the nth on (counted from now) meet this fault.

        `method` is "GET" and so on or "*"; `path` is a regular expression that is searched for in the path;
        `float("inf")` times is for ever.
        """
        self._rules.append(Rule(method, re.compile(path), fault, nth, nth + times - 1))

    def clear(self) -> None:
        self._rules.clear()

    def take(self, request: Request) -> Fault | None:
        """The fault of this request, if any. Every rule it matches counts it."""
        found = None
        for rule in self._rules:
            if rule.method in {"*", request.method} and rule.path.search(request.path):
                rule.met += 1
                if found is None and rule.first <= rule.met <= rule.last:
                    found = rule.fault
        return found


def answer(rejection: Rejection) -> Fault:
    """Do nothing and answer this: see `rejection` for the limits of THREATS G09."""

    def fault(_: "World", __: CarryOut) -> Any:
        raise rejection

    return fault


def fail(status: int = 502) -> Fault:
    """Do nothing and answer with the page of a proxy."""
    return answer(Rejection(status, "Server Error"))


def fail_after(status: int = 502) -> Fault:
    """Do it, and answer as if it had failed (THREATS G11)."""

    def fault(_: "World", carry_out: CarryOut) -> Any:
        carry_out()
        raise Rejection(status, "Server Error")

    return fault


def drop() -> Fault:
    """End the connection without doing anything."""

    def fault(_: "World", __: CarryOut) -> Any:
        raise Dropped

    return fault


def drop_after() -> Fault:
    """Do it, and end the connection without an answer."""

    def fault(_: "World", carry_out: CarryOut) -> Any:
        carry_out()
        raise Dropped

    return fault


def slow(seconds: float) -> Fault:
    """Take this long, then do it."""

    def fault(world: "World", carry_out: CarryOut) -> Any:
        world.clock.sleep(seconds)
        return carry_out()

    return fault


def lag(seconds: float) -> Fault:
    """Do it, but list what it made only after this long."""
    return lambda _, carry_out: carry_out(lag=seconds)


def first(happening: Callable[["World"], object]) -> Fault:
    """Let something happen in the world, then do it: a push right before a write (THREATS G17)."""

    def fault(world: "World", carry_out: CarryOut) -> Any:
        with world.lock:
            happening(world)
        return carry_out()

    return fault


def weather(seed: int, *, fails_after: float = 0.2, drops: float = 0.1, lag: float = 0.3) -> Fault:
    """A bad day (THREATS, goal 2), to be added for writes and `times=float("inf")`.

    A share is done and answered with 502, a share is dropped, half of it after it was done, and what is made is listed
    up to `lag` seconds late.
    """
    chance = random.Random(seed)  # noqa: S311

    def fault(world: "World", carry_out: CarryOut) -> Any:
        with world.lock:
            luck, late, done = chance.random(), chance.uniform(0, lag), chance.random() < 0.5
        if luck >= fails_after + drops:
            return carry_out(lag=late)
        if luck < fails_after or done:
            carry_out(lag=late)
        raise Rejection(502, "Server Error") if luck < fails_after else Dropped

    return fault
