"""From what arrives at the webhook to what is done about it: forged, damaged, hostile and real."""

import hmac
import json
from collections.abc import Callable, Iterator, Mapping
from itertools import cycle
from typing import Any

import pytest
from hub import contracts, webhooks
from hub.webhook_objects import TIME
from hub.webhooks import BOT, PullRequest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from reviewbot.forge.command import Again
from reviewbot.forge.event import Cancel, Command, Forget, Nothing, Review
from reviewbot.forge.webhook import EVENTS, Delivery, Refusal, decide, read_delivery

SECRET, OTHER = b"It's a Secret to Everybody", b"the one it replaces"
GUID = "72d3162e-cc78-11e3-81ab-4c9367dc0958"
PULL = PullRequest(number=7, head_sha="a1" * 20)
INSTALLATION = {"id": 2**40, "node_id": "MDIz"}
WHOLE = INSTALLATION | {"app_id": 900, "account": {"login": "octo", "id": 100, "type": "Organization"}}
needs_contracts = pytest.mark.skipif(not contracts.available(), reason=contracts.WHY)


def signed(body: bytes, secret: bytes = SECRET) -> str:
    return "sha256=" + hmac.new(secret, body, "sha256").hexdigest()


def headers(body: bytes, event: str = "pull_request", **changes: str | None) -> dict[str, str]:
    """As GitHub sends them. `changes` replaces one, named with underscores, or leaves it out."""
    told: dict[str, str | None] = {
        "Content-Type": "application/json", "X-GitHub-Delivery": GUID, "X-GitHub-Event": event,
        "X-Hub-Signature-256": signed(body),
    }  # fmt: skip
    told |= {name.replace("_", "-"): value for name, value in changes.items()}
    return {name: value for name, value in told.items() if value is not None}


def sent_to_app(payload: Mapping[str, Any], installation: Any = INSTALLATION) -> dict[str, Any]:
    return {**payload, "installation": installation}


def told(event: str, payload: Mapping[str, Any]) -> Delivery:
    """What is done about a payload. It must be a delivery."""
    result = decide(headers(b"", event), json.dumps(payload).encode())
    assert isinstance(result, Delivery), result
    return result


OPENED = sent_to_app(webhooks.pull_request("opened", PULL))
BODY = json.dumps(OPENED, indent=1).encode()


def status(result: Delivery | Refusal) -> int:
    return result.status if isinstance(result, Refusal) else 202


def test_a_signed_delivery_is_what_it_says() -> None:
    assert read_delivery(headers(BODY), BODY, [SECRET]) == Delivery(
        guid=GUID, event="pull_request", action="opened", installation_id=2**40, repository_id=7,
        repository="octo/shop", actor="ada", task=Review(number=7, head_sha=PULL.head_sha, at=TIME),
    )  # fmt: skip


@pytest.mark.parametrize("cased", [str.lower, str.upper, str.title])
def test_headers_are_known_in_any_case(cased: Callable[[str], str]) -> None:
    there = {cased(name): value for name, value in headers(BODY).items()}
    assert isinstance(read_delivery(there, BODY, [SECRET]), Delivery)


def test_githubs_own_example_of_a_signature_is_accepted() -> None:
    """The values of GitHub's page on validating deliveries. The text is no JSON, which only a signed body is told."""
    known = "sha256=757107ea0eb2509fc211221cce984b8a37570b6d7586c22c46f4379c8b043e17"
    body = b"Hello, World!"
    assert status(read_delivery(headers(body, X_Hub_Signature_256=known), body, [SECRET])) == 400
    assert status(read_delivery(headers(body, X_Hub_Signature_256=known), body, [OTHER])) == 401


SHA1 = "sha1=" + hmac.new(SECRET, BODY, "sha1").hexdigest()


@pytest.mark.parametrize(
    "signature",
    [
        None, "", "sha256=", "sha256", signed(BODY)[7:], signed(BODY).upper(), "sha256=" + signed(BODY)[7:].upper(),
        signed(BODY)[:-1], signed(BODY) + "0", signed(BODY) + "\n", " " + signed(BODY), SHA1, "sha256=" + SHA1[5:],
        signed(BODY, OTHER), signed(BODY)[:-1] + "\xe9", "sha256=" + "\uff10" * 64, "sha256=\ud800", signed(b""),
    ],
)  # fmt: skip
def test_every_other_signature_is_refused(signature: str | None) -> None:
    """THREATS G01."""
    forged = headers(BODY, X_Hub_Signature_256=signature) | {"X-Hub-Signature": SHA1}
    assert status(read_delivery(forged, BODY, [SECRET])) == 401


