"""From GitHub's payloads, whole and damaged, to the one thing to do."""

import random
from collections.abc import Iterator, Mapping
from typing import Any

import pytest
from hub import contracts, webhooks
from hub.webhook_objects import TIME
from hub.webhooks import BOT, MAINTAINER, Account, PullRequest

from reviewbot.forge.command import Again, Misuse
from reviewbot.forge.event import (
    OUR_CHECK,
    UNNAMED,
    Cancel,
    Command,
    Forget,
    Nothing,
    Review,
    Task,
    skip_reason,
    task_of,
)
from reviewbot.forge.github import CHECK_NAME
from reviewbot.forge.model import Address, Pull
from reviewbot.settings import Policy, Triggers

PULL = PullRequest(number=7, head_sha="a1" * 20)
HEAD = PULL.head_sha
FORK = PULL._replace(head_repository="eve/shop", head_repository_id=8)
REPOSITORY = {"id": PULL.repository_id}
SENDER = {"login": "grace", "id": 102, "type": "User"}
OTHER_BASE = {"base": {"ref": {"from": "main"}, "sha": {"from": "b" * 40}}}
CANCELS = {("pull_request", "closed"), ("pull_request", "converted_to_draft")}
FORGETS = {("installation", "deleted"), ("installation_repositories", "removed"), ("repository", "deleted")}
INSTALLATION = {"id": 42, "app_id": 900, "account": {"login": "octo", "id": 100, "type": "Organization"}}
VARIANTS = 2_000


def workflow_run(**changes: Any) -> Mapping[str, Any]:
    run = {"event": "pull_request", "conclusion": "success", "head_sha": HEAD, "pull_requests": []}
    return {"action": "completed", "workflow_run": run | changes, "repository": REPOSITORY, "sender": SENDER}


def dispatch(inputs: Any) -> Mapping[str, Any]:
    return {"inputs": inputs, "ref": "refs/heads/main", "repository": REPOSITORY, "sender": SENDER}


def labeled(name: str, sender: Account = MAINTAINER) -> Mapping[str, Any]:
    label = {"label": {"id": 1, "name": name, "color": "ededed"}}
    return webhooks.pull_request("opened", PULL, sender=sender) | {"action": "labeled"} | label


def installation(action: str, **changes: Any) -> Mapping[str, Any]:
    return {"action": action, "installation": INSTALLATION, "sender": SENDER} | changes


def reference(number: int, repository_id: int = PULL.repository_id) -> Mapping[str, Any]:
    return {"number": number, "base": {"repo": {"id": repository_id}}}


@pytest.mark.parametrize("event", ["pull_request", "pull_request_target"])
@pytest.mark.parametrize("action", ["opened", "reopened", "ready_for_review", "synchronize"])
def test_what_brings_new_code_is_reviewed_at_the_head_the_event_spoke_of(event: str, action: Any) -> None:
    payload = webhooks.pull_request(action, PULL)
    assert task_of(event, payload) == Review(number=7, head_sha=HEAD, at=TIME)


@pytest.mark.parametrize("changes", [OTHER_BASE, {}, {"title": {"from": "old"}}, {"body": {"from": "old"}}])
def test_an_edit_is_reviewed_because_its_run_may_have_cancelled_the_one_that_was(changes: Mapping[str, Any]) -> None:
    task = task_of("pull_request", webhooks.pull_request("edited", PULL, changes=changes))
    assert task == Review(number=7, head_sha=HEAD, at=TIME)


@pytest.mark.parametrize(
    ("action", "why"), [("closed", "it was closed"), ("converted_to_draft", "it was made a draft")]
)
def test_what_is_closed_or_a_draft_again_is_reviewed_no_further(action: Any, why: str) -> None:
    assert task_of("pull_request", webhooks.pull_request(action, PULL)) == Cancel(number=7, why=why, at=TIME)


