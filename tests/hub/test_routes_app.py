import time
from collections.abc import Iterator
from email.utils import parsedate_to_datetime
from pathlib import Path
from typing import Any

import pytest
from hub.apps import App
from hub.asking import ask
from hub.mailbox import Mailbox
from hub.postman import Postman
from hub.scene import Scene, small_scene
from hub.server import HubServer
from hub.test_apps import signed
from hub.world import BOT, PERSON, World

REPO = "/repos/octo/shop"


@pytest.fixture
def app(scene: Scene) -> App:
    app = App(scene.world.clock)
    app.install(scene.world)
    return app


@pytest.fixture
def second(scene: Scene, app: App, tmp_path: Path) -> World:
    """Another account's repository, with the App on it."""
    world = World(tmp_path / "second", name="acme/site", clock=scene.world.clock, first_id=4_000_000_001)
    app.install(world)
    base = world.commit((), {"app.py": b"one\n"})
    world.branch("main", base)
    world.open_pull("main", world.commit(base, {"app.py": b"two\n"}), title="Elsewhere")
    return world


@pytest.fixture
def both(scene: Scene, second: World) -> Iterator[HubServer]:
    with HubServer(scene.world, others=(second,)) as server:
        yield server
        assert server.violations == []


def asked_by_the_app(hub: HubServer, app: App, method: str, path: str, body: Any = None) -> Any:
    return ask(hub, method, path, body, token=signed(app))


def token_for(hub: HubServer, app: App, world: World, **body: Any) -> str:
    installation = app.installed_on(world)
    assert installation is not None
    path = f"/app/installations/{installation.id}/access_tokens"
    reply = asked_by_the_app(hub, app, "POST", path, body or None)
    assert reply.status == 201
    return str(reply.json["token"])


def test_the_app_reads_about_itself_and_its_installations(app: App, hub: HubServer) -> None:
    told = asked_by_the_app(hub, app, "GET", "/app").json
    assert (told["id"], told["slug"], told["installations_count"]) == (12345, "reviewbot", 1)
    (row,) = asked_by_the_app(hub, app, "GET", "/app/installations").json
    assert (row["account"]["login"], row["suspended_at"], row["permissions"]["checks"]) == ("octo", None, "write")
    assert asked_by_the_app(hub, app, "GET", f"/app/installations/{row['id']}").json["created_at"] == row["created_at"]
    app.suspend(app.find(row["id"]))
    assert asked_by_the_app(hub, app, "GET", f"/app/installations/{row['id']}").json["suspended_at"] is not None
    assert asked_by_the_app(hub, app, "GET", "/app/installations/1").status == 404


def test_nobody_else_enters_as_the_app(app: App, hub: HubServer) -> None:
    assert ask(hub, "GET", "/app").status == 401
    assert ask(hub, "GET", "/app", token="").status == 401
    assert ask(hub, "GET", REPO, token=signed(app)).status == 401


def test_the_date_of_a_reply_is_the_worlds_though_the_callers_clock_is_wrong(app: App, hub: HubServer) -> None:
    late = int(app.clock.now()) + 300
    reply = ask(hub, "GET", "/app", token=signed(app, iat=late - 60, exp=late + 540))
    assert reply.status == 401
    assert parsedate_to_datetime(reply.headers["Date"]).timestamp() == int(app.clock.now())


def test_a_token_is_made_for_one_repository_and_used(app: App, scene: Scene, hub: HubServer) -> None:
    wanted = {"repository_ids": [scene.world.repository.id], "permissions": {"contents": "read"}}
    token = token_for(hub, app, scene.world, **wanted)
    assert ask(hub, "GET", f"{REPO}/git/trees/{scene.head}", token=token).status == 200
    assert ask(hub, "GET", REPO, token=token).status == 200
    reply = ask(hub, "GET", f"{REPO}/pulls/7", token=token)
    assert (reply.status, reply.json["message"]) == (403, "Resource not accessible by integration")
    listed = ask(hub, "GET", "/installation/repositories", token=token).json
    assert [row["full_name"] for row in listed["repositories"]] == ["octo/shop"]
    assert ask(hub, "GET", "/installation/repositories", token=PERSON).status == 403


def test_more_than_was_granted_is_422_and_a_suspended_installation_403(app: App, hub: HubServer) -> None:
    (installation,) = app.installations.values()
    path = f"/app/installations/{installation.id}/access_tokens"
    assert asked_by_the_app(hub, app, "POST", path, {"permissions": {"contents": "write"}}).status == 422
    app.suspend(installation)
    assert asked_by_the_app(hub, app, "POST", path).status == 403
    app.uninstall(installation)
    assert asked_by_the_app(hub, app, "POST", path).status == 404


