"""The real adapter against a fake GitHub that somebody else wrote: Vercel's `emulate`, as a process of its own.

It has no reviews, no diffs and no GraphQL worth the name, and replaces annotations where GitHub adds them. What it does
right is asked here: comments made, edited and listed; a check run made, found and ended; a refusal; an App that signs
and is given a token.
"""

import json
import shutil
import socket
import subprocess
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any, NamedTuple
from urllib.error import URLError
from urllib.request import Request, urlopen

import pytest
from hub import apps, contracts
from hub.hand_clock import hand_clock
from pydantic import SecretStr

from reviewbot.errors import NoAccess
from reviewbot.forge.access import Access
from reviewbot.forge.app import TOKEN_PERMISSIONS, App, app_access_from
from reviewbot.forge.github import connect
from reviewbot.forge.model import Check
from reviewbot.forge.port import Forge

NODE = shutil.which("node")
EMULATE = contracts.PARTS / "node_modules/emulate/dist/index.js"
SECONDS_TO_START = 20
INSTALLATION = 77
INSTALLED = {"installation_id": INSTALLATION, "account": "octocat", "repositories": ["hello-world", "another"]}


def seed() -> str:
    """Its configuration, in the part of YAML that is JSON."""
    repositories = [{"owner": "octocat", "name": name, "auto_init": True} for name in ("hello-world", "another")]
    known = {"app_id": apps.APP_ID, "slug": "reviewbot", "name": "reviewbot", "private_key": apps.private_key()}
    installation = {**INSTALLED, "repository_selection": "selected", "permissions": TOKEN_PERMISSIONS}
    github = {
        "users": [{"login": "octocat", "name": "The Octocat", "email": "octocat@github.com"}],
        "repos": repositories,
        "apps": [{**known, "permissions": TOKEN_PERMISSIONS, "installations": [installation]}],
    }
    return json.dumps({"tokens": {"tok_octocat": {"login": "octocat", "scopes": ["repo", "user"]}}, "github": github})


pytestmark = pytest.mark.skipif(NODE is None or not EMULATE.is_file(), reason=f"emulate: {contracts.WHY}")


class Emulated(NamedTuple):
    url: str

    def ask(self, method: str, path: str, body: Any = None) -> Any:
        """A call beside the adapter, for what a person does."""
        sent = None if body is None else json.dumps(body).encode()
        headers = {"Authorization": "Bearer tok_octocat", "Content-Type": "application/json"}
        with urlopen(Request(f"{self.url}{path}", sent, headers, method=method)) as reply:  # noqa: S310  loopback
            return json.load(reply)

    def forge(self, repository: str = "octocat/hello-world") -> Forge:
        access = Access(
            token=SecretStr("tok_octocat"),
            api_url=self.url,
            graphql_url=f"{self.url}/graphql",
            server_url=self.url,
            signing_keys=(SecretStr("a key"),),
        )
        return connect(repository, access, hand_clock())

    def app(self, app_id: int = apps.APP_ID) -> App:
        """The App, by the clock of this machine: emulate has no other."""
        told = {"GITHUB_APP_ID": str(app_id), "GITHUB_APP_PRIVATE_KEY": apps.private_key()}
        places = {"api_url": self.url, "graphql_url": f"{self.url}/graphql", "server_url": self.url}
        return App(app_access_from(told).model_copy(update=places))


@pytest.fixture(scope="module")
def emulated(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Emulated]:
    folder = tmp_path_factory.mktemp("emulate")
    (folder / "seed.yaml").write_text(seed())
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = free.getsockname()[1]
    words = ["start", "--service", "github", "--port", str(port), "--seed", "seed.yaml"]
    command = [str(NODE), str(EMULATE), *words]
    with (folder / "log").open("w") as log, subprocess.Popen(command, cwd=folder, stdout=log, stderr=log) as process:
        try:
            yield _awaited(Emulated(f"http://localhost:{port}"), folder / "log")
        finally:
            process.terminate()


def _awaited(emulated: Emulated, log: Path) -> Emulated:
    deadline = time.monotonic() + SECONDS_TO_START
    while time.monotonic() < deadline:
        try:
            emulated.ask("GET", "/user")
        except URLError:
            time.sleep(0.05)
        else:
            return emulated
    raise TimeoutError(f"emulate did not start: {log.read_text()}")


def test_a_comment_is_made_edited_and_listed(emulated: Emulated) -> None:
    number = emulated.ask("POST", "/repos/octocat/hello-world/issues", {"title": "A change"})["number"]
    posted = emulated.forge().post_comment(number, "First.")
    assert emulated.forge().edit_comment(posted.id, "Second.") == posted
    listed = emulated.ask("GET", f"/repos/octocat/hello-world/issues/{number}/comments")
    assert [(comment["id"], comment["body"]) for comment in listed] == [(posted.id, "Second.")]


def test_a_check_is_made_found_again_and_ended(emulated: Emulated) -> None:
    head = emulated.ask("GET", "/repos/octocat/hello-world/git/ref/heads/main")["object"]["sha"]
    forge = emulated.forge()
    running = Check(head_sha=head, external_id="a review", title="Looking", summary="Under review.")
    assert forge.find_check(head, "a review") is None
    check_id = forge.put_check(running, None)
    assert forge.find_check(head, "a review") == check_id
    forge.put_check(running.model_copy(update={"title": "Reviewed", "conclusion": "neutral"}), check_id)
    check = emulated.ask("GET", f"/repos/octocat/hello-world/check-runs/{check_id}")
    assert (check["name"], check["status"], check["conclusion"]) == ("reviewbot", "completed", "neutral")
    assert check["output"]["title"] == "Reviewed"


def test_what_is_not_there_is_no_access(emulated: Emulated) -> None:
    with pytest.raises(NoAccess):
        emulated.forge().pull(99)
    with pytest.raises(NoAccess):
        emulated.forge("octocat/nowhere").post_comment(1, "Hello?")


def test_the_app_signs_and_is_given_a_token_for_one_repository(emulated: Emulated) -> None:
    app, repository = emulated.app(), emulated.ask("GET", "/repos/octocat/hello-world")["id"]
    assert app.slug() == "reviewbot"
    access = app.access(INSTALLATION, repository)
    (minted,) = emulated.ask("GET", "/_emulate/installation-tokens")["installation_tokens"]
    assert (minted["permissions"], minted["repository_ids"]) == (TOKEN_PERMISSIONS, [repository])
    number = emulated.ask("POST", "/repos/octocat/hello-world/issues", {"title": "For the App"})["number"]
    connect("octocat/hello-world", access, hand_clock()).post_comment(number, "By the App.")
    elsewhere = emulated.ask("POST", "/repos/octocat/another/issues", {"title": "Not for this token"})["number"]
    with pytest.raises(NoAccess):
        connect("octocat/another", access, hand_clock()).post_comment(elsewhere, "By the App.")


def test_an_app_that_is_not_known_or_not_installed_is_told_what_to_do(emulated: Emulated) -> None:
    with pytest.raises(NoAccess, match="GITHUB_APP_ID"):
        emulated.app(app_id=1).slug()
    with pytest.raises(NoAccess, match="install"):
        emulated.app().access(INSTALLATION + 1, 1)
