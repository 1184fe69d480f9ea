"""A second hearing as a person meets it: real SDKs, vendors on loopback, and the same report again from the record."""

import json
import re
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from stand_in import Answer, Exchange, Failure, Request, StandIn

from reviewbot.council import Usage
from reviewbot.doors.cli import run

ROOT = Path(__file__).parents[2]
EMAIL = str(ROOT / "examples" / "stripe-google-email.diff")
ADA = json.loads((ROOT / "examples" / "council" / "ada.json").read_text())["answers"]["assumptions"]["answer"]
MODELS = ("anthropic/claude-sonnet-5-5", "openai/gpt-6.1-sol")
LINE = "    user = User.objects.get(email=checkout.customer_details.email)"


def answer(**lists: object) -> Answer:
    empty: dict[str, object] = {"findings": [], "could_not_judge": [], "verdicts": []}
    return Answer(json.dumps(empty | lists), usage=Usage(input=3_000, output=100))


def judged(request: Request, **verdict: object) -> Answer:
    """One verdict on each claim that the question names at its end."""
    plain = {"verdict": "refuted", "quote": LINE, "because": "It is checked.", "importance": 5, "same_as": []} | verdict
    return answer(verdicts=[{"claim": name} | plain for name in wanted(request)])


def wanted(request: Request) -> list[str]:
    asked = re.search(r"^Verdicts for: (.*)\Z", request.question, re.MULTILINE)
    return asked[1].split(", ") if asked else []


class Vendors:
    """Anthropic raises what ada does, OpenAI raises nothing and judges."""

    def __init__(self, server: StandIn, monkeypatch: pytest.MonkeyPatch) -> None:
        self.server = server
        self.challenge: Callable[[Request], Exchange] = judged
        for name in ("ANTHROPIC_API_KEY", "OPENAI_API_KEY"):
            monkeypatch.setenv(name, "key")
        monkeypatch.setenv("ANTHROPIC_BASE_URL", server.url)
        monkeypatch.setenv("OPENAI_BASE_URL", server.url + "/v1")
        server.respond = self.respond

    def respond(self, request: Request) -> Exchange:
        if wanted(request):
            return self.challenge(request)
        return answer(findings=ADA["findings"]) if request.dialect == "anthropic" else answer()


@pytest.fixture
def vendors(monkeypatch: pytest.MonkeyPatch) -> Iterator[Vendors]:
    with StandIn() as server:
        yield Vendors(server, monkeypatch)


def check(tmp_path: Path, *words: str, form: str = "json") -> str:
    out = tmp_path / "report"
    members = [word for name in MODELS for word in ("--model", name)]
    asked = ["--diff", EMAIL, "--lens", "assumptions", "--format", form, "--output", str(out), *members, *words]
    assert run(["check", *asked]) == 0
    return out.read_text()


@pytest.mark.usefixtures("vendors")
def test_what_another_family_refutes_is_disputed_in_the_summary_and_the_record_says_it_again(
    tmp_path: Path,
) -> None:
    record, again = str(tmp_path / "run.json"), tmp_path / "again"
    first = check(tmp_path, "--record", record)
    report = json.loads(first)
    assert [seat["lens"] for seat in report["seats"]] == ["assumptions", "assumptions", "challenge"]
    assert {finding["challenge"]["verdict"] for finding in report["findings"]} == {"refuted"}
    assert {finding["placement"] for finding in report["findings"]} == {"summary"}
    assert [finding["severity"] for finding in report["findings"]] == ["critical", "high", "medium"], "none is lowered"
    assert set(report["prompts"]) == {"shared", "assumptions", "challenge"}
    assert run(["replay", record, "--format", "json", "--output", str(again)]) == 0
    assert again.read_text() == first


def test_a_member_that_calls_everything_false_without_a_line_of_it_lowers_no_place(
    vendors: Vendors, tmp_path: Path
) -> None:
    """THREATS S17: one compromised member says that all others are wrong."""
    vendors.challenge = lambda request: judged(request, quote="if user.is_owner:", same_as=wanted(request))
    report = json.loads(check(tmp_path))
    assert len(report["findings"]) == 3, "nor does it make one of them all"
    assert [(one["severity"], one["placement"]) for one in report["findings"]] == [
        ("critical", "inline"), ("high", "inline"), ("medium", "summary"),
    ]  # fmt: skip
    assert "quotes no line of the change" in report["findings"][0]["challenge"]["because"]


@pytest.mark.parametrize(
    ("broken", "cause"),
    [
        (Failure(401, "no such key", "authentication_error"), "no such key"),
        (Answer("I cannot help with that.", usage=Usage(input=3_000, output=9)), "no JSON"),
    ],
)
def test_a_challenge_that_failed_leaves_the_findings_as_they_were_and_is_said(
    vendors: Vendors, tmp_path: Path, broken: Exchange, cause: str
) -> None:
    vendors.challenge = lambda _: broken
    page = check(tmp_path, form="markdown")
    opening = page.partition("## ")[0]
    assert "1 of 1 challenge failed" in opening
    assert "findings not challenged by openai/gpt-6.1-sol" in opening
    assert cause in opening
    assert "**Challenge:**" not in page


def test_a_challenger_reads_the_prefix_its_lens_wrote_and_is_told_of_nobody(vendors: Vendors, tmp_path: Path) -> None:
    check(tmp_path)
    lens, challenge = (request.texts for request in vendors.server.requests if request.dialect == "openai")
    assert lens[:-1] == challenge[:-1]
    schemas = [request.body["text"] for request in vendors.server.requests if request.dialect == "openai"]
    assert schemas[0] == schemas[1], "the schema is a part of the prefix"
    for word in ("anthropic", "claude", "critical", "certain"):
        assert word not in challenge[-1].partition("<claims")[2]


@pytest.mark.usefixtures("vendors")
def test_of_one_family_another_model_challenges_and_a_person_is_told(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("OPENAI_API_KEY")
    out = tmp_path / "report"
    asked = ["--diff", EMAIL, "--lens", "assumptions", "--format", "json", "--output", str(out)]
    assert run(["check", *asked]) == 0
    report: dict[str, Any] = json.loads(out.read_text())
    (challenger,) = (seat["member"] for seat in report["seats"] if seat["lens"] == "challenge")
    (sat,) = (seat["member"] for seat in report["seats"] if seat["lens"] != "challenge" and seat["family"] != "rules")
    assert challenger != sat
    assert report["notes"] == [
        f"One family sat, so its findings were challenged by another model of the same family: {challenger}."
    ]