def test_two_accounts_are_served_apart(app: App, scene: Scene, second: World, both: HubServer) -> None:
    tokens = [token_for(both, app, world) for world in (scene.world, second)]
    names = [ask(both, "GET", "/installation/repositories", token=token).json["repositories"] for token in tokens]
    assert [[row["full_name"] for row in rows] for rows in names] == [["octo/shop"], ["acme/site"]]
    assert ask(both, "GET", "/repos/acme/site/pulls/7", token=tokens[1]).json["title"] == "Elsewhere"
    assert ask(both, "GET", "/repos/acme/site/pulls/7", token=tokens[0]).status == 404
    place = f"/repositories/{second.repository.id}/pulls/7"
    assert ask(both, "GET", place, token=tokens[1]).json["title"] == "Elsewhere"
    asked = {"variables": {"owner": "acme", "name": "site"}}
    document = "query($owner: String!, $name: String!) { repository(owner: $owner, name: $name) { nameWithOwner } }"
    for token in (tokens[1], BOT):  # the test's own bot is in both worlds
        reply = ask(both, "POST", both.graphql_url, {"query": document} | asked, token=token)
        assert reply.json["data"]["repository"]["nameWithOwner"] == "acme/site"


def test_a_node_is_found_in_the_world_it_is_of(second: World, both: HubServer) -> None:
    said = second.say(7, "ada", "Here.")
    document = "query($id: ID!) { node(id: $id) { ... on IssueComment { body } } }"
    reply = ask(both, "POST", both.graphql_url, {"query": document, "variables": {"id": said.node_id}})
    assert reply.json["data"]["node"]["body"] == "Here."


def test_deliveries_are_listed_newest_first_and_page_by_cursor(app: App, scene: Scene, hub: HubServer) -> None:
    postman = Postman(app, scene.world)
    sent = [postman.opened(7).guid for _ in range(5)]
    place, seen = "/app/hook/deliveries?per_page=2", []
    while place:
        reply = asked_by_the_app(hub, app, "GET", place)
        seen += [row["guid"] for row in reply.json]
        place = reply.headers.get("Link", "").partition("<")[2].partition(">")[0]
    assert seen == sent[::-1]
    assert asked_by_the_app(hub, app, "GET", "/app/hook/deliveries?status=success").json == []
    assert asked_by_the_app(hub, app, "GET", "/app/hook/deliveries?cursor=nonsense").status == 422
    scene.world.clock.sleep(3 * 86_400)
    assert asked_by_the_app(hub, app, "GET", "/app/hook/deliveries").json == []


def test_a_failed_delivery_is_read_whole_and_sent_again_under_its_guid(app: App, scene: Scene, hub: HubServer) -> None:
    failed = Postman(app, scene.world).opened(7)
    (row,) = asked_by_the_app(hub, app, "GET", "/app/hook/deliveries").json
    assert (row["status_code"], row["event"], row["action"]) == (0, "pull_request", "opened")
    assert row["installation_id"] == next(iter(app.installations))
    assert row["repository_id"] == scene.world.repository.id
    whole = asked_by_the_app(hub, app, "GET", f"/app/hook/deliveries/{row['id']}").json
    assert whole["request"]["payload"] == failed.event.payload
    assert whole["request"]["headers"]["X-GitHub-Delivery"] == failed.guid
    with Mailbox() as mailbox:
        app.webhook_url = mailbox.url
        assert asked_by_the_app(hub, app, "POST", f"/app/hook/deliveries/{row['id']}/attempts").status == 202
        deadline = time.monotonic() + 5
        while len(app.attempts) < 2 and time.monotonic() < deadline:
            time.sleep(0.01)
    again = asked_by_the_app(hub, app, "GET", "/app/hook/deliveries?status=success").json[0]
    assert (again["guid"], again["redelivery"], again["status_code"]) == (failed.guid, True, 202)
    assert mailbox.letters[0].body == failed.event.body
    assert asked_by_the_app(hub, app, "GET", "/app/hook/deliveries/1").status == 404


def test_pull_requests_are_sorted_by_when_something_last_happened(scene: Scene, hub: HubServer) -> None:
    world = scene.world
    for _ in range(3):
        world.clock.sleep(60)
        world.open_pull("main", scene.head)
    world.clock.sleep(60)
    scene.push([b"new\n"])
    world.clock.sleep(60)
    ask(hub, "POST", f"{REPO}/issues/9/comments", {"body": "Hello."})

    def numbers(query: str) -> list[int]:
        return [row["number"] for row in ask(hub, "GET", f"{REPO}/pulls?{query}").json]

    assert numbers("state=open") == [10, 9, 8, 7]
    assert numbers("state=open&sort=updated&direction=desc") == [9, 7, 10, 8]
    assert numbers("state=open&sort=updated") == [8, 10, 7, 9]
    world.pulls[9].state = "closed"
    assert numbers("state=closed") == [9]


def test_without_an_app_there_is_nothing_to_enter(tmp_path: Path) -> None:
    with HubServer(small_scene(tmp_path).world) as hub:
        assert ask(hub, "GET", "/app").status == 401
