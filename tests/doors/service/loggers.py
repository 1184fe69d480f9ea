"""The loggers of this process, which a service takes over, put back as they were."""

import logging
import threading
import warnings
from collections.abc import Iterator
from contextlib import contextmanager

NAMES = ("", "reviewbot", "dbos", "uvicorn", "uvicorn.error", "uvicorn.access")


@contextmanager
def loggers_kept() -> Iterator[None]:
    loggers = [logging.getLogger(name) for name in NAMES]
    before = [(logger, logger.level, logger.handlers[:], logger.propagate) for logger in loggers]
    show, hook = warnings.showwarning, threading.excepthook
    logging.getLogger().handlers = []  # pytest's own, which would be closed
    try:
        yield
    finally:
        logging.captureWarnings(capture=False)
        warnings.showwarning, threading.excepthook = show, hook
        for logger, level, handlers, propagate in before:
            logger.setLevel(level)
            logger.handlers, logger.propagate = handlers, propagate
