import itertools
import json
from email.utils import formatdate

import pytest
from hypothesis import given
from hypothesis import strategies as st

from reviewbot.errors import Doubtful, ForgeError, Limited, NoAccess, Refused, TooLarge, Unreachable
from reviewbot.forge.limits import (
    BACKOFF,
    READS,
    WRITES,
    Again,
    Ask,
    Reply,
    Silence,
    judge,
    pause_before,
)

NOW = 1_795_000_000.0
READ = Ask("GET https://ghe.corp/api/v3/repos/acme/shop/pulls/7", write=False)
WRITE = Ask("POST https://ghe.corp/api/v3/repos/acme/shop/issues/7/comments", write=True)
SECONDARY = "You have exceeded a secondary rate limit. Please wait a few minutes before you try again."
ABUSE = {"resource": "IssueComment", "code": "abuse", "field": "base", "message": "was submitted too quickly"}


def reply(status, message="", headers=None, errors=()):
    return Reply(status, headers or {}, json.dumps({"message": message, "errors": errors}).encode())


SIX_FORMS = [
    (reply(403, SECONDARY, {"retry-after": "90"}), 90),
    (reply(403, SECONDARY, {"x-ratelimit-remaining": "4771"}), 60),
    (reply(429, "Too many requests", {"retry-after": "5"}), 5),
    (reply(429), 60),
    (reply(403, "API rate limit exceeded", {"x-ratelimit-remaining": "0", "x-ratelimit-reset": "1795000030"}), 31),
    (reply(422, "Validation Failed", errors=[ABUSE]), 60),
]


def follow(answer, ask, rounds):
    """What is made of the same answer again and again."""
    past = []
    for _ in range(rounds):
        verdict = judge(answer, ask, past, NOW)
        if not isinstance(verdict, Again):
            return past, verdict
        past.append(verdict)
    return past, None


@pytest.mark.parametrize("ask", [READ, WRITE])
@pytest.mark.parametrize(("answer", "seconds"), SIX_FORMS)
def test_each_form_of_a_limit_is_waited_out_by_reads_and_writes(ask, answer, seconds):
    verdict = judge(answer, ask, [], NOW)
    assert isinstance(verdict, Again)
    assert verdict.seconds == seconds
    assert isinstance(verdict.otherwise, Limited)
    assert f"try again in {seconds} s" in str(verdict.otherwise)


def test_a_secondary_limit_is_left_a_minute_even_where_less_is_stated():
    verdict = judge(reply(403, SECONDARY, {"retry-after": "5"}), WRITE, [], NOW)
    assert isinstance(verdict, Again)
    assert verdict.seconds == 60


@pytest.mark.parametrize("headers", [{"retry-after": "5"}, {"x-ratelimit-remaining": "0"}])
def test_a_403_is_a_limit_where_only_a_header_says_so(headers):
    verdict = judge(Reply(403, headers, b"<html>"), WRITE, [], NOW)
    assert isinstance(verdict, Again)
    assert verdict.limited


@pytest.mark.parametrize(("answer", "seconds"), SIX_FORMS)
def test_a_limit_that_stays_is_waited_for_twice_as_long_up_to_a_quarter_of_an_hour(answer, seconds):
    waits = [again.seconds for again in follow(answer, WRITE, 7)[0]]
    assert waits[0] == seconds
    assert waits[1:] == [120, 240, 480, 900, 900, 900]


def test_nothing_is_sent_inside_a_window_that_github_states():
    hour = reply(
        403, "API rate limit exceeded", {"x-ratelimit-remaining": "0", "x-ratelimit-reset": str(int(NOW) + 3000)}
    )
    assert [again.seconds for again in follow(hour, READ, 3)[0]] == [3001] * 3


def test_a_date_says_how_long_to_wait_as_well():
    verdict = judge(reply(429, headers={"retry-after": formatdate(NOW + 77, usegmt=True)}), READ, [], NOW)
    assert isinstance(verdict, Again)
    assert verdict.seconds == 77


@pytest.mark.parametrize("header", ["", "soon", "-5", "1e9", "\u0663", "9" * 40, "Mon, 99 Foo 2026 00:00:00 GMT"])
def test_a_wait_that_cannot_be_read_is_a_minute(header):
    answer = reply(429, headers={"retry-after": header, "x-ratelimit-remaining": "0", "x-ratelimit-reset": header})
    verdict = judge(answer, WRITE, [], NOW)
    assert isinstance(verdict, Again)
    assert verdict.seconds == 60


def test_a_403_that_names_no_limit_is_a_lack_of_permission():
    answer = reply(403, "Resource not accessible by integration", {"x-ratelimit-remaining": "4771"})
    for ask in (READ, WRITE):
        assert isinstance(judge(answer, ask, [], NOW), NoAccess)


