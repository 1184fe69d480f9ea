"""A process of the service from its settings to its end."""

import http.client
import json
import os
import signal
import socket
import sys
import threading
import time
from collections.abc import Iterator
from contextlib import closing
from typing import Any

import pytest
from doors.service.loggers import loggers_kept

from reviewbot.doors.cli import cli
from reviewbot.doors.flags import Flags
from reviewbot.doors.service.serve import serve, words_of
from reviewbot.errors import BadSettings, Exit


@pytest.fixture(autouse=True)
def settings(monkeypatch, sqlite_url) -> Iterator[None]:
    """All that a web process needs; its log goes to stderr."""
    monkeypatch.setenv("REVIEWBOT_DATABASE_URL", sqlite_url)
    monkeypatch.setenv("GITHUB_WEBHOOK_SECRET", "canary-secret")
    monkeypatch.setenv("REVIEWBOT_ADMIN_TOKEN", "canary-token")
    before = os.umask(0o022)
    with loggers_kept():
        yield
    os.umask(before)


def lines(told: str) -> list[dict[str, Any]]:
    return [json.loads(line) for line in told.splitlines()]


def free_port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as free:
        return int(free.getsockname()[1])


def get(port: int, path: str) -> int:
    """The status; 0 while nobody listens."""
    with closing(http.client.HTTPConnection("127.0.0.1", port, timeout=5)) as connection:
        try:
            connection.request("GET", path)
            return connection.getresponse().status
        except ConnectionRefusedError:
            return 0


def run(*, port: int = 0, metrics_port: int = 0, web: bool = True, worker: bool = False) -> Exit:
    return serve(Flags(), host="127.0.0.1", port=port, metrics_port=metrics_port, web=web, worker=worker)


def test_a_web_process_listens_says_where_and_ends_well_when_it_is_asked_to(capsys):
    port, metrics_port, seen = free_port(), free_port(), {}
    before = signal.getsignal(signal.SIGTERM)

    def visit() -> None:
        until = time.monotonic() + 10
        while get(port, "/healthz") != 200 and time.monotonic() < until:
            time.sleep(0.02)
        seen.update(health=get(port, "/healthz"), pages=get(port, "/"), metrics=get(metrics_port, "/metrics"))
        os.kill(os.getpid(), signal.SIGTERM)

    visitor = threading.Thread(target=visit)
    visitor.start()
    assert run(port=port, metrics_port=metrics_port) is Exit.REVIEWED
    visitor.join()
    assert seen == {"health": 200, "pages": 401, "metrics": 200}
    assert get(port, "/healthz") == get(metrics_port, "/metrics") == 0
    assert signal.getsignal(signal.SIGTERM) is before
    told = capsys.readouterr().err
    assert [line["what"] for line in lines(told)] == ["serving", "asked to stop"]
    assert lines(told)[0]["web"] == f"http://127.0.0.1:{port}/webhook"
    assert lines(told)[0]["worker"] == "elsewhere"
    assert "canary" not in told


@pytest.mark.parametrize("names", [
    {"GITHUB_WEBHOOK_SECRET": " , "}, {"REVIEWBOT_DATABASE_URL": "mysql://x"}, {"REVIEWBOT_CONCURRENCY": "many"},
    {"REVIEWBOT_DATABASE_URL": "sqlite:////nowhere/at/all.sqlite"},
    {"OTEL_EXPORTER_OTLP_ENDPOINT": "http://127.0.0.1:9"},
])  # fmt: skip
def test_what_a_person_has_to_mend_is_said_before_anything_listens(monkeypatch, names):
    [(name, value)] = names.items()
    monkeypatch.setenv(name, value)
    monkeypatch.setitem(sys.modules, "opentelemetry.sdk.trace", None)
    with pytest.raises(BadSettings, match=name):
        run()


def test_a_port_that_is_taken_is_said():
    with (
        socket.create_server(("127.0.0.1", 0)) as taken,
        pytest.raises(BadSettings, match=r"--port: .* already in use"),
    ):
        run(port=taken.getsockname()[1])


@pytest.mark.parametrize("web", [True, False])
def test_a_worker_without_an_app_cannot_begin_and_touches_no_database(monkeypatch, tmp_path, web):
    monkeypatch.setenv("REVIEWBOT_DATABASE_URL", f"sqlite:///{tmp_path}/new.sqlite")
    with pytest.raises(BadSettings, match="GITHUB_APP_ID: is not set"):
        run(web=web, worker=True)
    assert not (tmp_path / "new.sqlite").exists()


def test_ports_that_are_taken_or_the_same_are_said_before_a_worker_is_started(monkeypatch, tmp_path):
    monkeypatch.setattr("reviewbot.doors.service.serve.read_mandate", lambda *_: None)
    monkeypatch.setattr("reviewbot.doors.service.serve.Child", lambda _: pytest.fail("a worker was started"))
    monkeypatch.setenv("PROMETHEUS_MULTIPROC_DIR", str(tmp_path))  # put back at the end
    with socket.create_server(("127.0.0.1", 0)) as taken, pytest.raises(BadSettings, match="--metrics-port"):
        run(metrics_port=taken.getsockname()[1], worker=True)
    same = free_port()
    with pytest.raises(BadSettings, match="--metrics-port"):
        run(port=same, metrics_port=same, worker=True)


def test_a_worker_that_cannot_begin_has_said_why_and_what_was_made_is_for_its_owner_alone(monkeypatch, tmp_path, capfd):
    monkeypatch.setattr("reviewbot.doors.service.serve.read_mandate", lambda *_: None)
    monkeypatch.setattr("reviewbot.doors.service.serve.words_of", lambda _: ["--no-such-option"])
    monkeypatch.setattr("reviewbot.doors.service.database.prepare", lambda _: None)
    monkeypatch.setenv("REVIEWBOT_DATABASE_URL", f"sqlite:///{tmp_path}/new.sqlite")
    monkeypatch.setenv("PROMETHEUS_MULTIPROC_DIR", str(tmp_path))
    assert run(worker=True) is Exit.EXPLAINED
    [line] = capfd.readouterr().err.splitlines()
    assert "No such option" in line
    assert (tmp_path / "new.sqlite").stat().st_mode & 0o777 == 0o600


def test_a_bug_is_told_in_the_log_with_its_traceback(capsys, monkeypatch):
    monkeypatch.setattr("socket.getaddrinfo", lambda *_args, **_named: [])
    assert run() is Exit.BUG
    [line] = lines(capsys.readouterr().err)
    assert "IndexError" in line["traceback"]


def test_the_flags_reach_the_child_as_they_were_given():
    flags = Flags(models=("a/b", "c/d"), lenses=("security",), offline=True, max_usd=1.5, max_tokens=9)
    told = cli.commands["serve"].make_context("serve", list(words_of(flags))).params
    assert {name: told[name] for name in ("models", "lenses", "offline", "max_usd", "max_tokens")} == {
        "models": ("a/b", "c/d"), "lenses": ("security",), "offline": True, "max_usd": 1.5, "max_tokens": 9,
    }  # fmt: skip
