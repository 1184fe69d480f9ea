import itertools
import logging
import traceback

import pytest
from forge.loopback import CANARY, Drops, Loopback, Says
from hub.hand_clock import hand_clock
from pydantic import BaseModel, SecretStr
from stand_in import nobody

from reviewbot.errors import BadInput, Doubtful, ForgeError, Limited, NoAccess, Refused, Unreachable
from reviewbot.forge.client import Client, Manner
from reviewbot.forge.pace import OwnPace

SECONDARY = {"message": "You have exceeded a secondary rate limit. Please wait a few minutes before you try again."}
ABUSE = Says(422, {"message": "Validation Failed", "errors": [{"code": "abuse", "field": "base"}]})


class Thing(BaseModel):
    id: int


class Data(BaseModel):
    data: Thing


@pytest.fixture
def server():
    with Loopback() as loopback:
        yield loopback


@pytest.fixture
def clock():
    return hand_clock(1_795_000_000.0)


def test_what_is_asked_is_below_the_repository(server):
    server.script(Says(200, {"id": 7, "more": []}))
    assert server.client().get("pulls/7", Thing, {"per_page": 1}) == Thing(id=7)
    assert server.asked[0].path == "/repos/acme/shop/pulls/7?per_page=1"


def test_an_enterprise_server_has_everything_below_its_prefix(server, clock):
    server.script(Says(200, {"id": 7}), Says(200, {"data": {"id": 8}}))
    client = Client("acme/shop", server.access("/api/v3"), clock, manner=Manner(0))
    client.get("pulls/7", Thing)
    client.graphql("query { id }", {}, Data)
    assert [asked.path for asked in server.asked] == ["/api/v3/repos/acme/shop/pulls/7", "/api/graphql"]


def test_a_repository_that_leads_elsewhere_is_refused_before_it_is_asked_for(server):
    with pytest.raises(BadInput):
        Client("acme/../../user", server.access(), hand_clock(), manner=Manner(0))


def test_pages_are_counted_while_there_is_a_next_one(server):
    after = {"Link": f'<{server.url}/evil?page=2>; rel="next", <x>; rel="last"'}
    server.script(Says(200, {"id": 1}, after), Says(200, {"id": 2}, after), Says(200, {"id": 3}, {"Link": ""}))
    assert [page.id for page in server.client().pages("pulls/7/files", Thing, {"per_page": 5})] == [1, 2, 3]
    paths = [asked.path for asked in server.asked]
    assert paths == [f"/repos/acme/shop/pulls/7/files?per_page=5{page}" for page in ("", "&page=2", "&page=3")]


def test_where_github_names_a_cursor_the_next_page_is_the_one_there(server):
    link = '<https://evil.example/x?per_page=9&cursor=v1_7%3D>; rel="next", <https://evil.example/x>; rel="first"'
    server.script(Says(200, {"id": 1}, {"Link": link}), Says(200, {"id": 2}))
    assert [page.id for page in server.client().pages("deliveries", Thing)] == [1, 2]
    assert server.asked[1].path == "/repos/acme/shop/deliveries?per_page=100&cursor=v1_7%3D"


def test_without_a_repository_paths_begin_at_the_root_of_the_api(server, clock):
    server.script(Says(200, {"id": 7}))
    Client(None, server.access("/api/v3"), clock, manner=Manner(0)).get("app", Thing)
    assert server.asked[0].path == "/api/v3/app"


@pytest.mark.parametrize("trouble", [Says(502), Says(500, b"<html>"), Says(408), Drops(), Drops(midway=True)])
def test_a_read_is_asked_again_until_it_is_answered(server, clock, trouble):
    server.script(trouble, trouble, Says(200, {"id": 7}))
    assert server.client(clock).get("pulls/7", Thing).id == 7
    assert clock.now() == 1_795_000_003.0


def test_a_read_that_is_never_answered_is_given_up(server, clock):
    server.script(*[Says(502)] * 6)
    with pytest.raises(Unreachable, match="502"):
        server.client(clock).get("pulls/7", Thing)
    assert len(server.asked) == 6
    assert clock.now() == 1_795_000_031.0


WRITES = {
    "post": lambda client: client.post("issues/7/comments", {"body": "x"}, Thing),
    "patch": lambda client: client.patch("issues/comments/7", {"body": "x"}, Thing),
    "delete": lambda client: client.delete("pulls/7/reviews/1"),
    "mutation": lambda client: client.graphql("mutation { x }", {}, Data, write=True),
}


