import base64

import pytest
from forge.loopback import CANARY, Drops, Loopback, Says
from hub.hand_clock import hand_clock
from pydantic import SecretStr

from reviewbot.errors import BadInput, Doubtful, Limited, NoAccess, Refused, TooLarge, Unreachable
from reviewbot.forge.github import connect
from reviewbot.forge.model import Address, Annotation, Check, NewComment, NewReview, Posted, PullFile, TreeEntry
from reviewbot.forge.pace import OwnPace
from reviewbot.forge.port import Forge

PULL = {
    "number": 7,
    "title": "Retry less",
    "body": None,
    "user": {"login": "dependabot[bot]", "type": "Bot"},
    "state": "open",
    "draft": True,
    "base": {"sha": "b" * 40, "ref": "main", "repo": {"id": 2**40}},
    "head": {"sha": "a" * 40, "ref": "x", "repo": {"id": 5}},
    "changed_files": 1,
    "additions": 2,
    "deletions": 3,
}
POSTED = {"id": 2**40, "html_url": "https://ghe.corp/x"}
NEW_CHECK = Check(head_sha="a" * 40, external_id="key", title="t", summary="s")


@pytest.fixture
def server():
    with Loopback() as loopback:
        yield loopback


@pytest.fixture
def forge(server) -> Forge:
    return connect("acme/shop", server.access(), hand_clock(), patience=0)


def paths(server):
    return [(asked.method, asked.path.removeprefix("/repos/acme/shop")) for asked in server.asked]


def test_nothing_is_sent_before_it_is_asked_for(server, forge):
    assert forge.repository == "acme/shop"
    assert server.asked == []
    with pytest.raises(BadInput):
        connect("acme", server.access())


def test_a_pull_request_is_read(server, forge):
    server.script(Says(200, PULL))
    pull = forge.pull(7)
    assert pull.address == Address("acme/shop", 7)
    assert (pull.body, pull.author_is_bot, pull.draft) == ("", True, True)
    assert (pull.repository_id, pull.head_repository_id, pull.from_fork) == (2**40, 5, True)
    assert (pull.changed_files, pull.additions, pull.deletions) == (1, 2, 3)


@pytest.mark.parametrize(("said", "known"), [({"author_association": "MEMBER"}, "MEMBER"), ({}, "NONE")])
def test_an_author_of_whom_github_says_nothing_is_a_stranger(server, forge, said, known):
    server.script(Says(200, PULL | said))
    assert forge.pull(7).author_association == known


def test_a_fork_that_is_gone_and_an_author_who_left_are_no_reason_to_fail(server, forge):
    server.script(Says(200, PULL | {"user": None, "head": PULL["head"] | {"repo": None}}))
    pull = forge.pull(7)
    assert (pull.head_repository_id, pull.from_fork, pull.author_is_bot) == (None, True, False)


@pytest.mark.parametrize("name", sorted(PULL))
def test_a_pull_request_with_a_field_of_another_kind_is_explained(server, forge, name):
    server.script(Says(200, PULL | {name: [{"odd": 1}]}))
    with pytest.raises(Unreachable, match=name):
        forge.pull(7)


def test_a_diff_is_bytes(server, forge):
    server.script(Says(200, b"+caf\xe9\n"), Says(200, b"-\xff\n"))
    assert forge.diff(7) == b"+caf\xe9\n"
    assert forge.compare("b" * 40, "a" * 40) == b"-\xff\n"
    assert [asked.headers["accept"] for asked in server.asked] == ["application/vnd.github.diff"] * 2
    assert paths(server)[1] == ("GET", f"/compare/{'b' * 40}...{'a' * 40}")


def test_a_diff_github_does_not_give_is_too_large(server, forge):
    server.script(Says(406, {"message": "too many files", "errors": [{"code": "too_large"}]}))
    with pytest.raises(TooLarge):
        forge.diff(7)


def test_a_merge_base_is_asked_of_github(server, forge):
    server.script(Says(200, {"merge_base_commit": {"sha": "c" * 40}}))
    assert forge.merge_base("b" * 40, "a" * 40) == "c" * 40


def test_files_are_listed_page_by_page(server, forge):
    row = {"filename": "b.py", "status": "renamed", "previous_filename": "a.py", "additions": 0, "deletions": 0}
    server.script(Says(200, [row], {"Link": '<x>; rel="next"'}), Says(200, [row | {"filename": "c.py", "patch": "@@"}]))
    first, second = forge.files(7, page_size=1)
    assert first == PullFile(path="b.py", old_path="a.py", status="renamed", additions=0, deletions=0, patch=None)
    assert second.patch == "@@"
    assert paths(server)[1] == ("GET", "/pulls/7/files?per_page=1&page=2")


