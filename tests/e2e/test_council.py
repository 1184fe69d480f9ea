"""The command as a person types it, the real SDKs, a vendor on loopback: what comes out is what one would act on."""

import json
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from stand_in import Answer, Exchange, Failure, Page, Request, StandIn, nobody

from reviewbot.council import State, Usage
from reviewbot.doors.cli import run

ROOT = Path(__file__).parents[2]
EMAIL = str(ROOT / "examples" / "stripe-google-email.diff")
COUNCIL = ROOT / "examples" / "council"
KEYS = {"ANTHROPIC_API_KEY": "key-of-anthropic", "OPENAI_API_KEY": "key-of-openai", "GEMINI_API_KEY": "key-of-google"}
FAMILIES = ("anthropic", "google", "openai")
EMPTY = json.dumps({"findings": [], "could_not_judge": []})
NO_VERDICT = json.dumps({"findings": [], "could_not_judge": [], "verdicts": []})


def said_by(voice: str, lens: str) -> str:
    """A recorded answer as a vendor would stream it; an empty one where the voice has none for the lens."""
    answers = json.loads((COUNCIL / f"{voice}.json").read_text())["answers"]
    return json.dumps(answers[lens]["answer"]) if lens in answers else EMPTY


def lens_of(request: Request) -> str:
    return request.question.partition("Lens: ")[2].partition(".")[0].removeprefix("cross-system ")


@pytest.fixture
def vendors(monkeypatch: pytest.MonkeyPatch) -> Iterator[StandIn]:
    """All three vendors and a declared server on one address, with a key for each."""
    with StandIn() as server:
        urls = {
            "ANTHROPIC_BASE_URL": server.url,
            "OPENAI_BASE_URL": server.url + "/v1",
            "GOOGLE_GEMINI_BASE_URL": server.url,
            "REVIEWBOT_SERVERS": f"box={server.url}/v1",
        }
        for name, value in (KEYS | urls).items():
            monkeypatch.setenv(name, value)
        yield server


Check = Callable[..., tuple[int, dict[str, Any], str]]


@pytest.fixture
def check(capsys: pytest.CaptureFixture[str]) -> Check:
    def checked(*words: str) -> tuple[int, dict[str, Any], str]:
        code = run(["check", "--diff", EMAIL, "--format", "json", *words])
        told = capsys.readouterr()
        return code, json.loads(told.out) if told.out else {}, told.err

    return checked


def test_three_families_over_their_own_sdks_agree_on_the_e_mail(vendors: StandIn, check: Check) -> None:
    voices = dict(zip(FAMILIES, ("ada", "ben", "cleo"), strict=True))

    def respond(request: Request) -> Exchange:
        usage = Usage(input=900, cached=300, output=200, reasoning=50)
        text = said_by(voices[str(request.dialect)], lens_of(request)) if lens_of(request) else NO_VERDICT
        return Answer(text, usage=usage)

    vendors.respond = respond
    code, report, err = check()
    assert (code, err) == (0, "")
    assert report["complete"]
    first = report["findings"][0]
    assert (first["line"], first["severity"], first["placement"]) == (29, "critical", "inline")
    assert first["raised_by"] == [*FAMILIES, "rules"]
    assert first["assumption"]["ask"].endswith("?")
    currency = next(f for f in report["findings"] if f["category"] == "units")
    assert (currency["raised_by"], currency["asked"]) == (["anthropic", "google"], list(FAMILIES))
    assert {(seat["family"], seat["lens"]) for seat in report["seats"]} >= {
        (family, lens) for family in FAMILIES for lens in ("architecture", "security", "assumptions")
    }
    assert report["spent"]["usd"] > 0
    challenges = [request for request in vendors.requests if not lens_of(request)]
    assert len(vendors.requests) == 9 + len(challenges)
    assert 1 <= len(challenges) <= 3, "others were asked to refute what was found, each in one call"
    assert report["spent"]["input"] == len(vendors.requests) * 1_200


def test_every_lens_of_a_member_sends_the_same_prefix_and_the_author_cannot_reach_it(
    vendors: StandIn, check: Check
) -> None:
    vendors.answer_everything(EMPTY)
    check()
    for family in FAMILIES:
        prompts = [request.texts for request in vendors.requests if request.dialect == family]
        assert len({texts[:-1] for texts in prompts}) == 1
        assert len({texts[-1] for texts in prompts}) == 3
    everything = b"".join(request.raw for request in vendors.requests)
    assert b"temperature" not in everything


