"""Two turns of one job come to the same process: they are carried out one after the other."""

import threading

from reviewbot.doors.service.under_way import UnderWay


def test_the_second_turn_of_a_job_waits_for_the_first_and_another_job_for_none() -> None:
    under_way, done = UnderWay(), list[str]()
    waits = threading.Event()

    def second() -> None:
        waits.set()
        with under_way.alone("a/2", "a"):
            done.append("second")

    thread = threading.Thread(target=second)
    with under_way.alone("a/1", "a"):
        thread.start()
        waits.wait(10)
        with under_way.alone("b/1", "b"):
            assert {"a/1", "b/1"} <= under_way.turns()
        done.append("first")
    thread.join()
    assert done == ["first", "second"]
    assert under_way.turns() == set()
