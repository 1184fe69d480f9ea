"""What the processes of the service tell whoever runs them: one JSON object a line, on one stream.

No line can be forged (THREATS S26): whatever stands in a message, a fact or a traceback is inside a JSON string, in
ASCII, with every control character escaped. Secrets are SecretStr, which is written as stars. Knows no job and no
review: it is told what to say about them.
"""

import json
import logging
import threading
import traceback
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from contextvars import ContextVar
from datetime import UTC, datetime
from typing import Final, TextIO

_LOGGER: Final = logging.getLogger("reviewbot")
_ABOUT: Final[ContextVar[Mapping[str, object]]] = ContextVar("about", default={})  # noqa: B039  never changed in place


def start(stream: TextIO) -> None:
    """From here on every logger of this process writes to `stream`: ours from INFO on, the libraries' warnings."""
    handler = logging.StreamHandler(stream)
    handler.setFormatter(_Lines())
    logging.basicConfig(handlers=[handler], level=logging.WARNING, force=True)
    _LOGGER.setLevel(logging.INFO)
    for name in ("dbos", "uvicorn", "uvicorn.error", "uvicorn.access"):  # they bring handlers of their own
        library = logging.getLogger(name)
        library.handlers.clear()
        library.propagate = name != "uvicorn.access"  # who was answered what is in the metrics
    logging.captureWarnings(capture=True)
    threading.excepthook = _tell_of_thread


def tell(what: str, level: int = logging.INFO, **facts: object) -> None:
    """One line. With the traceback of a fact that is an exception; from ERROR on, of the one that is being handled."""
    raised = next((fact for fact in facts.values() if isinstance(fact, BaseException)), None)
    _LOGGER.log(level, what, extra={"facts": facts}, exc_info=raised or level >= logging.ERROR)


@contextmanager
def about(**facts: object) -> Iterator[None]:
    """Whatever is told by this task or thread while the body runs is about these: job, review, repository, number."""
    token = _ABOUT.set({**_ABOUT.get(), **facts})
    try:
        yield
    finally:
        _ABOUT.reset(token)


def _tell_of_thread(ended: threading.ExceptHookArgs) -> None:
    name = ended.thread.name if ended.thread else None
    tell("a thread broke off: a bug in reviewbot", level=logging.ERROR, thread=name, error=ended.exc_value)


class _Lines(logging.Formatter):
    """A record as one line of JSON. What the line itself says cannot be overruled by a fact of the same name."""

    def format(self, record: logging.LogRecord) -> str:
        said: dict[str, object] = {
            "time": datetime.fromtimestamp(record.created, UTC).isoformat(timespec="milliseconds"),
            "level": record.levelname.lower(),
            "what": _message(record),
            "process": record.process,
        }
        if record.name != _LOGGER.name:
            said["logger"] = record.name
        if record.exc_info and record.exc_info[0]:
            said["traceback"] = "".join(traceback.format_exception(*record.exc_info))
        facts = {**_ABOUT.get(), **getattr(record, "facts", {})}
        line = json.dumps({**said, **{name: facts[name] for name in facts if name not in said}}, default=str)
        return line.replace("\x7f", "\\u007f").replace("##[", "#\\u0023[")  # the second is a runner's old command


def _message(record: logging.LogRecord) -> str:
    """A library that passes the wrong arguments loses them, not its message."""
    try:
        return record.getMessage()
    except (TypeError, ValueError):
        return str(record.msg)