@pytest.mark.parametrize("trouble", [Says(500), Says(502, b"<html>"), Says(408), Drops(), Drops(midway=True)])
@pytest.mark.parametrize("kind", WRITES)
def test_a_write_without_a_clear_answer_reaches_the_server_once(server, trouble, kind):
    server.script(trouble)
    with pytest.raises(Doubtful, match="may have been done"):
        WRITES[kind](server.client())
    assert len(server.asked) == 1


LIMITS = [
    Says(403, SECONDARY, {"Retry-After": "30"}),
    Says(403, SECONDARY),
    Says(429, headers={"Retry-After": "30"}),
    Says(429),
    Says(
        403, {"message": "API rate limit exceeded"}, {"X-RateLimit-Remaining": "0", "X-RateLimit-Reset": "1795000050"}
    ),
    ABUSE,
]


@pytest.mark.parametrize("limit", LIMITS)
def test_a_write_that_met_a_limit_is_made_once_when_the_window_has_passed(server, clock, limit):
    server.script(limit, Says(201, {"id": 7}))
    times = []
    server.respond, scripted = lambda asked: times.append(clock.now()) or scripted(asked), server.respond
    assert server.client(clock).post("issues/7/comments", {"body": "x"}, Thing).id == 7
    assert len(times) == 2
    assert times[1] - times[0] >= 30


@pytest.mark.parametrize("limit", LIMITS)
def test_without_patience_a_limit_ends_it_after_one_request(server, clock, limit):
    server.script(limit)
    with pytest.raises(Limited, match="try again in"):
        server.client(clock, patience=0).post("issues/7/comments", {"body": "x"}, Thing)
    assert len(server.asked) == 1
    assert clock.now() == 1_795_000_000.0


def test_patience_is_for_all_waits_together(server, clock):
    server.script(Says(429), Says(200, {"id": 1}), Says(429))
    client = server.client(clock, patience=100)
    client.get("pulls/7", Thing)
    with pytest.raises(Limited):
        client.get("pulls/8", Thing)
    assert len(server.asked) == 3


def test_a_write_that_nobody_received_is_sent_when_somebody_listens(server, clock):
    access = server.access().model_copy(update={"api_url": nobody()})
    with pytest.raises(Unreachable, match="nothing was changed"):
        Client("acme/shop", access, clock, manner=Manner(120)).post("issues/7/comments", {"body": "x"}, Thing)
    assert clock.now() >= 1_795_000_031.0


def test_a_refusal_is_met_once_and_told(server):
    server.script(Says(422, {"message": "Validation Failed", "errors": ["Line could not be resolved"]}))
    with pytest.raises(Refused, match="Line could not be resolved") as caught:
        server.client().post("pulls/7/reviews", {}, Thing)
    assert caught.value.reason == "anchor"


@pytest.mark.parametrize("status", [401, 403, 404, 410, 423, 451])
def test_what_is_closed_to_us_is_asked_for_once(server, status):
    server.script(Says(status, {"message": "no"}))
    with pytest.raises(NoAccess):
        server.client().get("pulls/7", Thing)


def test_right_after_an_event_a_pull_request_may_not_be_there_yet(server, clock):
    server.script(Says(404), Says(404), Says(200, {"id": 7}))
    assert server.client(clock, lagging=True).get("pulls/7", Thing).id == 7


def test_a_minute_after_an_event_not_found_is_not_found(server, clock):
    server.script(Says(404))
    client = server.client(clock, lagging=True)
    clock.sleep(61)
    with pytest.raises(NoAccess):
        client.get("pulls/7", Thing)


@pytest.mark.parametrize("query", ["", "?per_page=5"])
def test_a_renamed_repository_is_followed_and_then_written_to_in_its_new_place(server, query):
    new = f"{server.url}/repositories/42"
    server.script(
        Says(301, {"message": "Moved"}, {"Location": f"{new}/pulls/7/files{query}"}),
        Says(200, {"id": 7}),
        Says(201, {"id": 8}),
    )
    client = server.client()
    assert [page.id for page in client.pages("pulls/7/files", Thing, {"per_page": 5})] == [7]
    client.post("issues/7/comments", {"body": "x"}, Thing)
    assert [asked.path for asked in server.asked[1:]] == [
        "/repositories/42/pulls/7/files?per_page=5",
        "/repositories/42/issues/7/comments",
    ]