@pytest.mark.parametrize("changed", [BODY[:-1], BODY + b"\n", BODY.replace(b"opened", b"Opened"), b""])
def test_a_body_that_is_not_the_signed_one_is_refused(changed: bytes) -> None:
    assert status(read_delivery(headers(BODY), changed, [SECRET])) == 401


def test_the_same_json_in_other_bytes_is_refused() -> None:
    again = json.dumps(json.loads(BODY)).encode()
    assert json.loads(again) == json.loads(BODY)
    assert status(read_delivery(headers(BODY), again, [SECRET])) == 401


@pytest.mark.parametrize(("secrets", "expected"), [([SECRET, OTHER], 202), ([OTHER, SECRET], 202), ([OTHER], 401)])
def test_two_secrets_stand_while_one_is_replaced(secrets: list[bytes], expected: int) -> None:
    assert status(read_delivery(headers(BODY), BODY, secrets)) == expected


@pytest.mark.parametrize("secrets", [[], [b""]])
def test_without_a_secret_nothing_is_accepted(secrets: list[bytes]) -> None:
    result = read_delivery(headers(BODY, X_Hub_Signature_256=signed(BODY, b"")), BODY, secrets)
    assert status(result) == 503
    assert "GITHUB_WEBHOOK_SECRET" in str(result)


def test_an_empty_secret_beside_a_real_one_opens_nothing() -> None:
    forged = headers(BODY, X_Hub_Signature_256=signed(BODY, b""))
    assert status(read_delivery(forged, BODY, [SECRET, b""])) == 401


BOMBS = {
    "no json": b"{", "nothing": b"", "two values": b"{}{}", "a list": b"[]", "a text": b'"x"', "null": b"null",
    "not utf-8": b'{"action": "\xff"}', "utf-16": "{}".encode("utf-16"), "half a character": b'{"action": "\\ud800"}',
    "deep lists": b"[" * 100_000, "deep objects": b'{"a":' * 100_000, "long number": b'{"a": ' + b"9" * 5_000 + b"}",
    "not a number": b'{"a": NaN}', "infinity": b'{"a": -Infinity}', "a closed pit": b"[" * 500 + b"]" * 500,
}  # fmt: skip


@pytest.mark.parametrize("bomb", BOMBS.values(), ids=BOMBS)
def test_a_bomb_is_not_parsed_before_it_is_verified_and_then_refused(bomb: bytes) -> None:
    """THREATS S38."""
    forged = headers(bomb, X_Hub_Signature_256=signed(b"another"))
    assert status(read_delivery(forged, bomb, [SECRET])) == 401
    assert status(read_delivery(headers(bomb), bomb, [SECRET])) == 400


@pytest.mark.parametrize("kind", [None, "", "application/x-www-form-urlencoded", "text/plain", "application/jsonp"])
def test_another_content_type_is_told_how_to_be_json(kind: str | None) -> None:
    result = read_delivery(headers(BODY, Content_Type=kind), BODY, [SECRET])
    assert isinstance(result, Refusal)
    assert result.status == 415
    assert "content type to application/json" in result.why


@pytest.mark.parametrize("kind", ["application/json; charset=utf-8", "Application/JSON"])
def test_json_may_be_spelled_as_http_allows(kind: str) -> None:
    assert isinstance(read_delivery(headers(BODY, Content_Type=kind), BODY, [SECRET]), Delivery)


@pytest.mark.parametrize("guid", [None, "", "a b", "../x", "sweep:1", GUID + "\n", "\xe9", "x" * 101, "a'--", "\x00"])
def test_a_delivery_without_a_proper_id_is_refused(guid: str | None) -> None:
    """THREATS G02."""
    assert status(read_delivery(headers(BODY, X_GitHub_Delivery=guid), BODY, [SECRET])) == 400


@pytest.mark.parametrize("event", [None, "", "pull request", "ping\n", "PING", "x" * 101, "\x1b[31m"])
def test_a_delivery_without_a_proper_event_is_refused(event: str | None) -> None:
    assert status(read_delivery(headers(BODY, X_GitHub_Event=event), BODY, [SECRET])) == 400


def test_what_was_fetched_from_githubs_list_needs_no_signature() -> None:
    fetched = headers(BODY, X_Hub_Signature_256=None, Content_Type=None)
    assert decide(fetched, BODY) == read_delivery(headers(BODY), BODY, [SECRET])


def test_a_ping_is_answered_and_nothing_else() -> None:
    ping = told("ping", {"zen": "Keep it logically awesome.", "hook_id": 1, "hook": {"type": "App", "app_id": 900}})
    assert (ping.task, ping.installation_id, ping.action) == (Nothing(why="ping"), 0, "")


