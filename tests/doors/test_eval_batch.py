"""`eval run --batch`: who goes by batches, and who is asked as ever."""

import asyncio
import json
import shutil
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from asking import a_call
from batch_stand_in import BatchOffice
from pydantic import SecretStr
from stand_in import Answer, StandIn

from reviewbot.council import Ask, Call, Reply, Usage
from reviewbot.council.members.batching import A_BATCH
from reviewbot.council.prices import price
from reviewbot.doors import cli
from reviewbot.doors.eval_batch import in_batches, patient
from reviewbot.evals.model import EvalResult
from reviewbot.settings import Operator, Policy, Server
from reviewbot.wiring import seat_council

ROOT = Path(__file__).parents[2]
MODELS = ("openai/gpt-6.1-sol", "mine/qwen", "rules/builtin")


def operator(url: str, **changes: Any) -> Operator:
    return Operator(models=MODELS, keys={"openai": SecretStr("sk-0")}, servers={"mine": Server(url=url)}, **changes)


@pytest.fixture
def told() -> list[str]:
    return []


def test_only_vendors_go_by_batches_and_who_does_not_is_told_once(tmp_path: Path, told: list[str]) -> None:
    settings = operator("http://localhost:1/v1")
    way = in_batches(settings, tmp_path / "a.sqlite", told.append, places=4)
    council = seat_council(settings, Policy())
    for _case in range(2):
        batched, server, rules = map(way, council)
    assert (batched.price_share, batched.caching) == (0.5, None)
    assert (server.price_share, server.caching) == (1.0, council[1].caching)
    assert rules is council[2]
    assert told == ["mine/qwen has no batches: it is asked call by call, at its full price"]


async def test_who_has_no_batches_is_asked_a_few_at_a_time_each_with_its_usual_time(
    tmp_path: Path, told: list[str]
) -> None:
    under_way, most, given = 0, 0, list[float]()

    async def ask(call: Call) -> Reply:
        nonlocal under_way, most
        under_way += 1
        most = max(most, under_way)
        given.append(call.seconds)
        await asyncio.sleep(0)
        under_way -= 1
        return Reply(outcome="ok")

    @asynccontextmanager
    async def connect() -> AsyncIterator[Ask]:
        yield ask

    settings = operator("http://localhost:1/v1", call_seconds=7.0)
    mine = replace(seat_council(settings, Policy())[1], connect=connect)
    mine = in_batches(settings, tmp_path / "a.sqlite", told.append, places=2)(mine)
    async with mine.connect() as asked:
        await asyncio.gather(*(asked(a_call(seconds=A_BATCH)) for _ in range(5)), asked(a_call(seconds=3.0)))
    assert (most, sorted(given)) == (2, [3.0, *[7.0] * 5])


def test_a_run_in_batches_has_the_time_they_take() -> None:
    settings = patient(operator("http://localhost:1/v1"))
    assert settings.call_seconds == A_BATCH
    assert settings.seconds >= 3 * A_BATCH > 3 * 24 * 3600


@pytest.fixture
def suite(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Two cases, and settings that give a call less time than a batch takes to be gathered."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))
    monkeypatch.setenv("XDG_CONFIG_HOME", str(tmp_path / "config"))
    monkeypatch.setenv("OPENAI_API_KEY", "sk-0123456789")
    (tmp_path / "config/reviewbot").mkdir(parents=True)
    (tmp_path / "config/reviewbot/config.yml").write_text("call_seconds: 0.5\nseconds: 2\n", encoding="utf-8")
    folder = tmp_path / "mine"
    folder.mkdir()
    for name, example in (("one", "stripe-google-email"), ("two", "harmless-refactor")):
        shutil.copy(ROOT / f"examples/{example}.diff", folder / f"{name}.diff")
    golden = {"golden": [], "lens": "security", "kind": "harmless", "language": "Python", "title": "t", "body": ""}
    rows = ({"id": name, "diff": f"{name}.diff", **golden} for name in ("one", "two"))
    (folder / "rows.jsonl").write_text("".join(f"{json.dumps(row)}\n" for row in rows), encoding="utf-8")
    return folder


def test_all_cases_go_in_one_batch_at_half_the_price_and_a_second_run_says_the_same(
    suite: Path, server: StandIn, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("OPENAI_BASE_URL", f"{server.url}/v1")
    used = Usage(input=1_000, output=100)
    office = BatchOffice(server, lambda _: Answer('{"findings": [], "could_not_judge": []}', usage=used))
    words = ("eval", str(suite), "--model", MODELS[0], "--tier", "standard", "--at-once", "1", "--format", "json")
    whole = price(MODELS[0], used)
    assert whole
    for recalled in (False, True):
        assert cli.run([*words, "--batch"]) == 0
        told = capsys.readouterr()
        result = EvalResult.model_validate_json(told.out)
        assert [case.usd for case in result.cases] == [pytest.approx(3 * whole / 2)] * 2
        assert (f"6 answers recalled, ${3 * whole:.4f} not spent again" in told.err) is recalled
    assert [len(batch) for batch in office.batches] == [6]