@pytest.mark.parametrize(
    "location",
    ["http://127.0.0.1:9/repos/acme/shop/pulls/7", "https://evil.example/repos/acme/shop/pulls/7", "/login", ""],
)
def test_no_redirect_leads_the_token_to_another_place(server, location):
    server.script(Says(302, None, {"Location": location}))
    with pytest.raises(NoAccess, match="302"):
        server.client().get("pulls/7", Thing)
    assert len(server.asked) == 1


def test_a_redirect_that_never_ends_is_not_followed_for_long(server):
    server.respond = lambda asked: Says(301, None, {"Location": server.url + asked.path})
    with pytest.raises(NoAccess):
        server.client().get("pulls/7", Thing)
    assert len(server.asked) == 4


@pytest.mark.parametrize("status", [301, 302, 307, 308])
def test_a_write_is_not_redirected(server, status):
    server.script(Says(status, None, {"Location": f"{server.url}/repositories/42/issues/7/comments"}))
    with pytest.raises(NoAccess, match="present name"):
        server.client().post("issues/7/comments", {"body": "x"}, Thing)
    assert len(server.asked) == 1


@pytest.mark.parametrize("body", [b"<html>Sign in</html>", b"", b"[]", b'{"id": "x"}', b"\xff\xfe", b'{"id": 1'])
def test_a_success_that_is_none_of_githubs_is_no_success(server, body):
    server.script(Says(200, body), Says(200, body))
    with pytest.raises(Unreachable, match="GITHUB_API_URL"):
        server.client().get("pulls/7", Thing)
    with pytest.raises(Doubtful, match="GITHUB_API_URL"):
        server.client().post("issues/7/comments", {}, Thing)


@pytest.mark.parametrize(
    ("error", "raised"),
    [
        ({"type": "FORBIDDEN", "message": "not for you"}, NoAccess),
        ({"type": "NOT_FOUND", "message": "no such thread"}, NoAccess),
        ({"type": "UNPROCESSABLE", "message": "no"}, Refused),
        ({"message": "Something went wrong"}, Doubtful),
    ],
)
def test_an_error_of_graphql_is_one_though_the_status_is_200(server, error, raised):
    server.script(Says(200, {"data": {"id": 1}, "errors": [error]}))
    with pytest.raises(raised, match=error["message"]):
        server.client().graphql("mutation { x }", {}, Data, write=True)


def test_a_query_that_went_wrong_is_asked_again(server):
    limited = {"data": None, "errors": [{"type": "RATE_LIMITED", "message": "API rate limit exceeded"}]}
    server.script(Says(200, {"errors": [{"message": "Something went wrong"}]}), Says(200, limited))
    server.script(Says(200, {"data": {"id": 1}}))
    assert server.client().graphql("query { id }", {"a": 1}, Data).data.id == 1
    assert server.asked[0].json == {"query": "query { id }", "variables": {"a": 1}}


def test_half_a_character_is_replaced_and_every_other_sent_as_it_is(server):
    server.script(Says(201, {"id": 7}))
    server.client().post("issues/7/comments", {"body": "caf\udce9 naïve 🎉"}, Thing)
    assert server.asked[0].json == {"body": "caf? naïve 🎉"}


def test_thirty_writes_are_a_second_apart(server, clock):
    times = []
    server.respond = lambda _: times.append(clock.now()) or Says(201, {"id": 1})
    client = server.client(clock, patience=0)
    for _ in range(30):
        client.post("issues/7/comments", {}, Thing)
    assert all(later - earlier >= 1 for earlier, later in itertools.pairwise(times))


def test_the_four_hundred_and_first_write_of_an_hour_needs_patience(server, clock):
    server.respond = lambda _: Says(201, {"id": 1})
    client = server.client(clock, patience=0)
    for _ in range(400):
        client.post("issues/7/comments", {}, Thing)
    with pytest.raises(Limited, match="as GitHub takes for now"):
        client.post("issues/7/comments", {}, Thing)
    assert len(server.asked) == 400


@pytest.mark.parametrize("kind", WRITES)
def test_a_write_with_a_token_that_ended_is_made_once_with_the_next(server, clock, kind):
    done = Says(200, {"id": 7, "data": {"id": 7}})
    server.respond = lambda asked: done if asked.headers["authorization"] == "Bearer ghs_next" else Says(401)
    stale = []
    client = server.client(clock, renew=lambda old: stale.append(old) or SecretStr("ghs_next"))
    WRITES[kind](client)
    assert [asked.headers["authorization"] for asked in server.asked] == [f"Bearer {CANARY}", "Bearer ghs_next"]
    assert clock.now() == 1_795_000_001.0
    WRITES[kind](client)
    assert (len(server.asked), stale) == (3, [SecretStr(CANARY)])
    assert client.token == SecretStr("ghs_next")


