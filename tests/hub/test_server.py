import base64
import re
from concurrent.futures import ThreadPoolExecutor
from http.client import HTTPConnection, HTTPException

import pytest
from hub import contracts, faults, reviews
from hub.asking import ask
from hub.rejection import abuse, primary_limit, secondary_limit
from hub.reviews import NewReview
from hub.scene import Scene
from hub.server import HubServer
from hub.world import BOT, PERSON

DIFF = "application/vnd.github.diff"
REPO = "/repos/octo/shop"
PULL = f"{REPO}/pulls/7"


def a_review(scene: Scene, line: int = 10, **more: str) -> dict[str, object]:
    comments = [{"path": "app.py", "line": line, "side": "RIGHT", "body": "Look."}]
    return {"commit_id": scene.head, "body": "Reviewed.", "event": "COMMENT", "comments": comments} | more


def test_a_pull_request_is_answered_whole(scene: Scene, hub: HubServer) -> None:
    pull = ask(hub, "GET", PULL).json
    assert (pull["number"], pull["head"]["sha"], pull["changed_files"]) == (7, scene.head, 4)
    assert pull["base"]["repo"]["full_name"] == "octo/shop"


@pytest.mark.parametrize("accept", [DIFF, "application/vnd.github.v3.diff"])
def test_a_diff_is_asked_for_by_its_media_type(scene: Scene, hub: HubServer, accept: str) -> None:
    reply = ask(hub, "GET", PULL, accept=accept)
    assert reply.raw == scene.world.store.diff(scene.base, scene.head)
    assert reply.headers["Content-Type"].startswith(DIFF)
    assert ask(hub, "GET", f"{REPO}/compare/main...{scene.head}", accept=accept).raw == reply.raw


def test_a_diff_that_is_too_large_is_406(scene: Scene, hub: HubServer) -> None:
    scene.world.limits = scene.world.limits._replace(diff_lines=3)
    reply = ask(hub, "GET", PULL, accept=DIFF)
    assert (reply.status, reply.json["errors"][0]["code"]) == (406, "too_large")


def test_a_comparison_has_its_merge_base_and_files_on_the_first_page(scene: Scene, hub: HubServer) -> None:
    first = ask(hub, "GET", f"{REPO}/compare/main...{scene.head}?per_page=1").json
    assert (first["merge_base_commit"]["sha"], first["status"], len(first["files"])) == (scene.base, "ahead", 4)
    assert ask(hub, "GET", f"{REPO}/compare/main...{scene.head}?page=2").json["files"] == []
    assert ask(hub, "GET", f"{REPO}/compare/main...nowhere").status == 404


def test_lists_come_in_pages_that_name_the_next(scene: Scene, hub: HubServer) -> None:
    for number in range(70):
        scene.world.say(7, "ada", str(number))
    place, seen = f"{REPO}/issues/7/comments", []
    while place:
        reply = ask(hub, "GET", place)
        seen.append([comment["body"] for comment in reply.json])
        place = (re.findall(r'<([^>]+)>; rel="next"', reply.headers.get("Link", "")) or [""])[0]
    assert [len(page) for page in seen] == [30, 30, 10]
    assert [body for page in seen for body in page] == [str(number) for number in range(70)]
    assert len(ask(hub, "GET", f"{REPO}/issues/7/comments?per_page=100").json) == 70
    assert 'rel="prev"' in ask(hub, "GET", f"{REPO}/issues/7/comments?page=2").headers["Link"]


def test_patches_are_lost_by_the_response_and_not_by_the_list(scene: Scene, hub: HubServer) -> None:
    scene.world.limits = scene.world.limits._replace(patch_lines=1)
    rows = ask(hub, "GET", f"{PULL}/files").json
    assert [("patch" in row, row["additions"]) for row in rows] == [(True, 1), (False, 0), (False, 0), (False, 0)]
    assert "patch" in ask(hub, "GET", f"{PULL}/files?per_page=1&page=4").json[0]


def test_trees_and_blobs_are_git_objects(scene: Scene, hub: HubServer) -> None:
    tree = ask(hub, "GET", f"{REPO}/git/trees/{scene.head}").json["tree"]
    entry = next(entry for entry in tree if entry["path"] == "new.py")
    blob = ask(hub, "GET", f"{REPO}/git/blobs/{entry['sha']}").json
    assert base64.b64decode(blob["content"]) == b"one\ntwo"
    assert ask(hub, "GET", f"{REPO}/git/blobs/{'0' * 40}").status == 404
    assert ask(hub, "GET", f"{REPO}/git/trees/{'0' * 40}").status == 404


