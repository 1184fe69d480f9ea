"""Secrets of a change: no member is told one, and nothing that is kept, printed or posted holds one (THREATS S25)."""

import base64
import json
import logging
import random
from collections.abc import Iterator
from contextlib import nullcontext
from typing import Any

import pytest
from change.test_vendor_keys import FORMS, made

from reviewbot.change import Change, Diff, Excerpt, File, Hunk
from reviewbot.council import Call, Invited, Member, Reply
from reviewbot.council.reading import read_change, with_context
from reviewbot.pipeline import hear, judge
from reviewbot.record import dump_record
from reviewbot.report import FORMATS
from reviewbot.settings import Operator, Policy
from reviewbot.wiring import seat_council

PASSWORD = "vW9#kq2Lm!7t-Zx"
PEM_LINES = ["MIIEvQIBADANBgkqhkiG9w0BAQEFAASCBKcwggSjAgEAAoIBAQDHlIhe7GLC" + tail for tail in ("eSk8", "Qm3x", "0ZtR")]
PEM = ["-----BEGIN " + "PRIVATE KEY-----", *PEM_LINES, "-----END " + "PRIVATE KEY-----"]
KEYS = {
    f"{kind}-{number}": made(parts, number) for kind, forms in FORMS.items() for number, parts in enumerate(forms)
}  # fmt: skip
"""Kind to a line that holds a key, and the part of it that must go."""


def file(*added: str, path: str = "app/code.py") -> File:
    hunk = Hunk(old_start=1, new_start=1, body=tuple(f"+{line}" for line in added))
    return File(path=path, old_path=None, status="added", hunks=(hunk,))


def dresses(secret: str) -> Iterator[str]:
    """As it is, and the middle of its base64 at each of three places among other bytes."""
    yield secret
    for before in range(3):
        coded = base64.b64encode(b"x" * before + secret.encode()).decode()
        yield coded[4 : len(coded) // 4 * 4 - 4]


class Parrot:
    """A model that says everything it was sent."""

    def __init__(self) -> None:
        self.told: list[str] = []
        self.invited = Invited(member=Member(name="ada/m", family="ada"), connect=lambda: nullcontext(self._ask))

    async def _ask(self, call: Call) -> Reply:
        told = f"{call.rules}\n{call.shown}\n{call.question}"
        self.told.append(told)
        facts: dict[str, Any] = {"severity": "high", "confidence": "likely", "category": "other", "side": "new"}
        draft = {"title": "All", "body": told, "path": "app/code.py", "line": 1, "quote": told[:500], "fix": None}
        text = json.dumps({"findings": [draft | facts | {"assumption": None}], "could_not_judge": [], "verdicts": []})
        return Reply(outcome="ok", text=text)


async def outward(change: Change) -> tuple[list[str], list[str]]:
    """What models were told, and what was kept and written in every form."""
    parrot = Parrot()
    rules = seat_council(Operator(models=("rules/builtin",)), Policy())
    record = await hear(change, Operator(), (parrot.invited, *rules))
    report = judge(record)
    return parrot.told, [dump_record(record), *(write(report) for write in FORMATS.values())]


def words(line: str) -> str:
    return f"configure({line!r})" if '"' not in line else line


def coded(line: str) -> str:
    return f"  data: {base64.b64encode(line.encode()).decode()}"


@pytest.mark.parametrize("dress", [words, coded], ids=["plain", "base64"])
async def test_no_key_of_any_vendor_is_told_kept_or_written(dress: Any, caplog: pytest.LogCaptureFixture):
    caplog.set_level(logging.DEBUG)
    lines = [line for line, _ in KEYS.values()]
    change = Change(
        diff=Diff(files=(file(*map(dress, lines)), file(*lines, path="README.md"))),
        intent="\n".join(lines),
        description="Keys",
    )
    told, written = await outward(change)
    assert told
    everything = "\n".join((*told, *written, caplog.text))
    assert [kind for kind, (_, secret) in KEYS.items() if any(dress in everything for dress in dresses(secret))] == []


async def test_a_password_is_a_finding_with_kind_and_place_and_without_its_value():
    change = Change(diff=Diff(files=(file("x = 1", f'password = "{PASSWORD}"', f'log("{PASSWORD}")'),)))
    parrot = Parrot()
    rules = seat_council(Operator(models=("rules/builtin",)), Policy())
    report = judge(await hear(change, Operator(), (parrot.invited, *rules)))
    found = [(f.path, f.line, f.category) for f in report.findings if "rules" in f.raised_by]
    assert found == [("app/code.py", 2, "secrets")]
    assert PASSWORD not in report.model_dump_json()
    assert PASSWORD not in "".join(parrot.told)
    assert '3+log("<SECRET:password:1>")' in parrot.told[0], "the same value has the same name"


async def test_no_model_is_shown_a_file_that_holds_a_private_key_and_rules_are():
    change = Change(diff=Diff(files=(file("reader = open(path)", *PEM, path="app/keys.py"), file("x = 1"))))
    told, written = await outward(change)
    assert "reader = open" not in "".join(told)
    assert "app/keys.py" in told[0], "that it changed is said"
    report = json.loads(written[2])
    assert [(gap["path"], gap["lines"]) for gap in report["not_covered"]] == [("app/keys.py", 6)]
    assert "private key" in report["not_covered"][0]["why"]
    assert [(f["path"], f["line"]) for f in report["findings"] if f["category"] == "secrets"] == [("app/keys.py", 3)]
    assert [line for line in PEM_LINES for text in (*told, *written) if line in text] == []


def test_code_around_the_change_names_a_secret_as_the_change_does():
    token = "ghp_" + "Zk3qRw" * 6
    reading = read_change(Change(diff=Diff(files=(file(f'a = "{token}"', f'connect("{PASSWORD}")'),))), Operator())
    around = [
        Excerpt(path=path, start_line=1, kind="caller", about="x", text=text)
        for path, text in (
            ("b.py", f'use("{token}")'), ("c.py", f'password = "{PASSWORD}"'),
            ("d.py", "\n".join(PEM)), ("e.py", "\u202e"),
        )
    ]  # fmt: skip
    seen = with_context(reading, around)
    assert [excerpt.text for excerpt in seen.context] == [
        'use("<SECRET:github:1>")', 'password = "<SECRET:password:1>"', "<U+202E>",
    ]  # fmt: skip
    assert seen.diff.files[0].hunks[0].body[1] == '+connect("<SECRET:password:1>")', "the code around it told"


def test_ordinary_values_of_a_project_stay():
    dice = random.Random(11)  # noqa: S311  the same values in every run
    values = [
        line
        for _ in range(150)
        for line in (
            f'uuid = "{dice.getrandbits(128):032x}"',
            f"resolved sha512-{base64.b64encode(dice.randbytes(64)).decode()}",
            f'etag: "{dice.getrandbits(160):040x}"',
            f"image: shop@sha256:{dice.getrandbits(256):064x}",
            f'fixture_token = "test-token-{dice.randrange(10**6)}"',
            f'data = "{base64.b64encode(dice.randbytes(48)).decode()}"',
            f"def test_{dice.getrandbits(40):x}_is_kept(password: str) -> None: ...",
        )
    ]
    reading = read_change(Change(diff=Diff(files=(file(*values),))), Operator())
    assert len(reading.values) < len(values) / 100