@pytest.mark.parametrize("installation", [None, {}, 7, {"id": 0}, {"id": "7"}, {"id": 2**63}, [{"id": 7}]])
def test_what_was_not_sent_to_an_app_is_nothing_to_do(installation: Any) -> None:
    delivery = told("pull_request", sent_to_app(webhooks.pull_request("opened", PULL), installation))
    assert delivery.installation_id == 0
    assert isinstance(delivery.task, Nothing)
    assert "GitHub App" in delivery.task.why


@pytest.mark.parametrize("changes", [None, [], {}, {"title": {"from": "a"}}, {"body": {"from": "b"}}, {"base": None}])
def test_edited_words_are_no_reason_to_review_again(changes: Any) -> None:
    delivery = told("pull_request", sent_to_app(webhooks.pull_request("edited", PULL)) | {"changes": changes})
    assert delivery.task == Nothing(why="only words of the pull request were edited")


def test_another_base_branch_is_reviewed() -> None:
    changes = {"base": {"ref": {"from": "main"}, "sha": {"from": "b" * 40}}, "title": {"from": "a"}}
    delivery = told("pull_request", sent_to_app(webhooks.pull_request("edited", PULL, changes=changes)))
    assert delivery.task == Review(number=7, head_sha=PULL.head_sha, at=TIME)


@pytest.mark.parametrize("event", ["workflow_run", "workflow_dispatch", "pull_request_target", "push", "not_yet_known"])
def test_what_only_workflows_are_started_by_is_no_second_review(event: str) -> None:
    run = {"event": "pull_request", "conclusion": "success", "head_sha": PULL.head_sha, "pull_requests": []}
    payload = OPENED | {"workflow_run": run, "action": "completed", "inputs": {"pull": "7"}}
    assert isinstance(told(event, payload).task, Nothing)


def test_an_order_is_the_persons_who_gave_it() -> None:
    delivery = told("issue_comment", sent_to_app(webhooks.issue_comment(PULL, "/reviewbot review", comment_id=2**40)))
    assert delivery.task == Command(number=7, comment_id=2**40, actor="grace", order=Again())
    assert delivery.actor == "grace"


def test_our_own_comments_and_checks_are_no_work_however_often_they_come() -> None:
    """THREATS S24."""
    comment = sent_to_app(webhooks.issue_comment(PULL, "/reviewbot review", author=BOT))
    check = sent_to_app(webhooks.check_run(PULL, "key", sender=BOT))
    for action in ("created", "edited", "deleted"):
        assert isinstance(told("issue_comment", comment | {"action": action}).task, Nothing)
    for action in ("created", "completed"):
        assert isinstance(told("check_run", check | {"action": action}).task, Nothing)


def test_access_that_is_taken_back_is_a_task_of_its_installation() -> None:
    gone = {"action": "deleted", "installation": WHOLE, "repositories": [{"id": 7}]}
    assert told("installation", gone).task == Forget(repository_ids=None)
    removed = {"action": "removed", "installation": WHOLE, "repositories_removed": [{"id": 7}, {"id": 8}]}
    delivery = told("installation_repositories", removed)
    assert (delivery.task, delivery.installation_id) == (Forget(repository_ids=(7, 8)), 2**40)
    deleted = {"action": "deleted"} | {part: OPENED[part] for part in ("repository", "installation", "sender")}
    assert told("repository", deleted).task == Forget(repository_ids=(7,))


@pytest.mark.parametrize(
    "repository", [None, {}, {"id": 7}, {"id": None, "full_name": "octo/shop"}, {"id": 7, "full_name": "octo/../shop"}]
)
def test_a_pull_request_of_no_repository_is_nothing_to_do(repository: Any) -> None:
    for action in ("opened", "closed"):
        delivery = told("pull_request", OPENED | {"action": action, "repository": repository})
        assert (delivery.repository, delivery.repository_id) == (None, None)
        assert isinstance(delivery.task, Nothing)


@pytest.mark.parametrize("sender", [None, {}, {"login": None, "type": "User"}, {"login": "a\x00b", "type": "User"}])
def test_a_push_of_somebody_who_is_gone_is_reviewed(sender: Any) -> None:
    delivery = told("pull_request", OPENED | {"sender": sender})
    assert delivery.actor is None
    assert isinstance(delivery.task, Review)


@pytest.mark.parametrize("action", [None, 7, "x" * 101, "Opened", "open\x00ed", ["opened"]])
def test_an_action_that_is_none_of_githubs_is_kept_nowhere(action: Any) -> None:
    delivery = told("pull_request", OPENED | {"action": action})
    assert delivery.action == ""
    assert isinstance(delivery.task, Nothing)


