"""The log of a service's process: whole lines that nobody can forge, and no secret."""

import io
import json
import logging
import threading
import warnings
from collections.abc import Iterator
from typing import Any

import pytest
from doors.runner_commands import commands
from doors.service.loggers import loggers_kept
from pydantic import SecretStr

from reviewbot.doors.service import logs

HOSTILE = [
    "::error::forged", "\n::set-env name=X::1", "\r::add-mask::a", "##[error]forged", "\x1b[31mred\x7f", "\u2028\u202e",
    '"}\n{"level": "info"', "\x00",
]  # fmt: skip


@pytest.fixture
def stream() -> Iterator[io.StringIO]:
    """What the log comes to."""
    with loggers_kept():
        stream = io.StringIO()
        logs.start(stream)
        yield stream


def lines(stream: io.StringIO) -> list[dict[str, Any]]:
    return [json.loads(line) for line in stream.getvalue().splitlines()]


def test_a_line_says_when_how_grave_and_what_with_its_facts(stream):
    logs.tell("the job ended", state="done", attempt=2)
    [line] = lines(stream)
    assert line["what"] == "the job ended"
    assert (line["level"], line["state"], line["attempt"]) == ("info", "done", 2)
    assert line["time"].endswith("+00:00")


@pytest.mark.parametrize("text", HOSTILE, ids=range(len(HOSTILE)))
def test_no_text_becomes_a_line_or_a_command_of_its_own(stream, text):
    logs.tell(text, said=text)
    with logs.about(repository=text):
        logging.getLogger("some.library").warning("%s", text)
    written = stream.getvalue()
    assert written.isascii()
    assert written.count("\n") == 2
    assert not set(written) & {chr(code) for code in (*range(10), *range(11, 32), 127)}
    assert commands(written) == []
    first, second = lines(stream)
    assert first["what"] == first["said"] == second["what"] == second["repository"] == text


def test_what_a_line_says_of_itself_is_not_overruled_by_a_fact(stream):
    with logs.about(level="info", time="never"):
        logs.tell("a bug", level=logging.ERROR)
    assert lines(stream)[0]["level"] == "error"
    assert lines(stream)[0]["time"] != "never"


def test_an_error_carries_the_traceback_of_what_is_handled(stream):
    try:
        {}["\n::error::x"]
    except KeyError:
        logs.tell("a bug in reviewbot", level=logging.ERROR)
    [line] = lines(stream)
    assert "Traceback" in line["traceback"]
    assert "test_logs.py" in line["traceback"]


def test_an_exception_among_the_facts_brings_its_traceback_too(stream):
    logs.tell("a bug in reviewbot", level=logging.ERROR, error=ValueError("no"))
    [line] = lines(stream)
    assert line["error"] == "no"
    assert line["traceback"] == "ValueError: no\n"


def test_facts_belong_to_the_thread_and_the_block_they_were_given_in(stream):
    with logs.about(job="a"):
        with logs.about(review="r"):
            logs.tell("inside")
        other = threading.Thread(target=logs.tell, args=("elsewhere",))
        other.start()
        other.join()
    logs.tell("after")
    told = {line["what"]: (line.get("job"), line.get("review")) for line in lines(stream)}
    assert told == {"inside": ("a", "r"), "elsewhere": (None, None), "after": (None, None)}


def test_no_secret_is_written_however_it_is_told(stream):
    secret = SecretStr("canary-7f3a")
    with logs.about(key=secret):
        logs.tell("a key", keys=[secret, {"inner": secret}], nested=(secret,))
    logs.tell("a bug in reviewbot", level=logging.ERROR, error=ValueError(secret))
    logging.getLogger("dbos").error("with %s", secret)
    assert "canary" not in stream.getvalue()
    assert len(lines(stream)) == 3


@pytest.mark.parametrize("name", ["dbos", "uvicorn", "uvicorn.error"])
def test_libraries_speak_through_the_same_lines_and_only_when_something_is_wrong(stream, name):
    logging.getLogger(name).info("nobody asked")
    logging.getLogger(name).warning("watch %s", "out")
    [line] = lines(stream)
    assert (line["what"], line["logger"], line["level"]) == ("watch out", name, "warning")


def test_who_was_answered_what_is_not_logged(stream):
    logging.getLogger("uvicorn.access").error("GET /?token=canary")
    assert stream.getvalue() == ""


@pytest.mark.parametrize(("message", "told"), [("%d of %d", ("one",)), ("\ud800", ())], ids=["arguments", "character"])
def test_a_message_that_is_wrong_is_still_written(stream, message, told):
    record = logging.LogRecord("some.library", logging.WARNING, "", 0, message, told, None)
    [ours] = [handler for handler in logging.getLogger().handlers if getattr(handler, "stream", None) is stream]
    ours.handle(record)  # not through the logger: pytest's own handler minds
    assert lines(stream)[0]["what"] == message


def test_a_thread_that_breaks_off_is_a_line_with_its_traceback(stream):
    thread = threading.Thread(target=int, args=("x\n::error::y",), name="lease")
    thread.start()
    thread.join()
    [line] = lines(stream)
    assert (line["level"], line["thread"]) == ("error", "lease")
    assert "ValueError: invalid literal" in line["traceback"]


def test_a_warning_of_python_is_a_line_too(stream):
    with warnings.catch_warnings():
        warnings.simplefilter("always")
        warnings.warn("old", DeprecationWarning, stacklevel=1)
    assert "DeprecationWarning: old" in lines(stream)[0]["what"]
