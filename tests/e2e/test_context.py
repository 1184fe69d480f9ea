"""A bug that no line of the diff shows: a model can see it because the code around the change is in its prompt."""

import json
import subprocess
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from e2e.pushes import Pushes
from sources.git_host import serving
from stand_in import Answer, Request, StandIn

from reviewbot.council import Usage
from reviewbot.doors.cli import run
from reviewbot.doors.pull_request import Done, Wish

CHARGE = """\
import bank


def charge(amount, currency):
    bank.send(amount=amount, currency=currency)
"""
CALLER = "from shop.charge import charge\n\n\ndef pay(order):\n    return charge(order.total, order.currency)\n"
FINDING = {
    "title": "A caller still gives the amount first",
    "body": "shop/order.py calls charge(order.total, order.currency), which now takes the currency first.",
    "severity": "critical",
    "confidence": "certain",
    "category": "other",
    "path": "shop/charge.py",
    "side": "new",
    "line": 4,
    "quote": "def charge(currency, amount):",
    "fix": None,
    "assumption": None,
}


@pytest.fixture
def vendor(monkeypatch: pytest.MonkeyPatch) -> Iterator[StandIn]:
    """A model that tells of the caller where it is shown one, and else finds nothing."""
    with StandIn() as server:

        def respond(request: Request) -> Answer:
            sees = "charge(order.total, order.currency)" in "".join(request.texts)
            said = {"findings": [FINDING] if sees else [], "could_not_judge": [], "verdicts": []}
            return Answer(json.dumps(said), usage=Usage(input=2_000, output=100))

        server.respond = respond
        monkeypatch.setenv("REVIEWBOT_SERVERS", f"box={server.url}/v1")
        yield server


@pytest.fixture
def work(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A repository whose work tree swaps the parameters of `charge`, and forgets a caller in another file."""

    def git(*words: str) -> None:
        who = ["-c", "user.name=A", "-c", "user.email=a@example.com"]
        subprocess.run(["git", *who, *words], cwd=tmp_path, check=True, capture_output=True)

    git("init", "-q", "-b", "main")
    (tmp_path / "shop").mkdir()
    (tmp_path / "shop" / "charge.py").write_text(CHARGE)
    (tmp_path / "shop" / "order.py").write_text(CALLER)
    (tmp_path / "shop" / "link.py").symlink_to("/etc/passwd")
    git("add", ".")
    git("commit", "-qm", "Start")
    (tmp_path / "shop" / "charge.py").write_text(CHARGE.replace("amount, currency)", "currency, amount)"))
    monkeypatch.chdir(tmp_path)
    return tmp_path


def checked(capsys: pytest.CaptureFixture[str], *words: str) -> dict[str, Any]:
    assert run(["check", "--format", "json", "--model", "box/a-model", "--lens", "assumptions", *words]) == 0
    report: dict[str, Any] = json.loads(capsys.readouterr().out)
    return report


def test_a_caller_elsewhere_that_the_change_breaks_is_seen(
    work: Path, vendor: StandIn, capsys: pytest.CaptureFixture[str]
) -> None:
    report = checked(capsys)
    assert [finding["title"] for finding in report["findings"]] == [FINDING["title"]]
    shown = "".join(vendor.requests[0].texts)
    assert "shop/order.py (caller of charge, unchanged)" in shown
    assert "\n5     return charge(order.total, order.currency)\n" in shown
    assert "root:" not in shown

    (work / "only.diff").write_bytes(subprocess.run(["git", "diff"], check=True, capture_output=True).stdout)
    assert checked(capsys, "--diff", "only.diff")["findings"] == []


@pytest.fixture
def pushes(tmp_path: Path) -> Pushes:
    """The same change as a pull request on the fake GitHub, whose repository git cannot fetch yet."""
    base = {"shop/charge.py": CHARGE, "shop/order.py": CALLER}
    return Pushes(
        tmp_path / "world", base, {"shop/charge.py": CHARGE.replace("amount, currency)", "currency, amount)")}
    )


def reviewed(pushes: Pushes, vendor: StandIn) -> Done:
    server = {"box": {"url": f"{vendor.url}/v1"}}
    return pushes.review(Wish(), models=("box/a-model",), servers=server, lenses=("assumptions",))


def test_of_a_pull_request_the_head_is_fetched_and_searched(pushes: Pushes, vendor: StandIn, tmp_path: Path) -> None:
    (tmp_path / "served" / "octo").mkdir(parents=True)
    (tmp_path / "served" / "octo" / "shop.git").symlink_to(pushes.world.store.path)
    with serving(tmp_path / "served") as host:
        pushes.world.address = host.url("").rstrip("/")
        report = reviewed(pushes, vendor).report
    assert report
    assert [finding.title for finding in report.findings] == [FINDING["title"]]
    assert not [note for note in report.notes if "around" in note]


def test_a_head_that_cannot_be_fetched_costs_the_context_and_is_said(pushes: Pushes, vendor: StandIn) -> None:
    report = reviewed(pushes, vendor).report
    assert report
    assert (report.findings, report.complete) == ((), True)
    assert any(note.startswith("No code around the change was shown: git fetch") for note in report.notes)