UNCLEAR = [reply(500), reply(502), reply(503), reply(408), Reply(504, {}, b"<html>"), Silence("no answer", sent=True)]


@pytest.mark.parametrize("answer", UNCLEAR)
def test_a_write_without_a_clear_answer_is_not_sent_again(answer):
    verdict = judge(answer, WRITE, [], NOW)
    assert isinstance(verdict, Doubtful)
    assert WRITE.name in str(verdict)


@pytest.mark.parametrize("answer", [*UNCLEAR, Silence("no answer", sent=False)])
def test_a_read_without_a_clear_answer_is_asked_five_times_more(answer):
    past, verdict = follow(answer, READ, 9)
    assert tuple(again.seconds for again in past) == BACKOFF
    assert isinstance(verdict, Unreachable)


def test_a_write_that_never_left_is_sent_again():
    past, verdict = follow(Silence("no answer (Connection refused)", sent=False), WRITE, 9)
    assert tuple(again.seconds for again in past) == BACKOFF
    assert isinstance(verdict, Unreachable)
    assert "nothing was changed" in str(verdict)


def test_a_server_that_says_how_long_it_is_down_is_left_alone_for_as_long():
    verdict = judge(reply(503, headers={"retry-after": "40"}), READ, [], NOW)
    assert isinstance(verdict, Again)
    assert verdict.seconds == 40


@pytest.mark.parametrize(
    "answer",
    [
        reply(406, "Sorry, the diff exceeded the maximum number of files (300).", errors=[{"code": "too_large"}]),
        reply(422, "Server Error: Sorry, this diff is taking too long to generate."),
        reply(500, "Server Error", errors=[{"resource": "PullRequest", "field": "diff", "code": "not_available"}]),
        reply(503, "Server Error: Sorry, this diff is taking too long to generate."),
    ],
)
def test_a_diff_that_github_does_not_make_is_too_large_at_once(answer):
    assert isinstance(judge(answer, READ, [], NOW), TooLarge)


def test_right_after_an_event_not_found_may_be_not_there_yet():
    past, verdict = follow(reply(404, "Not Found"), READ._replace(lagging=True), 9)
    assert tuple(again.seconds for again in past) == BACKOFF
    assert isinstance(verdict, NoAccess)


@pytest.mark.parametrize("ask", [READ, WRITE, WRITE._replace(lagging=True)])
@pytest.mark.parametrize("status", [401, 403, 404, 410, 423, 451])
def test_what_is_not_there_or_not_allowed_is_asked_for_once(status, ask):
    assert isinstance(judge(reply(status), ask, [], NOW), NoAccess)


@pytest.mark.parametrize("status", [200, 201, 204])
def test_a_success_is_a_success_whatever_it_says(status):
    assert judge(reply(status, SECONDARY), WRITE, [], NOW) is None


@given(
    st.integers(300, 599),
    st.dictionaries(
        st.sampled_from(["retry-after", "x-ratelimit-remaining", "x-ratelimit-reset", "location"]),
        st.text(max_size=12) | st.integers(-9, 10**12).map(str),
    ),
    st.binary(max_size=40) | st.sampled_from([SECONDARY.encode(), b'{"message": "API rate limit exceeded"}']),
    st.booleans(),
)
def test_a_write_is_sent_again_only_where_a_limit_says_that_nothing_was_done(status, headers, body, write):
    ask = WRITE if write else READ
    verdict = judge(Reply(status, headers, body), ask, [], NOW)
    assert isinstance(verdict, Again | ForgeError)
    if isinstance(verdict, Again):
        assert verdict.seconds > 0
        assert verdict.limited or not write
    if verdict is not None and status == 422 and not isinstance(verdict, Again):
        assert isinstance(verdict, Refused | TooLarge)


def timeline(rates, count):
    """When requests go out that are all ready at once."""
    now, times = NOW, []
    for _ in range(count):
        now += pause_before(times, rates, now)
        times.append(now)
    return times


@pytest.mark.parametrize(("rates", "count"), [(WRITES, 1_000), (READS, 2_000)])
def test_no_window_of_time_holds_more_requests_than_the_rates_say(rates, count):
    times = timeline(rates, count)
    for most, span in rates:
        assert all(later - earlier >= span for earlier, later in zip(times, times[most:], strict=False))


def test_writes_are_a_second_apart_and_a_thousand_take_their_hours():
    times = timeline(WRITES, 1_000)
    assert min(later - earlier for earlier, later in itertools.pairwise(times)) >= 1
    assert times[399] - times[0] < 3600 <= times[400] - times[0]


def test_a_request_after_a_long_silence_does_not_wait():
    assert pause_before([NOW - 100], WRITES, NOW) == 0
    assert pause_before([], WRITES, NOW) == 0