def test_a_tree_is_read_entry_by_entry(server, forge):
    blob = {"path": "a.py", "mode": "100644", "type": "blob", "sha": "d" * 40, "size": 12}
    folder = {"path": "src", "mode": "040000", "type": "tree", "sha": "e" * 40}
    server.script(Says(200, {"tree": [blob, folder], "truncated": False}))
    assert forge.tree("a" * 40) == (
        TreeEntry(name="a.py", mode="100644", sha="d" * 40, size=12),
        TreeEntry(name="src", mode="040000", sha="e" * 40, size=0),
    )


def test_a_part_of_a_tree_is_not_taken_for_the_whole(server, forge):
    server.script(Says(200, {"tree": [], "truncated": True}))
    with pytest.raises(TooLarge):
        forge.tree("a" * 40)


def test_a_blob_is_bytes(server, forge):
    raw = bytes(range(256))
    server.script(Says(200, {"content": base64.encodebytes(raw).decode(), "encoding": "base64"}))
    server.script(Says(200, {"content": "a", "encoding": "base64"}))
    assert forge.blob("d" * 40) == raw
    with pytest.raises(Unreachable, match="no base64"):
        forge.blob("d" * 40)


def test_git_enters_with_the_token_in_a_header(server, forge):
    access = forge.git_access()
    assert access.url == f"{server.url}/acme/shop.git"
    assert access.authorization is not None
    kind, pair = access.authorization.split()
    assert (kind, base64.b64decode(pair).decode()) == ("basic", f"x-access-token:{CANARY}")


def test_git_enters_with_the_token_that_is_good_now(server):
    forge = connect("acme/shop", server.access(), hand_clock(), renew=lambda _: SecretStr("ghs_next"))
    server.script(Says(401), Says(200, PULL))
    forge.pull(7)
    authorization = forge.git_access().authorization
    assert authorization is not None
    assert base64.b64decode(authorization.split()[1]) == b"x-access-token:ghs_next"


def test_two_who_share_a_pace_share_its_turns(server):
    clock = hand_clock()
    pace, times = OwnPace(clock), []
    server.respond = lambda _: times.append(clock.now()) or Says(201, POSTED)
    for repository in ("acme/shop", "acme/blog"):
        connect(repository, server.access(), clock, pace=pace).post_comment(7, "Hello.")
    assert times[1] - times[0] >= 1.0


@pytest.mark.parametrize(
    ("permission", "allowed"),
    [("admin", True), ("maintain", True), ("write", True), ("triage", False), ("read", False), ("none", False)],
)
def test_who_may_push_may_command(server, forge, permission, allowed):
    server.script(Says(200, {"permission": permission, "role_name": "admin"}))
    assert forge.may_write("ann") is allowed
    assert paths(server) == [("GET", "/collaborators/ann/permission")]


@pytest.mark.parametrize("refusal", [Says(404), Says(403)])
def test_whom_github_does_not_vouch_for_may_not(server, forge, refusal):
    server.script(refusal)
    assert forge.may_write("ann") is False


@pytest.mark.parametrize("trouble", [Says(500), Says(429), Drops(), Says(200, b"<html>")])
def test_a_fault_says_neither_that_somebody_may_nor_that_they_may_not(server, forge, trouble):
    server.script(trouble)
    with pytest.raises((Limited, Unreachable)):
        forge.may_write("ann")


@pytest.mark.parametrize("login", ["", "..", "ann/../bob", "ann?x", "ann bob", "[bot]"])
def test_a_login_that_is_none_is_not_asked_about(server, forge, login):
    assert forge.may_write(login) is False
    assert server.asked == []


def test_a_review_is_one_comment_only_request(server, forge):
    server.script(Says(200, POSTED | {"state": "COMMENTED"}))
    comments = (
        NewComment(path="a.py", body="one", line=3, side="LEFT"),
        NewComment(path="a.py", body="two", line=9, side="RIGHT", start_line=5),
    )
    posted = forge.post_review(7, NewReview(commit="a" * 40, body="said \ud800", comments=comments))
    assert posted == Posted(id=2**40, url="https://ghe.corp/x")
    assert paths(server) == [("POST", "/pulls/7/reviews")]
    assert server.asked[0].json == {
        "commit_id": "a" * 40,
        "body": "said ?",
        "event": "COMMENT",
        "comments": [
            {"path": "a.py", "body": "one", "line": 3, "side": "LEFT"},
            {"path": "a.py", "body": "two", "line": 9, "side": "RIGHT", "start_line": 5, "start_side": "RIGHT"},
        ],
    }


def test_a_refused_review_says_why(server, forge):
    server.script(Says(422, {"message": "Unprocessable Entity", "errors": ["Line could not be resolved"]}))
    with pytest.raises(Refused) as caught:
        forge.post_review(7, NewReview(commit="a" * 40, body="x", comments=()))
    assert caught.value.reason == "anchor"