def test_no_key_is_in_any_output(vendors: StandIn, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    vendors.respond = lambda request: Failure(401, f"bad key {request.headers}")
    record = tmp_path / "run.json"
    assert run(["check", "--diff", EMAIL, "--format", "json", "--record", str(record)]) == 0
    told = capsys.readouterr()
    assert not [key for key in KEYS.values() if key in told.out + told.err + record.read_text()]


PAID = Usage(input=3_000, output=10)
"""As much as the prompt takes: a server that counts far less has cut it."""
PARTLY = json.dumps({"findings": json.loads(said_by("ada", "assumptions"))["findings"][:1]}).removesuffix("]}")
"""One finding whole, where the answer was cut."""
STATES: dict[State, tuple[Exchange, ...]] = {
    "ok": (Answer(EMPTY, usage=PAID),),
    "refused": (Answer("I cannot help with that.", usage=PAID),),
    "blocked": (Answer("", ending="blocked"),),
    "truncated": (Answer(PARTLY, ending="cut"), Answer(PARTLY, ending="cut"), Answer(NO_VERDICT, usage=PAID)),
    "invalid": (Answer('{"findings": 7}', usage=PAID), Answer('{"findings": 8}', usage=PAID)),
    "config_error": (Failure(401, "no such key", "authentication_error"),),
    "unavailable": (Failure(503, headers={"retry-after": "0.01"}),) * 3,
}
MODELS = {
    "anthropic": "anthropic/claude-sonnet-5-5",
    "openai": "openai/gpt-6.1-sol",
    "google": "google/gemini-4-argon",
    "chat": "box/qwen3",
}


@pytest.mark.parametrize("state", STATES)
@pytest.mark.parametrize("dialect", MODELS)
def test_each_way_a_seat_ends_over_each_sdk(vendors: StandIn, check: Check, dialect: str, state: State) -> None:
    if (dialect, state) == ("anthropic", "blocked"):
        vendors.script(Answer("", ending="refused"))  # this vendor has no word for a block: it declines
        state = "refused"
    else:
        vendors.script(*STATES[state])
    code, report, err = check("--model", MODELS[dialect], "--lens", "security")
    seat, *_ = report["seats"]  # a challenge follows where something was found
    assert seat["state"] == state
    assert report["complete"] is (state == "ok")
    answered = state in ("ok", "truncated")
    assert code == (0 if answered else 2)
    assert answered or ("no seat answered" in err and seat["detail"] in err)


@pytest.mark.parametrize("dialect", MODELS)
def test_a_ceiling_that_leaves_no_room_buys_nothing(vendors: StandIn, check: Check, dialect: str) -> None:
    code, report, _ = check("--model", MODELS[dialect], "--max-usd", "0.0001")
    assert (code, vendors.requests) == (2, [])
    assert {seat["state"] for seat in report["seats"]} == {"over_budget"}
    assert report["budget"]["usd"] == 0.0001


def test_a_change_too_big_for_one_prompt_is_shown_in_parts_that_all_name_every_file(
    vendors: StandIn, check: Check, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    config = tmp_path / "reviewbot" / "config.yml"
    config.parent.mkdir()
    config.write_text("max_prompt_tokens: 2000\n")
    monkeypatch.setenv("XDG_CONFIG_HOME", str(tmp_path))
    lines = "".join(f"+value_{n} = {n}\n" for n in range(400))
    added = f"diff --git a/v.py b/v.py\nnew file mode 100644\n--- /dev/null\n+++ b/v.py\n@@ -0,0 +1,400 @@\n{lines}"
    (tmp_path / "big.diff").write_text(Path(EMAIL).read_text() + added)
    vendors.answer_everything(EMPTY)
    code, report, _ = check("--diff", str(tmp_path / "big.diff"), "--model", MODELS["anthropic"], "--lens", "security")
    assert (code, report["complete"], report["not_covered"]) == (0, True, [])
    shown = [request.texts[1] for request in vendors.requests]
    assert len(shown) > 1
    assert all("v.py +400 -0" in one and "billing/webhooks.py +" in one for one in shown)
    assert sum(one.count("+value_") for one in shown) == 400


def test_a_prompt_the_server_finds_too_long_comes_again_in_smaller_parts(vendors: StandIn, check: Check) -> None:
    limit = 3_500

    def respond(request: Request) -> Exchange:
        if len(request.texts[1]) > limit // 2:
            return Failure(
                400, f"prompt is too long: {len(request.texts[1])} tokens > {limit}", "invalid_request_error"
            )
        return Answer(EMPTY)

    vendors.respond = respond
    code, report, _ = check("--model", MODELS["anthropic"], "--lens", "security")
    assert (code, report["complete"], report["not_covered"]) == (0, True, [])
    limit = 100
    code, report, err = check("--model", MODELS["anthropic"], "--lens", "security")
    assert (code, {seat["state"] for seat in report["seats"]}) == (2, {"config_error"})
    assert "prompt is too long" in err


def test_where_little_is_at_stake_one_cheap_model_is_asked_once(vendors: StandIn, check: Check) -> None:
    vendors.answer_everything(said_by("ada", "assumptions"))
    code, report, _ = check("--tier", "low")
    (request,) = vendors.requests
    assert (code, report["complete"], report["change"]["tier"]) == (0, True, "low")
    assert request.question.count("Lens: ") == 3
    models = [seat for seat in report["seats"] if seat["family"] != "rules"]
    assert [(seat["lens"], seat["state"]) for seat in models] == [("all", "ok")]
    assert report["findings"][0]["lens"] == "assumptions"
    assert models[0]["family"] in report["findings"][0]["asked"]


def test_down_refusing_and_nonsense_are_told_in_the_first_lines(
    vendors: StandIn, capsys: pytest.CaptureFixture[str]
) -> None:
    down = Failure(529, "overloaded", "overloaded_error", headers={"retry-after": "0.01"})
    said = {"anthropic": down, "openai": Answer("I cannot help with that."), "google": Answer('{"findings": 7}')}
    vendors.respond = lambda request: (
        said.get(str(request.dialect)) or Answer(said_by("ben", lens_of(request)) if lens_of(request) else NO_VERDICT)
    )
    models = [word for name in MODELS.values() for word in ("--model", name)]
    assert run(["check", "--diff", EMAIL, "--format", "markdown", "--lens", "assumptions", *models]) == 0
    first_lines = "\n".join(capsys.readouterr().out.splitlines()[:12])
    assert "Incomplete: 3 of 4 seats did not answer" in first_lines, "a challenge is no seat that looks"
    for cause in ("overloaded", "no JSON object in the answer", "findings: Input should be"):
        assert cause in first_lines


def test_one_family_down_leaves_a_review_that_says_so(vendors: StandIn, check: Check) -> None:
    down = Failure(529, "overloaded", "overloaded_error", headers={"retry-after": "0.01"})
    vendors.respond = lambda request: (
        down if request.dialect == "anthropic" else Answer(said_by("ben", lens_of(request)))
    )
    code, report, _ = check()
    assert (code, report["complete"]) == (0, False)
    assert report["findings"][0]["asked"] == ["google", "openai", "rules"]
    assert {seat["state"] for seat in report["seats"] if seat["family"] == "anthropic"} == {"unavailable"}


@pytest.mark.parametrize(
    ("exchange", "line"),
    [
        (Failure(401, "invalid x-api-key", "authentication_error"), "set ANTHROPIC_API_KEY"),
        (Failure(404, "model: claude-nobody", "not_found_error"), "unknown model claude-nobody"),
        (Page(), "check the base URL"),
    ],
)
def test_a_wrong_key_an_unknown_model_and_a_web_page_each_say_the_remedy(
    vendors: StandIn, check: Check, exchange: Exchange, line: str
) -> None:
    vendors.respond = lambda _: exchange
    code, _, err = check("--model", "anthropic/claude-nobody", "--lens", "security")
    assert code == 2
    assert line in err
    assert err.count("\n") == 1


@pytest.mark.usefixtures("vendors")
def test_a_server_that_is_not_there_is_named(check: Check, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("REVIEWBOT_SERVERS", f"ollama={nobody()}/v1")
    code, _, err = check("--model", "ollama/qwen3", "--lens", "security")
    assert code == 2
    assert "cannot connect to http://127.0.0.1:" in err


@pytest.mark.usefixtures("vendors")
def test_offline_asks_nobody_whatever_keys_are_there(vendors: StandIn, check: Check) -> None:
    _, report, _ = check("--offline")
    assert {seat["member"] for seat in report["seats"]} == {"rules/builtin"}
    assert vendors.requests == []
