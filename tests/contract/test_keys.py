"""Where keys and code travel, and where a key is never seen: the same rules for every member (THREATS L21, S35)."""

import itertools

import pytest
from asking import KEY, NETWORK, a_call, ask_once, seated
from pydantic import SecretStr
from stand_in import Answer, Failure, Raw, StandIn

from reviewbot.errors import BadSettings

every_member = pytest.mark.parametrize("member", NETWORK)


@every_member
async def test_a_key_that_the_server_echoes_is_not_shown(server: StandIn, member: str) -> None:
    echoes = (f"Incorrect API key provided: {KEY}", f"bad key {KEY[:12]}****", f"header 'Bearer {KEY}' is wrong")
    async with seated(server, member) as ask:
        for said, status in itertools.product(echoes, (400, 401, 429, 500)):
            echo = Failure(status, said)
            server.respond = lambda _, echo=echo: echo  # a compatible server may be asked more than once
            reply = await ask(a_call())
            assert KEY[:10] not in reply.model_dump_json()
            assert "***" in reply.detail


@every_member
async def test_neither_key_nor_change_follows_a_redirect(server: StandIn, member: str) -> None:
    with StandIn() as elsewhere:
        async with seated(server, member) as ask:
            for status in (301, 302, 303, 307, 308):
                moved = Raw(b"", status=status, headers={"Location": elsewhere.url + "/v1/messages"})
                server.respond = lambda _, moved=moved: moved
                reply = await ask(a_call())
                assert reply.outcome == "fatal"
                assert f"redirects to {elsewhere.url.removeprefix('http://')}" in reply.detail
    assert elsewhere.requests == []


@every_member
async def test_the_key_is_sent_in_one_header_and_to_the_server_named(server: StandIn, member: str) -> None:
    server.script(Answer())
    await ask_once(server, member)
    request = server.requests[0]
    carrying = {name: value for name, value in request.headers.items() if KEY in value}
    assert carrying == ({"x-goog-api-key": KEY} if member == "google" else {"authorization": f"Bearer {KEY}"})
    assert KEY not in request.path
    assert KEY.encode() not in request.raw


@every_member
async def test_variables_the_sdks_read_by_themselves_change_nothing(
    server: StandIn, member: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Keys and addresses come from the operator's settings alone (PROVIDERS section 5)."""
    with StandIn() as elsewhere:
        for name in ("ANTHROPIC_BASE_URL", "OPENAI_BASE_URL", "GOOGLE_GEMINI_BASE_URL", "GOOGLE_VERTEX_BASE_URL"):
            monkeypatch.setenv(name, elsewhere.url)
        for name in (
            "ANTHROPIC_API_KEY",
            "ANTHROPIC_AUTH_TOKEN",
            "OPENAI_API_KEY",
            "OPENAI_ADMIN_KEY",
            "GOOGLE_API_KEY",
        ):
            monkeypatch.setenv(name, "somebody-elses-key")
        monkeypatch.setenv("GOOGLE_GENAI_USE_ENTERPRISE", "true")
        server.script(Answer())
        reply = await ask_once(server, member)
    assert (reply.outcome, elsewhere.requests) == ("ok", [])
    assert "somebody-elses-key" not in str(server.requests[0].headers)


@pytest.mark.parametrize("member", ["anthropic", "openai", "google"])
async def test_a_vendor_without_a_key_is_a_setting_to_mend(server: StandIn, member: str) -> None:
    with pytest.raises(BadSettings, match=r"set .*_API_KEY"):
        await ask_once(server, member, api_key=None)


@every_member
async def test_a_key_with_a_line_break_around_it_works(server: StandIn, member: str) -> None:
    server.script(Answer())
    assert (await ask_once(server, member, api_key=SecretStr(f" {KEY}\n"))).outcome == "ok"


@every_member
async def test_a_key_no_header_can_carry_is_not_shown(server: StandIn, member: str) -> None:
    reply = await ask_once(server, member, api_key=SecretStr(f"{KEY}\n{KEY}"))
    assert reply.outcome == "fatal"
    assert KEY[:10] not in reply.detail
