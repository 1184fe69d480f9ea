import pytest
from forge.loopback import Loopback, Says

from reviewbot.errors import NoAccess, Unreachable
from reviewbot.forge.conversation import read_conversation
from reviewbot.forge.model import Conversation, Remark

LAST = {"hasNextPage": False, "endCursor": None}


@pytest.fixture
def server():
    with Loopback() as loopback:
        yield loopback


def remark(number, **changes):
    return {
        "id": f"RC_{number}",
        "fullDatabaseId": str(number),
        "body": f"remark {number}",
        "viewerDidAuthor": False,
        "isMinimized": False,
        "createdAt": "2026-11-21T10:00:00Z",
        "url": f"https://ghe.corp/acme/shop/pull/7#r{number}",
        "author": {"login": "ann", "__typename": "User"},
        "reactionGroups": [],
    } | changes


def thread(number, remarks, page=LAST):
    return {
        "id": f"RT_{number}",
        "path": "a.py",
        "line": None,
        "isResolved": False,
        "isOutdated": True,
        "comments": {"nodes": remarks, "pageInfo": page},
    }


def of_pull(*nodes, page=LAST):
    return Says(200, {"data": {"repository": {"pullRequest": {"page": {"nodes": list(nodes), "pageInfo": page}}}}})


def of_thread(*nodes, page=LAST):
    return Says(200, {"data": {"node": {"page": {"nodes": list(nodes), "pageInfo": page}}}})


def read(server) -> Conversation:
    return read_conversation(server.client(), "acme/shop", 7)


def test_a_silent_pull_request_takes_three_questions(server):
    server.script(of_pull(), of_pull(), of_pull())
    assert read(server) == Conversation()
    assert [asked.json["variables"] for asked in server.asked] == [
        {"owner": "acme", "name": "shop", "number": 7, "after": None}
    ] * 3


def test_a_remark_is_told_as_github_tells_it(server):
    groups = [
        {"content": "THUMBS_UP", "reactors": {"totalCount": 2}},
        {"content": "HEART", "reactors": {"totalCount": 1}},
        {"content": "THUMBS_DOWN", "reactors": {"totalCount": 4}},
        {"content": "CONFUSED", "reactors": {"totalCount": 1}},
        {"content": "ROCKET", "reactors": {"totalCount": 9}},
    ]
    bot = {"login": "github-actions", "__typename": "Bot"}
    said = remark(2**40, viewerDidAuthor=True, author=bot, reactionGroups=groups)
    server.script(of_pull(), of_pull(said), of_pull())
    assert read(server).comments == (
        Remark(
            id=2**40,
            node_id=f"RC_{2**40}",
            body=f"remark {2**40}",
            ours=True,
            author="github-actions",
            author_is_bot=True,
            created="2026-11-21T10:00:00Z",
            url=f"https://ghe.corp/acme/shop/pull/7#r{2**40}",
            up=3,
            down=5,
        ),
    )


def test_ghosts_and_nulls_are_no_reason_to_fail(server):
    ghost = remark(1, author=None, reactionGroups=None, fullDatabaseId=None)
    server.script(of_pull(None, thread(1, [None, ghost])), of_pull(None), of_pull())
    conversation = read(server)
    (only,) = conversation.threads
    assert (only.line, only.outdated, only.resolved) == (None, True, False)
    assert [(said.author, said.author_is_bot, said.id) for said in only.remarks] == [("", False, 0)]
    assert conversation.comments == ()


def test_a_review_that_was_not_submitted_says_nothing(server):
    server.script(of_pull(), of_pull(), of_pull(remark(1, state="PENDING"), remark(2, state="COMMENTED")))
    assert [review.id for review in read(server).reviews] == [2]


def test_every_page_is_read_and_the_order_kept(server):
    def more(cursor):
        return {"hasNextPage": True, "endCursor": cursor}

    server.script(
        of_pull(thread(1, [remark(1)], more("r1")), page=more("t1")),
        of_thread(remark(2), page=more("r2")),
        of_thread(remark(3)),
        of_pull(thread(2, [remark(4)])),
        of_pull(remark(5), page=more("c1")),
        of_pull(remark(6)),
        of_pull(),
    )
    conversation = read(server)
    assert [[said.id for said in one.remarks] for one in conversation.threads] == [[1, 2, 3], [4]]
    assert [said.id for said in conversation.comments] == [5, 6]
    variables = [asked.json["variables"] for asked in server.asked]
    assert [given["after"] for given in variables] == [None, "r1", "r2", "t1", None, "c1", None]
    assert variables[1]["id"] == "RT_1"


def test_a_part_of_a_conversation_is_not_taken_for_the_whole(server):
    body = of_pull(remark(1)).body | {"errors": [{"type": "FORBIDDEN", "message": "an IP allow list"}]}
    server.script(of_pull(), Says(200, body))
    with pytest.raises(NoAccess, match="an IP allow list"):
        read(server)


@pytest.mark.parametrize("field", ["id", "body", "viewerDidAuthor", "url"])
def test_a_remark_without_what_posting_once_rests_on_is_no_answer(server, field):
    said = {name: value for name, value in remark(1).items() if name != field}
    server.script(of_pull(), of_pull(said))
    with pytest.raises(Unreachable):
        read(server)