def test_a_token_that_is_refused_again_is_no_access(server):
    server.script(Says(401, {"message": "Bad credentials"}), Says(401, {"message": "Bad credentials"}))
    with pytest.raises(NoAccess, match="Bad credentials"):
        server.client(renew=lambda _: SecretStr("ghs_next")).get("pulls/7", Thing)
    assert len(server.asked) == 2


def test_where_no_token_is_to_be_had_that_is_said(server):
    def gone(_):
        raise NoAccess("GitHub", "suspended", "ask its owner")

    server.script(Says(401))
    with pytest.raises(NoAccess, match="suspended"):
        server.client(renew=gone).post("issues/7/comments", {"body": "x"}, Thing)
    assert len(server.asked) == 1


@pytest.mark.parametrize("limit", LIMITS)
def test_a_limit_silences_everybody_who_shares_the_pace(server, clock, limit):
    """Also where whoever met it does not wait (THREATS G09)."""
    pace = OwnPace(clock)
    server.script(limit, Says(200, {"id": 7}))
    with pytest.raises(Limited):
        server.client(clock, patience=0, pace=pace).get("pulls/7", Thing)
    times = []
    server.respond, scripted = lambda asked: times.append(clock.now()) or scripted(asked), server.respond
    server.client(clock, pace=pace).get("pulls/8", Thing)
    assert times[0] - 1_795_000_000.0 >= 30


def test_a_silence_that_outlasts_the_patience_is_not_waited_for(server, clock):
    pace = OwnPace(clock)
    pace.hold(900.0)
    with pytest.raises(Limited, match="try again in 900 s"):
        server.client(clock, pace=pace).get("pulls/7", Thing)
    assert (server.asked, clock.now()) == ([], 1_795_000_000.0)


def test_whoever_keeps_the_pace_may_keep_everything_back(server):
    class Lost(Exception):
        pass

    class Shut:
        def turn(self, **_):
            raise Lost

        def hold(self, seconds):
            raise AssertionError(seconds)

    with pytest.raises(Lost):
        server.client(pace=Shut()).post("issues/7/comments", {"body": "x"}, Thing)
    assert server.asked == []


def test_what_may_be_done_twice_is_asked_for_like_a_read(server):
    server.script(Says(502), Says(201, {"id": 7}))
    assert server.client().post("access_tokens", {}, Thing, write=False).id == 7


def test_the_last_reply_is_known_without_its_body(server):
    client = server.client()
    assert client.last is None
    server.script(Says(404, {"message": "Not Found"}, {"X-Thing": "1"}))
    with pytest.raises(NoAccess):
        client.get("pulls/7", Thing)
    assert (client.last.status, client.last.headers["x-thing"], client.last.body) == (404, "1", b"")


def test_no_failure_shows_the_token(server, caplog):
    caplog.set_level(logging.DEBUG)
    told = []
    echoes = [400, 401, 403, 404, 406, 408, 409, 422, 429, 500, 502, 302]
    server.respond = lambda asked: Says(
        echoes[int(asked.path[-2:])], {"message": f"you sent {asked.headers['authorization']}"}
    )
    client = server.client(patience=0)
    for index in range(len(echoes)):
        for ask in (
            lambda path: client.get(path, Thing),
            lambda path: client.post(path, {}, Thing),
        ):
            with pytest.raises(ForgeError) as caught:
                ask(f"pulls/{index:02}")
            told += traceback.format_exception(caught.value)
    for broken in (Drops(), Drops(midway=True), Says(200, b'"' + CANARY.encode())):
        server.respond = lambda _, broken=broken: broken
        with pytest.raises(ForgeError) as caught:
            client.post("pulls/7", {}, Thing)
        told += traceback.format_exception(caught.value)
    server.respond = lambda asked: Says(200, {"errors": [{"message": asked.headers["authorization"]}]})
    with pytest.raises(Doubtful, match=r"Bearer \(token\)") as doubt:
        client.graphql("mutation { x }", {}, Data, write=True)
    told += traceback.format_exception(doubt.value)
    assert "you sent Bearer (token)" in "".join(told)
    assert CANARY not in "".join(told) + caplog.text