def test_a_header_that_nobody_signed_turns_no_event_into_another() -> None:
    """THREATS S37: who replays a body may put any event's name beside it."""
    assert isinstance(told("installation", OPENED | {"action": "deleted"}).task, Nothing)
    for event, payload in _examples():
        for claimed in sorted(EVENTS - {event}):
            task = told(claimed, sent_to_app(payload, payload.get("installation", INSTALLATION))).task
            assert isinstance(task, Nothing), (event, claimed)


@needs_contracts
def test_every_published_event_is_a_delivery_of_its_name() -> None:
    """THREATS G05: nothing GitHub sends is refused, whatever it is."""
    for event, payload in contracts.example_events():
        delivery = told(event, payload)
        assert delivery.event == event
        if event != "repository_dispatch":  # whose action is anybody's words
            assert delivery.action == payload.get("action", "")
        assert_it_can_be_kept(delivery)


@needs_contracts
def test_each_field_of_each_published_payload_may_be_missing_null_or_wrong() -> None:
    """THREATS G36."""
    seen = set()
    for event, damaged in _damaged_examples():
        result = decide(headers(b"", event), damaged)
        assert isinstance(result, Delivery)
        assert_it_can_be_kept(result)
        seen.add(type(result.task))
    assert seen == {Review, Cancel, Forget, Nothing}


@pytest.mark.parametrize("part", ["installation", "repository", "sender", "pull_request"])
def test_each_field_of_the_parts_that_decide_may_be_missing_null_or_wrong(part: str) -> None:
    for field in OPENED[part]:
        without = {name: value for name, value in OPENED[part].items() if name != field}
        for damaged in (
            without,
            *(without | {field: value} for value in (None, "x\x00", -1, 10**30, 1.5, True, [], {})),
        ):
            assert_it_can_be_kept(told("pull_request", OPENED | {part: damaged}))


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.sampled_from(sorted(OPENED)) | st.text(), inner),
    max_leaves=8,
)


@settings(max_examples=50, deadline=None)
@given(event=st.sampled_from(sorted(EVENTS)), key=st.sampled_from(sorted(OPENED)), value=JSON)
def test_no_value_in_a_payload_is_an_exception(event: str, key: str, value: Any) -> None:
    body = json.dumps(OPENED | {key: value}).encode()
    assert status(read_delivery(headers(body, event), body, [SECRET])) in (202, 400)


@settings(max_examples=50, deadline=None)
@given(body=st.binary(max_size=200), there=st.dictionaries(st.sampled_from(sorted(headers(b""))), st.text()))
@example(body=b"\xff", there={"X-Hub-Signature-256": "\ud800"})
def test_no_bytes_are_an_exception(body: bytes, there: dict[str, str]) -> None:
    assert status(read_delivery(headers(body) | there, body, [SECRET])) in (202, 400, 401, 415)
    assert status(decide(headers(body) | there, body)) in (202, 400)


def assert_it_can_be_kept(delivery: Delivery) -> None:
    """Every part fits its column, and what is to be done names what it is to be done to."""
    assert Delivery.model_validate_json(delivery.model_dump_json()) == delivery
    assert 0 <= delivery.installation_id < 2**63
    assert max(map(len, (delivery.guid, delivery.event, delivery.action, delivery.actor or ""))) <= 120
    match delivery.task:
        case Review(number=number):
            assert number is None or 0 < number < 2**63
            assert delivery.installation_id
            assert delivery.repository_id
            assert delivery.repository
        case Command() | Cancel():
            assert 0 < delivery.task.number < 2**63
            assert delivery.installation_id
            assert delivery.repository_id
            assert delivery.repository
        case Forget():
            assert delivery.installation_id
        case Nothing(why=why):
            assert why.isprintable()


def _examples() -> tuple[tuple[str, Mapping[str, Any]], ...]:
    return contracts.example_events() if contracts.available() else ()


def _damaged_examples() -> Iterator[tuple[str, bytes]]:
    """Each payload without each of its fields, with null for it, and with a value of another type. Not parsed twice."""
    wrong = cycle([b'"x\\u0000"', b"-1", b"1" + b"0" * 30, b"1.5", b"true", b"[]", b"{}", b'{"id": {}}', b"[null]"])
    for event, payload in _examples():
        parts = {name: json.dumps(value).encode() for name, value in sent_to_app(payload, WHOLE).items()}
        for field in parts:
            others = [b'"%s": %s' % (name.encode(), part) for name, part in parts.items() if name != field]
            for value in (None, b"null", next(wrong)):
                mine = [] if value is None else [b'"%s": %s' % (field.encode(), value)]
                yield event, b"{" + b", ".join(others + mine) + b"}"