def test_a_review_is_made_and_read_back(scene: Scene, hub: HubServer) -> None:
    made = ask(hub, "POST", f"{PULL}/reviews", a_review(scene)).json
    assert (made["state"], made["commit_id"]) == ("COMMENTED", scene.head)
    assert [one["id"] for one in ask(hub, "GET", f"{PULL}/reviews").json] == [made["id"]]
    (comment,) = ask(hub, "GET", f"{PULL}/reviews/{made['id']}/comments").json
    assert (comment["line"], comment["original_line"], comment["side"]) == (10, 10, "RIGHT")
    assert comment["diff_hunk"].startswith("@@ -7,7 +7,7 @@")
    answer = ask(hub, "POST", f"{PULL}/comments/{comment['id']}/replies", {"body": "Done."}, token=PERSON)
    assert (answer.status, answer.json["in_reply_to_id"]) == (201, comment["id"])
    assert [one["body"] for one in ask(hub, "GET", f"{PULL}/comments").json] == ["Look.", "Done."]


def test_an_outdated_comment_has_no_line(scene: Scene, hub: HubServer) -> None:
    ask(hub, "POST", f"{PULL}/reviews", a_review(scene))
    scene.world.push(7, scene.world.commit(scene.base, {"app.py": b"all new\n"}))
    (comment,) = ask(hub, "GET", f"{PULL}/comments").json
    assert (comment["line"], comment["original_line"]) == (None, 10)
    assert comment["original_commit_id"] == scene.head != comment["commit_id"]
    assert ask(hub, "GET", f"{PULL}/reviews").json[0]["commit_id"] == comment["commit_id"]


def test_a_bad_anchor_is_422_in_githubs_words(scene: Scene, hub: HubServer) -> None:
    reply = ask(hub, "POST", f"{PULL}/reviews", a_review(scene, 33))
    assert (reply.status, reply.json["errors"]) == (422, ["Line could not be resolved"])
    assert scene.world.writes == []


def test_a_pending_review_is_deleted_by_its_author(scene: Scene, hub: HubServer) -> None:
    pending = reviews.create_review(scene.world, scene.world.tokens[BOT], 7, NewReview(None, "begun", event=None))
    assert ask(hub, "POST", f"{PULL}/reviews", a_review(scene)).status == 422
    assert [one["state"] for one in ask(hub, "GET", f"{PULL}/reviews").json] == ["PENDING"]
    assert ask(hub, "GET", f"{PULL}/reviews", token=PERSON).json == []
    assert ask(hub, "DELETE", f"{PULL}/reviews/{pending.id}", token=PERSON).status == 404
    assert ask(hub, "DELETE", f"{PULL}/reviews/{pending.id}").status == 200
    assert ask(hub, "POST", f"{PULL}/reviews", a_review(scene)).status == 200


@pytest.mark.parametrize(
    ("method", "path", "body"),
    [
        ("POST", f"{PULL}/reviews", {"event": "APPROVE"}),
        ("POST", f"{PULL}/reviews", {"event": "REQUEST_CHANGES", "body": "no"}),
        ("POST", f"{PULL}/reviews/1/events", {"event": "APPROVE"}),
        ("PUT", f"{PULL}/merge", {}),
    ],
)
def test_no_verdict_passes_unseen(scene: Scene, hub: HubServer, method: str, path: str, body: object) -> None:
    assert ask(hub, method, path, body).status in {405, 422}
    assert len(scene.world.forbidden) == 1


def test_a_comment_is_made_read_edited_and_reacted_to(scene: Scene, hub: HubServer) -> None:
    made = ask(hub, "POST", f"{REPO}/issues/7/comments", {"body": "one"})
    place = f"{REPO}/issues/comments/{made.json['id']}"
    assert (made.status, made.json["user"]["login"]) == (201, "reviewbot[bot]")
    assert ask(hub, "PATCH", place, {"body": "two"}).json["body"] == "two"
    assert [ask(hub, "POST", f"{place}/reactions", {"content": "eyes"}).status for _ in range(2)] == [201, 200]
    assert ask(hub, "GET", place).json["reactions"]["eyes"] == 1
    assert scene.world.writes[-1].kind == "reaction"


def test_permissions_have_a_word_and_a_role(scene: Scene, hub: HubServer) -> None:
    scene.world.account("grace", "maintain")
    reply = ask(hub, "GET", f"{REPO}/collaborators/grace/permission").json
    assert (reply["permission"], reply["role_name"]) == ("write", "maintain")
    assert ask(hub, "GET", f"{REPO}/collaborators/nobody/permission").status == 404