@pytest.mark.parametrize("written", [None, 5, "", "yesterday", "2026-11-21T09:00:00+01:00", TIME + "\n"])
def test_a_time_that_does_not_compare_as_text_is_none_and_the_event_still_counts(written: object) -> None:
    payload = webhooks.pull_request("opened", PULL)
    payload["pull_request"] |= {"updated_at": written}
    assert task_of("pull_request", payload) == Review(number=7, head_sha=HEAD)


@pytest.mark.parametrize("name", ["reviewbot", "ReviewBot"])
def test_our_label_asks_for_a_review_of_the_head_it_was_set_at(name: str) -> None:
    assert task_of("pull_request", labeled(name)) == Review(number=7, head_sha=HEAD, asked=True, at=TIME)


def test_a_label_that_a_bot_sets_is_no_persons_wish() -> None:
    assert task_of("pull_request", labeled("reviewbot", BOT)) == Review(number=7, head_sha=HEAD, at=TIME)


@pytest.mark.parametrize("name", ["bug", "reviewbot-later", ""])
def test_other_labels_are_not_ours(name: str) -> None:
    assert task_of("pull_request", labeled(name)) == Nothing(why="the label is not ours")


def test_what_the_app_may_see_no_more_is_forgotten() -> None:
    assert task_of("installation", installation("deleted")) == Forget(repository_ids=None)
    removed = installation("removed", repositories_removed=[{"id": 7, "name": "shop"}, {"id": 2**40, "name": "till"}])
    assert task_of("installation_repositories", removed) == Forget(repository_ids=(7, 2**40))
    deleted = {"action": "deleted", "repository": REPOSITORY, "sender": SENDER}
    assert task_of("repository", deleted) == Forget(repository_ids=(7,))


def test_a_repository_is_not_forgotten_for_what_was_deleted_in_it() -> None:
    """THREATS S37: an event's name is a header, and nobody signed it."""
    label = {"action": "deleted", "repository": REPOSITORY, "sender": SENDER, "label": {"id": 1, "name": "bug"}}
    assert isinstance(task_of("repository", label), Nothing)
    assert isinstance(task_of("installation", label | {"installation": {"id": 42, "node_id": "MDIz"}}), Nothing)


def test_where_no_repository_is_taken_away_none_is_forgotten() -> None:
    assert isinstance(task_of("installation_repositories", installation("removed", repositories_removed=[])), Nothing)


@pytest.mark.parametrize(
    ("event", "action", "word"),
    [
        ("installation", "created", "installed"), ("installation", "suspend", "suspended"),
        ("installation", "unsuspend", "no longer"), ("installation", "new_permissions_accepted", "permissions"),
        ("installation_repositories", "added", "more repositories"),
    ],
)  # fmt: skip
def test_what_happens_to_the_app_is_told_in_words(event: str, action: str, word: str) -> None:
    task = task_of(event, installation(action))
    assert isinstance(task, Nothing)
    assert word in task.why


@pytest.mark.parametrize(
    ("event", "action"),
    [
        ("pull_request", "labeled"), ("pull_request", "unlabeled"), ("pull_request", "invented_tomorrow"),
        ("installation", "deleted"), ("installation_repositories", "removed"), ("repository", "renamed"),
        ("pull_request", ""), ("issue_comment", "edited"),
        ("issue_comment", "deleted"), ("check_run", "completed"), ("check_suite", "requested"),
        ("workflow_run", "requested"), ("merge_group", "checks_requested"), ("pull_request_review", "submitted"),
        ("ping", ""), ("", ""), ("invented_tomorrow", "opened"),
    ],
)  # fmt: skip
def test_only_the_table_is_work(event: str, action: str) -> None:
    payload = webhooks.issue_comment(PULL, "/reviewbot review") | webhooks.pull_request("opened", PULL)
    assert isinstance(task_of(event, payload | {"action": action}), Nothing)


def test_a_reason_is_one_line_whatever_the_event_is_called() -> None:
    task = task_of("push\n::error::x", {"action": "\x1b[31m" + "y" * 500})
    assert isinstance(task, Nothing)
    assert "\n" not in task.why
    assert "\x1b" not in task.why
    assert len(task.why) < 200


