"""A scanner's seat: what stands on added lines is said, everything else is counted."""

import json
from pathlib import Path
from typing import Any

import pytest
from asking import a_call

from reviewbot.change import Change, Diff, File, Hunk
from reviewbot.council.answer import read_answer
from reviewbot.council.members import sarif_log
from reviewbot.council.members.sarif import open_scan, read_scan
from reviewbot.council.model import MAX_FINDINGS, Reply
from reviewbot.findings import Draft

REAL = Path(__file__).parent / "sarif"
ORDERS = (REAL / "orders.py.txt").read_text().splitlines()


def added(path: str, lines: list[str], start: int = 1) -> File:
    hunk = Hunk(old_start=0, new_start=start, body=tuple(f"+{line}" for line in lines))
    return File(path=path, old_path=None, status="added", hunks=(hunk,))


async def said(path: Path, *files: File, lens: str = "security") -> tuple[Reply, tuple[Draft, ...]]:
    async with open_scan(read_scan(path)) as ask:
        reply = await ask(a_call(lens=lens, change=Change(diff=Diff(files=files))))
    return reply, read_answer(reply.text).findings


def log_of(folder: Path, *results: dict[str, Any], **run: Any) -> Path:
    path = folder / "log.sarif"
    tool = {"driver": {"name": "Probe", "rules": [{"id": "S", "properties": {"tags": ["security"]}}]}}
    path.write_text(json.dumps({"runs": [{"tool": tool, "results": results} | run]}))
    return path


def result(uri: str = "src/a.py", line: int = 1, snippet: str = "", **more: Any) -> dict[str, Any]:
    region = {"startLine": line} | ({"snippet": {"text": snippet}} if snippet else {})
    place = {"physicalLocation": {"artifactLocation": {"uri": uri}, "region": region}}
    return {"ruleId": "S", "message": {"text": "It leaks. Badly."}, "locations": [place]} | more


@pytest.mark.parametrize(("file", "security", "rest"), [("bandit.json", 5, 0), ("semgrep.json", 1, 2)])
async def test_what_a_real_scanner_found_is_quoted_from_the_diff(file: str, security: int, rest: int) -> None:
    change = added("src/orders.py", ORDERS)
    reply, drafts = await said(REAL / file, change)
    _, others = await said(REAL / file, change, lens="architecture")
    assert (reply.outcome, reply.detail, len(drafts), len(others)) == ("ok", "", security, rest)
    assert all(draft.quote == ORDERS[draft.line - 1] for draft in (*drafts, *others))


async def test_a_scanner_is_a_family_and_looks_through_the_lenses_it_speaks_of() -> None:
    assert read_scan(REAL / "bandit.json").family == "bandit scanner"
    assert read_scan(REAL / "bandit.json").lenses == ("security",)
    assert read_scan(REAL / "semgrep.json").lenses == ("security", "architecture")


async def test_one_that_found_nothing_has_looked(tmp_path: Path) -> None:
    path = log_of(tmp_path)
    reply, drafts = await said(path, added("src/a.py", ["x"]))
    assert (read_scan(path).lenses, reply.outcome, drafts) == (("security",), "ok", ())


async def test_what_is_not_on_an_added_line_is_counted_with_its_reason(tmp_path: Path) -> None:
    path = log_of(
        tmp_path,
        result("src/other.py"),
        result(line=99),
        result(line=2, snippet="something else"),
        result(line=1, suppressions=[{"kind": "inSource"}]),
        {"message": {"text": "Of the whole project."}},
    )
    reply, drafts = await said(path, added("src/a.py", ["one", "two"]))
    assert drafts == ()
    assert reply.detail == (
        "2 results in code this change does not touch; 1 result of another revision of this code; "
        "1 result without a line; 1 result that somebody suppressed"
    )