def test_check_runs_are_made_changed_and_listed(scene: Scene, hub: HubServer) -> None:
    note = {"path": "app.py", "start_line": 1, "end_line": 1, "annotation_level": "notice", "message": "look"}
    output = {"title": "t", "summary": "s", "annotations": [note] * 50}
    new = {"name": "reviewbot", "head_sha": scene.head, "external_id": "key", "output": output}
    made = ask(hub, "POST", f"{REPO}/check-runs", new)
    place = f"{REPO}/check-runs/{made.json['id']}"
    changed = {"status": "completed", "conclusion": "neutral", "output": output}
    assert (made.status, ask(hub, "PATCH", place, changed).status) == (201, 200)
    check = ask(hub, "GET", place).json
    assert (check["conclusion"], check["output"]["annotations_count"]) == ("neutral", 100)
    assert len(ask(hub, "GET", f"{place}/annotations?per_page=100").json) == 100
    listed = ask(hub, "GET", f"{REPO}/commits/{scene.head}/check-runs?check_name=reviewbot").json
    assert [run["external_id"] for run in listed["check_runs"]] == ["key"]
    assert ask(hub, "GET", f"{REPO}/commits/{scene.head}/check-runs?check_name=lint").json["total_count"] == 0


def test_the_token_says_who_asks(scene: Scene, hub: HubServer) -> None:
    assert ask(hub, "GET", "/user", token=PERSON).json["login"] == "ada"
    assert ask(hub, "GET", "/user").status == 403
    assert ask(hub, "GET", PULL, token="").status == 401
    assert ask(hub, "GET", PULL, token="wrong").status == 401
    assert ask(hub, "GET", "/rate_limit").json["rate"]["limit"] == 5000
    assert ask(hub, "GET", REPO).json["id"] == scene.world.repository.id


def test_a_renamed_repository_redirects(scene: Scene, hub: HubServer) -> None:
    scene.world.rename("octo/store")
    moved = ask(hub, "GET", PULL)
    assert moved.status == 301
    assert ask(hub, "GET", moved.headers["Location"]).json["base"]["repo"]["full_name"] == "octo/store"
    assert ask(hub, "POST", f"{REPO}/issues/7/comments", {"body": "x"}).status == 307
    assert scene.world.writes == []


def test_faults_reach_the_wire(scene: Scene, hub: HubServer) -> None:
    place, said = f"{REPO}/issues/7/comments", {"body": "x"}
    for fault, status in (
        (faults.fail_after(), 502),
        (faults.answer(secondary_limit()), 403),
        (faults.answer(secondary_limit(429, None)), 429),
        (faults.answer(abuse()), 422),
    ):
        scene.world.faults.add("POST", "comments", fault)
        reply = ask(hub, "POST", place, said)
        assert reply.status == status
        assert (reply.headers["Content-Type"] == "text/html") == (status == 502)
    scene.world.faults.add("POST", "comments", faults.answer(primary_limit(scene.world.clock.now() + 60)))
    assert ask(hub, "POST", place, said).headers["X-RateLimit-Remaining"] == "0"
    for fault in (faults.drop(), faults.drop_after()):
        scene.world.faults.add("POST", "comments", fault)
        with pytest.raises((HTTPException, OSError)):
            ask(hub, "POST", place, said)
    assert len(scene.world.pulls[7].comments) == 2


def test_enterprise_server_has_everything_below_its_prefix(scene: Scene) -> None:
    with HubServer(scene.world, "/api/v3") as hub:
        assert hub.url.endswith("/api/v3")
        assert ask(hub, "GET", PULL).json["url"] == f"{hub.url}{PULL}"
        assert ask(hub, "GET", f"{hub.origin}{PULL}").status == 404
        assert hub.graphql_url == f"{hub.origin}/api/graphql"
        assert ask(hub, "GET", "/nothing").status == (500 if contracts.available() else 404)
        hub.violations.clear()


@pytest.mark.skipif(not contracts.available(), reason=contracts.WHY)
def test_what_breaks_githubs_contract_is_a_violation_and_is_not_carried_out(scene: Scene) -> None:
    with HubServer(scene.world) as hub:
        comments = [{"path": "app.py", "line": "ten", "body": "x"}]
        assert ask(hub, "POST", f"{PULL}/reviews", {"event": "COMMENT", "comments": comments}).status == 500
        assert len(hub.violations) == 1
        assert ask(hub, "GET", "/repos/octo/shop/no-such-thing").status == 500
        assert scene.world.writes == []


def test_a_body_that_is_no_json_is_400(hub: HubServer) -> None:
    connection = HTTPConnection(hub.origin.removeprefix("http://"))
    connection.request("POST", f"{REPO}/issues/7/comments", "{", {"Authorization": f"token {BOT}"})
    assert connection.getresponse().status == 400
    connection.close()


def test_many_clients_at_once_lose_nothing(scene: Scene, hub: HubServer) -> None:
    place = f"{REPO}/issues/7/comments"
    with ThreadPoolExecutor(8) as clients:
        made = list(clients.map(lambda number: ask(hub, "POST", place, {"body": str(number)}).json["id"], range(80)))
    assert len(set(made)) == len(scene.world.writes) == len(scene.world.requests) == 80
    assert {int(comment.body) for comment in scene.world.pulls[7].comments} == set(range(80))