def test_a_review_that_was_never_submitted_is_dropped(server, forge):
    listed = [{"id": 1, "state": "COMMENTED"}, {"id": 2, "state": "PENDING"}]
    server.script(Says(200, listed), Says(200, {"id": 2}), Says(200, listed[:1]))
    assert forge.drop_pending_review(7) is True
    assert forge.drop_pending_review(7) is False
    assert paths(server)[1] == ("DELETE", "/pulls/7/reviews/2")


def test_comments_are_posted_edited_and_answered(server, forge):
    server.script(Says(201, POSTED), Says(200, POSTED), Says(201, POSTED), Says(201, {"id": 1}))
    forge.post_comment(7, "x")
    forge.edit_comment(12, "y")
    forge.reply(7, 13, "z")
    forge.react(12, "eyes")
    assert paths(server) == [
        ("POST", "/issues/7/comments"),
        ("PATCH", "/issues/comments/12"),
        ("POST", "/pulls/7/comments/13/replies"),
        ("POST", "/issues/comments/12/reactions"),
    ]
    assert [asked.json for asked in server.asked] == [{"body": "x"}, {"body": "y"}, {"body": "z"}, {"content": "eyes"}]


def test_a_thread_is_resolved_by_one_mutation(server, forge):
    server.script(Says(200, {"data": {"resolveReviewThread": {"thread": {"id": "RT_1"}}}}), Says(502))
    forge.resolve("RT_1")
    assert server.asked[0].json["variables"] == {"id": "RT_1"}
    with pytest.raises(Doubtful):
        forge.resolve("RT_1")
    assert len(server.asked) == 2


def test_our_check_is_found_by_its_name_and_id(server, forge):
    runs = {"check_runs": [{"id": 1, "external_id": None}, {"id": 2, "external_id": "key"}]}
    server.script(Says(200, runs), Says(200, runs))
    assert forge.find_check("a" * 40, "key") == 2
    assert forge.find_check("a" * 40, "other") is None
    assert "check_name=reviewbot&filter=all" in paths(server)[0][1]


def annotations(count):
    return tuple(
        Annotation(path="a.py", start_line=n, end_line=n, level="notice", title=f"t{n}", message="m")
        for n in range(1, count + 1)
    )


def sent_lines(server):
    """The lines of the annotations, request by request."""
    return [[one["start_line"] for one in asked.json["output"]["annotations"]] for asked in server.asked if asked.body]


def flat(batches):
    return [line for batch in batches for line in batch]


def test_a_check_begins_in_progress(server, forge):
    server.script(Says(201, {"id": 4}))
    assert forge.put_check(NEW_CHECK, None) == 4
    assert server.asked[0].json == {
        "name": "reviewbot",
        "head_sha": "a" * 40,
        "external_id": "key",
        "status": "in_progress",
        "output": {"title": "t", "summary": "s", "annotations": []},
    }


def test_173_annotations_take_4_calls_in_order_and_the_last_one_ends_the_check(server, forge):
    server.script(Says(201, {"id": 4}), *[Says(200, {"id": 4})] * 3)
    check = NEW_CHECK.model_copy(update={"annotations": annotations(173), "conclusion": "neutral"})
    assert forge.put_check(check, None) == 4
    assert [asked.method for asked in server.asked] == ["POST", "PATCH", "PATCH", "PATCH"]
    assert [len(lines) for lines in sent_lines(server)] == [50, 50, 50, 23]
    assert flat(sent_lines(server)) == list(range(1, 174))
    assert [asked.json["status"] for asked in server.asked] == ["in_progress"] * 3 + ["completed"]
    assert server.asked[3].json["conclusion"] == "neutral"
    assert "conclusion" not in server.asked[2].json


def test_a_check_cut_off_after_two_calls_goes_on_behind_them(server, forge):
    server.script(Says(200, {"id": 4, "output": {"annotations_count": 100}}), *[Says(200, {"id": 4})] * 2)
    check = NEW_CHECK.model_copy(update={"annotations": annotations(173), "conclusion": "success"})
    assert forge.put_check(check, 4) == 4
    assert flat(sent_lines(server)) == list(range(101, 174))


def test_a_check_with_nothing_to_add_is_ended_by_one_call(server, forge):
    server.script(Says(200, {"id": 4, "output": {"annotations_count": 7}}), Says(200, {"id": 4}))
    check = NEW_CHECK.model_copy(update={"annotations": annotations(3), "conclusion": "neutral"})
    forge.put_check(check, 4)
    assert paths(server) == [("GET", "/check-runs/4"), ("PATCH", "/check-runs/4")]
    assert server.asked[1].json["status"] == "completed"


def test_a_check_may_not_be_there_for_this_token(server, forge):
    server.script(Says(403, {"message": "Resource not accessible by integration"}))
    with pytest.raises(NoAccess, match="checks write"):
        forge.put_check(NEW_CHECK, None)