@pytest.mark.parametrize(
    ("uri", "snippet", "found"),
    [
        ("src/a.py", "", True),
        ("./src/a.py", "", True),
        ("file:///builds/shop/src/a.py", "", True),
        ("C:\\build\\src\\a.py", "one", True),
        ("a.py", "one", False),
        ("vendor/copy/src/a.py", "one", False),
    ],
)
async def test_a_file_is_recognised_and_none_that_only_ends_alike(
    tmp_path: Path, uri: str, snippet: str, found: bool
) -> None:
    _, drafts = await said(log_of(tmp_path, result(uri, snippet=snippet)), added("src/a.py", ["    one = 1"]))
    assert [draft.path for draft in drafts] == ["src/a.py"] * found


async def test_a_line_whose_secret_was_taken_out_is_still_the_line(tmp_path: Path) -> None:
    path = log_of(tmp_path, result(snippet="key = 'abc'"))
    _, drafts = await said(path, added("src/a.py", ["key = '<SECRET:api-key:1>'"]))
    assert [draft.quote for draft in drafts] == ["key = '<SECRET:api-key:1>'"]


async def test_a_file_of_an_unknown_base_must_show_the_code(tmp_path: Path) -> None:
    bases = {"OTHER": {"uri": "file:///other/vendor/"}}
    for snippet, found in (("one", 1), ("", 0)):
        said_of = result(snippet=snippet)
        said_of["locations"][0]["physicalLocation"]["artifactLocation"]["uriBaseId"] = "OTHER"
        _, drafts = await said(log_of(tmp_path, said_of, originalUriBaseIds=bases), added("src/a.py", ["one"]))
        assert len(drafts) == found


@pytest.mark.parametrize("before", ["The token ", "x " * 735])
async def test_a_secret_that_a_scanner_prints_goes_no_further(tmp_path: Path, before: str) -> None:
    secret = "ghp_" + "aB3dE6gH9jK2mN5pQ8sT1vW4yZ7bC0eF3hI6"
    path = log_of(tmp_path, result(message={"text": f"{before}{secret} is committed."}, ruleId=f"secret {secret}"))
    reply, drafts = await said(path, added("src/a.py", ["token = 1"]))
    assert len(drafts) == 1
    assert secret[:12] not in reply.text


async def test_a_region_begins_at_its_first_added_line_and_is_quoted_to_its_end(tmp_path: Path) -> None:
    found = result(line=1)
    found["locations"][0]["physicalLocation"]["region"]["endLine"] = 3
    body = (" def pay():", "+    one()", "+    two()", " # end")
    file = File(path="src/a.py", old_path=None, status="modified", hunks=(Hunk(old_start=1, new_start=1, body=body),))
    _, (draft,) = await said(log_of(tmp_path, found), file)
    assert (draft.line, draft.quote, draft.title) == (2, "    one()\n    two()", "It leaks.")
    assert draft.body == "It leaks. Badly.\n\nRule S of probe."


async def test_a_flood_is_cut_at_its_least_and_is_not_whole(tmp_path: Path) -> None:
    lines = [f"line {number}" for number in range(250)]
    many = [result(line=number, level="note") for number in range(1, 250)] + [result(line=250, level="error")]
    reply, drafts = await said(log_of(tmp_path, *many), added("src/a.py", lines))
    assert (reply.outcome, len(drafts), drafts[0].severity) == ("cut", MAX_FINDINGS, "high")
    assert reply.detail == "50 results beyond the first 200, not read"


async def test_a_scan_that_broke_off_is_not_whole_and_one_that_did_not_look_is_no_answer(tmp_path: Path) -> None:
    path = log_of(tmp_path, result(), invocations=[{"executionSuccessful": False}])
    reply, drafts = await said(path, added("src/a.py", ["x"]))
    assert (reply.outcome, len(drafts), reply.detail) == ("cut", 1, "probe says that it did not run to its end")
    async with open_scan(read_scan(log_of(tmp_path, results=None))) as ask:
        reply = await ask(a_call(lens="security"))
    assert (reply.outcome, reply.text) == ("fatal", "")
    assert reply.detail == "probe wrote no list of results, so it did not look"


def test_each_category_is_one_of_the_security_lens() -> None:
    page = (Path(__file__).parents[3] / "prompts" / "lenses" / "security.md").read_text()
    categories = page.split("categories: [")[1].split("]")[0].split(", ")
    assert sarif_log.CWES.keys() <= set(categories)
