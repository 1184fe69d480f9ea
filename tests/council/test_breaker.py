"""A breaker opens after a row of faults, lets one call try after its pause, and closes when that has an answer."""

from concurrent.futures import ThreadPoolExecutor

from reviewbot.council.breaker import PAUSE, TRIPS, Breaker, Breakers


class Clock:
    now = 1_000.0

    def __call__(self) -> float:
        return self.now


def entered(breaker: Breaker) -> int:
    number = breaker.enter()
    assert isinstance(number, int), number
    return number


def opened() -> tuple[Breaker, Clock]:
    clock = Clock()
    breaker = Breaker("api.example.com", clock=clock)
    for _ in range(TRIPS):
        breaker.leave(entered(breaker), failed=True)
    return breaker, clock


def test_a_row_of_faults_opens_it_and_it_says_who_what_and_when() -> None:
    breaker, clock = opened()
    clock.now += 18.5
    assert breaker.is_open
    assert breaker.enter() == ("api.example.com failed 5 times in a row and is asked again in 42 s; run again later")


def test_an_answer_between_two_faults_ends_the_row() -> None:
    breaker = Breaker("a")
    for failed in [True] * (TRIPS - 1) + [False] + [True] * (TRIPS - 1):
        breaker.leave(entered(breaker), failed=failed)
    entered(breaker)


def test_what_tells_nothing_of_the_server_neither_opens_nor_closes() -> None:
    breaker, clock = opened()
    clock.now += PAUSE
    breaker.leave(entered(breaker), failed=None)
    assert breaker.is_open
    entered(breaker)  # the next may try in its place


def test_after_the_pause_one_call_tries_while_the_others_are_turned_away() -> None:
    breaker, clock = opened()
    clock.now += PAUSE
    number = entered(breaker)
    breaker.leave(number - 1, failed=None)  # one that went out before
    assert "when the call that tries it has ended" in str(breaker.enter())
    breaker.leave(number, failed=False)
    assert not breaker.is_open
    entered(breaker)


def test_a_try_that_fails_opens_it_for_another_pause() -> None:
    breaker, clock = opened()
    clock.now += PAUSE
    breaker.leave(entered(breaker), failed=True)
    assert "6 times in a row and is asked again in 60 s" in str(breaker.enter())


def test_of_many_threads_one_tries() -> None:
    breaker, clock = opened()
    clock.now += PAUSE
    with ThreadPoolExecutor(8) as threads:
        said = list(threads.map(lambda _: breaker.enter(), range(64)))
    assert sum(isinstance(answer, int) for answer in said) == 1


def test_an_address_has_one_breaker_for_all_who_ask_there() -> None:
    breakers = Breakers()
    assert breakers.of("a") is breakers.of("a")
    assert breakers.of("a") is not breakers.of("b")