def test_a_persons_comment_is_a_command() -> None:
    task = task_of("issue_comment", webhooks.issue_comment(PULL, "/reviewbot review", comment_id=2**40))
    assert task == Command(number=7, comment_id=2**40, actor="grace", order=Again())


def test_a_wrong_command_still_has_somebody_to_tell() -> None:
    task = task_of("issue_comment", webhooks.issue_comment(PULL, "/reviewbot approve"))
    assert isinstance(task, Command)
    assert isinstance(task.order, Misuse)


def test_a_comment_on_an_issue_is_none_of_our_business() -> None:
    task = task_of("issue_comment", webhooks.issue_comment(PULL, "/reviewbot review", on_issue=True))
    assert isinstance(task, Nothing)


def test_talk_is_no_command() -> None:
    assert task_of("issue_comment", webhooks.issue_comment(PULL, "LGTM")) == Nothing(why="the comment is no command")


def test_a_bot_cannot_command() -> None:
    task = task_of("issue_comment", webhooks.issue_comment(PULL, "/reviewbot review", author=BOT))
    assert isinstance(task, Nothing)


def test_an_app_cannot_command_in_a_persons_name() -> None:
    payload = webhooks.issue_comment(PULL, "/reviewbot review")
    payload["comment"] |= {"performed_via_github_app": {"id": 1, "slug": "some-app"}}
    assert isinstance(task_of("issue_comment", payload), Nothing)


def test_a_rerun_that_a_person_asked_for_reads_everything_again() -> None:
    again = Review(number=7, head_sha=HEAD, asked=True, whole=True)
    assert task_of("check_run", webhooks.check_run(PULL, "key")) == again
    suite = {"check_suite": {"head_sha": HEAD, "pull_requests": [reference(7)]}}
    payload = {"action": "rerequested", "repository": REPOSITORY, "sender": SENDER, **suite}
    assert task_of("check_suite", payload) == again


def test_the_rerun_of_another_check_is_not_ours_to_answer() -> None:
    assert isinstance(task_of("check_run", webhooks.check_run(PULL, "key", name="build")), Nothing)
    assert OUR_CHECK == CHECK_NAME


def test_a_rerun_on_a_fork_names_only_its_head() -> None:
    task = task_of("check_run", webhooks.check_run(FORK, "key"))
    assert task == Review(number=None, head_sha=HEAD, asked=True, whole=True)


def test_a_rerun_of_a_bot_was_not_asked_for_by_a_person() -> None:
    task = task_of("check_run", webhooks.check_run(PULL, "key", sender=BOT))
    assert isinstance(task, Review)
    assert not task.asked


@pytest.mark.parametrize(
    ("named", "number"),
    [((), None), ((reference(4),), 4), ((reference(4), reference(5)), None), ((reference(4, 99), reference(5)), 5)],
)
def test_the_head_speaks_where_not_one_pull_request_of_ours_is_named(named: Any, number: int | None) -> None:
    task = task_of("workflow_run", workflow_run(pull_requests=list(named)))
    assert task == Review(number=number, head_sha=HEAD)


@pytest.mark.parametrize(
    "changes",
    [{"event": "push"}, {"conclusion": "action_required"}, {"conclusion": "cancelled"}, {"conclusion": None}],
)
def test_a_run_that_is_no_first_step_is_left_alone(changes: Mapping[str, Any]) -> None:
    assert isinstance(task_of("workflow_run", workflow_run(**changes)), Nothing)


def test_a_dispatch_names_its_pull_request() -> None:
    assert task_of("workflow_dispatch", dispatch({"pull": "7"})) == Review(
        number=7, head_sha=None, asked=True, whole=True
    )


@pytest.mark.parametrize(
    "inputs",
    [{}, None, {"pull": ""}, {"pull": "0"}, {"pull": "7; rm"}, {"pull": "\uff17"}, {"pull": 7}, {"pull": "7\n"}],
)
def test_a_dispatch_that_names_none_is_nothing(inputs: Any) -> None:
    assert isinstance(task_of("workflow_dispatch", dispatch(inputs)), Nothing)


