"""The service as docs/service.md says to start it: from the page that makes the App to a review on a pull request."""

import json
import os
import re
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager, suppress
from pathlib import Path
from urllib.request import Request, urlopen

from hub.apps import App, private_key
from hub.postman import Postman
from hub.server import HubServer
from hub.world import World

PAGE = (Path(__file__).parents[2] / "docs" / "service.md").read_text()
MANIFEST, CREDENTIALS, SERVE, BACKUP = re.findall(r"^```sh\n(.*?)^```$", PAGE, re.DOTALL | re.MULTILINE)
CODE = b"def credit(event):\n    return User.objects.get(email=event.customer_email)\n"
SECRET = "b1946ac92492d2347c6235b4d2611184"
PATIENCE = 90.0
"""Seconds for what takes ten on a machine that does nothing else."""


class Site:
    """A service on a folder of its own, the GitHub it belongs to, and one pull request there."""

    def __init__(self, root: Path, hub: HubServer, app: App, number: int) -> None:
        self.root, self.hub, self.app, self.number = root, hub, app, number
        self.port = self.pid = 0

    @property
    def is_reviewed(self) -> bool:
        said = self.hub.world.pulls[self.number].comments
        return bool(said) and all(check.status == "completed" for check in self.hub.world.checks.values())

    def say(self, line: str, **more: str) -> subprocess.Popen[bytes]:
        """A line of the page, in a shell, with no more in its environment than a person has."""
        path = f"{Path(sys.executable).parent}:{os.environ['PATH']}"
        environ = {"PATH": path, "HOME": str(self.root), "PYTHONPATH": os.environ["PYTHONPATH"], **more}
        return subprocess.Popen(["sh", "-ec", line], cwd=self.root, env=environ, stdout=-1, stderr=-1)


def done(process: subprocess.Popen[bytes]) -> bytes:
    out, err = process.communicate(timeout=PATIENCE)
    assert process.returncode == 0, err.decode()
    return out


@contextmanager
def a_site(root: Path) -> Iterator[Site]:
    root.mkdir()
    world = World(root)
    world.branch("main", world.commit((), {"README.md": b"# Shop\n"}))
    head = world.commit(world.branches["main"], {"credit.py": CODE})
    app = App(world.clock, secret=SECRET)
    app.install(world)
    number = world.open_pull("main", head).number
    with HubServer(world) as hub:
        yield Site(root, hub, app, number)
        assert hub.violations == []


@contextmanager
def serving(site: Site) -> Iterator[subprocess.Popen[bytes]]:
    """`reviewbot serve`, on a port that is free, until it says where it listens."""
    process = site.say(SERVE.strip() + " --port 0 --metrics-port 0", REVIEWBOT_ADMIN_TOKEN="open")
    try:
        said = [process.stderr.readline().decode()]
        while said[-1] and not (found := re.search(r'"web": "http://127\.0\.0\.1:(\d+)/webhook"', said[-1])):
            said.append(process.stderr.readline().decode())
        assert said[-1], said
        site.port, site.pid = int(found[1]), json.loads(said[-1])["process"]
        yield process
    finally:
        with suppress(ProcessLookupError):
            os.kill(site.pid or process.pid, signal.SIGTERM)
        process.communicate(timeout=PATIENCE)


def make_app(site: Site) -> None:
    """What GitHub gives for the code, turned into variables as the page says."""
    given = {"id": site.app.id, "pem": private_key(), "webhook_secret": SECRET}
    (site.root / "app.json").write_text(json.dumps(given))
    done(site.say(CREDENTIALS))
    where = {"GITHUB_API_URL": site.hub.url, "GITHUB_GRAPHQL_URL": site.hub.graphql_url}
    with (site.root / "reviewbot.env").open("a") as file:
        file.writelines(f"{name}={value}\n" for name, value in where.items())


def page(site: Site, path: str) -> str:
    with urlopen(Request(f"http://127.0.0.1:{site.port}{path}", headers={"Authorization": "Bearer open"})) as reply:
        return reply.read().decode()


def test_the_page_that_makes_the_app_is_one_command_away(tmp_path: Path) -> None:
    with a_site(tmp_path / "site") as site:
        manifest = json.loads(done(site.say(MANIFEST)))
        assert manifest["hook_attributes"]["url"] == "https://reviews.example.com/webhook"
        assert "settings/apps/new" in (site.root / "app.html").read_text()


def test_a_signed_event_leads_to_a_review_and_the_service_ends_when_it_is_asked_to(tmp_path: Path) -> None:
    """On a file; `benchmarks/service_kills.py` in `.ci/run` has the same processes on PostgreSQL."""
    with ExitStack() as stack:
        site = stack.enter_context(a_site(tmp_path / "site"))
        make_app(site)
        process = stack.enter_context(serving(site))
        site.app.webhook_url = f"http://127.0.0.1:{site.port}/webhook"
        assert Postman(site.app, site.hub.world).opened(site.number).status_code == 202
        until = time.monotonic() + PATIENCE
        while not site.is_reviewed:
            assert time.monotonic() < until, page(site, "/")
            time.sleep(0.1)
        (said,) = site.hub.world.pulls[site.number].comments
        assert "e-mail" in said.body
        assert "pull_request opened" in page(site, "/")
        done(site.say(BACKUP))
        assert (site.root / "backup.sqlite").stat().st_size > 10_000
        os.kill(site.pid, signal.SIGTERM)
        assert process.wait(PATIENCE) == 0
