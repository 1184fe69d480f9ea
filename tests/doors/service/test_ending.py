"""A process ends when it is asked to, and no thread can keep it."""

import signal
import subprocess
import sys

HANGS = """
import os, signal, sys, threading, time
from concurrent.futures import ThreadPoolExecutor
from reviewbot.doors.service import logs, ending
logs.start(sys.stderr)
ending.STRAGGLING = 0.05
pool = ThreadPoolExecutor(1, thread_name_prefix="dbos-executor-")
starter = threading.Thread(target=lambda: pool.submit(time.sleep, 20), daemon=True)  # its threads are daemons, too
starter.start(); starter.join()
ending.leave_stragglers(7, "the database is away")
"""
TWICE = """
import os, signal, threading
from reviewbot.doors.service.ending import asked_to_stop
with asked_to_stop() as (stop, at_once):
    at_once.callback(print, "last words", flush=True)
    os.kill(os.getpid(), signal.SIGTERM)
    assert stop.wait(5)
    os.kill(os.getpid(), signal.SIGTERM)
    threading.Event().wait(20)
"""


def ended(program: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, timeout=15, check=False)


def test_a_process_ends_though_a_job_still_runs_in_it():
    process = ended(HANGS)
    assert process.returncode == 7
    assert '"why": "the database is away"' in process.stderr


def test_the_second_signal_ends_a_process_at_once_but_for_what_must_be_done():
    process = ended(TWICE)
    assert (process.returncode, process.stdout) == (128 + signal.SIGTERM, "last words\n")