def test_no_event_of_a_pull_request_is_open_to_the_number_of_another() -> None:
    of_one = {"pull_request", "pull_request_target", "issue_comment", "check_run", "check_suite", "workflow_run"}
    assert of_one.isdisjoint(UNNAMED)


def test_ghosts_and_odd_logins_are_nobody() -> None:
    for sender in (None, {"login": None, "type": "User"}, {"login": "a/../b", "type": "User"}, {}):
        payload = webhooks.issue_comment(PULL, "/reviewbot review") | {"sender": sender}
        assert isinstance(task_of("issue_comment", payload), Nothing)


def test_a_number_in_quotation_marks_is_no_number() -> None:
    payload = webhooks.pull_request("opened", PULL)
    payload["pull_request"] |= {"number": "7"}
    assert isinstance(task_of("pull_request", payload), Nothing)


def test_no_damage_to_a_payload_is_an_exception() -> None:
    """THREATS G36: fields removed, null and of wrong types, 2,000 variants of what GitHub sends."""
    whole = [*_served_examples(), *_built()]
    dice = random.Random(20261121)  # noqa: S311  the same variants in every run
    kinds = set()
    for _ in range(VARIANTS):
        event, payload = dice.choice(whole)
        damaged = _damaged(payload, dice)
        task = task_of(event, damaged)
        kinds.add(type(task))
        _check(task, damaged)
    assert kinds == {Review, Command, Cancel, Forget, Nothing}


@pytest.mark.skipif(not contracts.available(), reason=contracts.WHY)
def test_every_published_event_is_understood_or_left_alone() -> None:
    for event, payload in contracts.example_events():
        task = task_of(event, payload)
        _check(task, payload)
        if isinstance(task, Review):
            assert (event, payload.get("action")) in {
                ("pull_request", "opened"), ("pull_request", "reopened"), ("pull_request", "ready_for_review"),
                ("pull_request", "synchronize"), ("check_suite", "rerequested"),
            }  # fmt: skip
        assert isinstance(task, Cancel) is ((event, payload.get("action")) in CANCELS)
        assert isinstance(task, Forget) is ((event, payload.get("action")) in FORGETS)


def _check(task: Task, payload: Mapping[str, Any]) -> None:
    match task:
        case Review(number=number, head_sha=head):
            assert number is None or number > 0
            assert head is None or len(head) in (40, 64)
            assert number or head
        case Command(number=number, comment_id=comment):
            assert number > 0
            assert comment > 0
            assert (payload["sender"]["type"], payload["action"]) == ("User", "created")
        case Cancel(number=number):
            assert number > 0
        case Forget(repository_ids=ids):
            assert ids is None or all(0 < repository_id < 2**63 for repository_id in ids)
            assert ids != ()
        case Nothing(why=why):
            assert why
            assert "\n" not in why


def _served_examples() -> list[tuple[str, Mapping[str, Any]]]:
    served = {"pull_request", "issue_comment", "check_run", "check_suite", "workflow_run", "workflow_dispatch"}
    served |= {"installation", "installation_repositories", "repository"}
    events = contracts.example_events() if contracts.available() else ()
    return [(event, payload) for event, payload in events if event in served]


def _built() -> Iterator[tuple[str, Mapping[str, Any]]]:
    yield "pull_request", webhooks.pull_request("synchronize", PULL)
    yield "pull_request_target", webhooks.pull_request("edited", FORK, changes=OTHER_BASE)
    yield "issue_comment", webhooks.issue_comment(PULL, "/reviewbot ask why?")
    yield "check_run", webhooks.check_run(PULL, "key")
    yield "workflow_run", workflow_run(pull_requests=[reference(4)])
    yield "workflow_dispatch", dispatch({"pull": "7"})
    yield "pull_request", labeled("reviewbot")
    yield "repository", {"action": "deleted", "repository": REPOSITORY, "sender": SENDER}


def _damaged(payload: Any, dice: random.Random) -> Any:
    """The payload with one value somewhere in it removed, emptied or of another type. Shallow places come often."""
    if not isinstance(payload, dict | list) or not payload or (dice.random() < 0.25):
        return dice.choice([None, "", "x\n", -1, 0, 10**30, 1.5, True, [], {}, [None], {"id": None}])
    if isinstance(payload, list):
        return [_damaged(payload[0], dice), *payload[1:]]
    key = dice.choice(sorted(payload))
    rest = {name: value for name, value in payload.items() if name != key}
    return rest if dice.random() < 0.3 else rest | {key: _damaged(payload[key], dice)}


def a_pull(**changes: Any) -> Pull:
    pull: dict[str, Any] = {
        "address": Address("octo/shop", 7), "repository_id": 7, "title": "t", "body": "", "author_is_bot": False,
        "state": "open", "draft": False, "base_sha": "b" * 40, "base_ref": "main", "head_sha": HEAD,
        "head_repository_id": 7, "changed_files": 1, "additions": 1, "deletions": 0,
    }  # fmt: skip
    return Pull(**pull | changes)


def test_an_open_pull_request_of_a_person_is_reviewed() -> None:
    assert skip_reason(a_pull(), Policy(), asked=False) is None


@pytest.mark.parametrize(
    ("changes", "triggers", "asked", "skipped"),
    [
        ({"draft": True}, Triggers(), False, "draft"),
        ({"draft": True}, Triggers(drafts=True), False, None),
        ({"draft": True}, Triggers(), True, None),
        ({"author_is_bot": True}, Triggers(), False, None),
        ({"author_is_bot": True}, Triggers(bots=False), False, "bot"),
        ({"author_is_bot": True}, Triggers(bots=False), True, None),
        ({"state": "closed"}, Triggers(), False, "closed"),
        ({"state": "closed", "draft": True}, Triggers(drafts=True), True, "closed"),
    ],
)
def test_what_is_left_out_and_why(
    changes: Mapping[str, Any], triggers: Triggers, asked: bool, skipped: str | None
) -> None:
    why = skip_reason(a_pull(**changes), Policy(triggers=triggers), asked=asked)
    assert why is None if skipped is None else skipped in (why or "")


NEW_HERE = {"head_repository_id": 8, "author_association": "FIRST_TIME_CONTRIBUTOR"}


@pytest.mark.parametrize(
    "word", ["FIRST_TIMER", "FIRST_TIME_CONTRIBUTOR", "NONE", "MANNEQUIN", "INVENTED_TOMORROW", ""]
)
def test_a_strangers_fork_is_not_paid_for_and_the_way_out_is_named(word: str) -> None:
    why = skip_reason(a_pull(**NEW_HERE | {"author_association": word}), Policy(), asked=False, costly=True)
    assert why is not None
    assert "\n" not in why
    assert all(part in why for part in ("triggers.strangers", "`/reviewbot review`", "label `reviewbot`"))


@pytest.mark.parametrize("word", ["OWNER", "MEMBER", "COLLABORATOR", "CONTRIBUTOR"])
def test_the_fork_of_somebody_known_here_is_reviewed(word: str) -> None:
    assert skip_reason(a_pull(**NEW_HERE | {"author_association": word}), Policy(), asked=False, costly=True) is None


@pytest.mark.parametrize(
    ("changes", "triggers", "asked", "costly"),
    [
        ({"head_repository_id": 7}, Triggers(), False, True),
        ({}, Triggers(strangers=True), False, True),
        ({}, Triggers(), True, True),
        ({}, Triggers(), False, False),
    ],
    ids=["no fork", "the policy lets them", "somebody asked", "it costs nobody anything"],
)
def test_a_stranger_is_reviewed_where(changes: Any, triggers: Triggers, asked: bool, costly: bool) -> None:
    pull = a_pull(**NEW_HERE | changes)
    assert skip_reason(pull, Policy(triggers=triggers), asked=asked, costly=costly) is None


def test_a_fork_that_is_gone_is_still_a_strangers() -> None:
    pull = a_pull(**NEW_HERE | {"head_repository_id": None})
    assert skip_reason(pull, Policy(), asked=False, costly=True) is not None
