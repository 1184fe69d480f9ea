"""SARIF as tools write it: by the standard, past it, and not at all."""

import json
from pathlib import Path
from typing import Any

import pytest

from reviewbot.council.members import sarif_log
from reviewbot.council.members.sarif_log import MAX_MESSAGE, Log, Result, read_log
from reviewbot.errors import BadSettings

REAL = Path(__file__).parent / "sarif"


def written(folder: Path, *runs: object) -> Path:
    path = folder / "log.sarif"
    path.write_text(json.dumps({"version": "2.1.0", "runs": runs}))
    return path


def run_of(*results: object, rules: tuple[object, ...] = (), **more: Any) -> dict[str, Any]:
    return {"tool": {"driver": {"name": "Probe", "rules": rules}}, "results": results} | more


def result(uri: str = "src/a.py", line: object = 3, **more: Any) -> dict[str, Any]:
    place = {"artifactLocation": {"uri": uri}, "region": {"startLine": line}}
    return {"ruleId": "R1", "message": {"text": "It leaks."}, "locations": [{"physicalLocation": place}]} | more


def read(folder: Path, *results: object, rules: tuple[object, ...] = (), **more: Any) -> Log:
    return read_log(written(folder, run_of(*results, rules=rules, **more)))


def only(log: Log) -> Result:
    (found,) = log.results
    return found


@pytest.mark.parametrize(
    ("file", "tool", "rows"),
    [
        (
            "bandit.json",
            "bandit",
            [(2, "low", "injection"), (9, "high", "injection"), (13, "high", "other"), (17, "medium", "other"),
             (21, "low", "other")],
        ),
        ("semgrep.json", "semgrep", [(9, "high", "injection"), (17, "medium", "other"), (22, "low", "other")]),
    ],
)  # fmt: skip
def test_what_real_scanners_wrote_is_read(file: str, tool: str, rows: list[tuple[int, str, str]]) -> None:
    log = read_log(REAL / file)
    assert log.tool == tool
    assert [(found.start, found.severity, found.category) for found in log.results] == rows
    assert {(found.path, found.match) for found in log.results} == {("src/orders.py", "name")}
    assert all(found.message and found.rule and found.snippet for found in log.results)


@pytest.mark.parametrize(
    ("content", "reason"),
    [
        (b"", "is no JSON"),
        (b"{}", "is no SARIF log"),
        (b"[]", "is no SARIF log"),
        (b'{"version": "1.0.0", "runs": []}', "is SARIF 1.0.0"),
        (b'{"runs": "many"}', "is no SARIF log"),
        (b'{"runs": []}', "holds no run: no scanner looked"),
        (b'{"a":' * 100_000, "is no JSON (RecursionError)"),
        (b"\xff\xfe\xfa", "is no JSON"),
    ],
)
def test_what_is_no_sarif_is_said_in_one_line(tmp_path: Path, content: bytes, reason: str) -> None:
    path = tmp_path / "log.sarif"
    path.write_bytes(content)
    with pytest.raises(BadSettings) as caught:
        read_log(path)
    assert reason in str(caught.value)
    assert "\n" not in str(caught.value)


def test_a_file_that_is_not_there_or_far_too_large_is_refused(tmp_path: Path) -> None:
    with pytest.raises(BadSettings, match="cannot be read"):
        read_log(tmp_path / "none.sarif")
    large = tmp_path / "large.sarif"
    with large.open("wb") as file:
        file.truncate(50_000_001)
    with pytest.raises(BadSettings, match="more than 50,000,000 bytes"):
        read_log(large)


@pytest.mark.parametrize("encoding", ["utf-8-sig", "utf-16"])
def test_a_mark_in_front_and_the_encoding_of_a_shell_are_no_hindrance(tmp_path: Path, encoding: str) -> None:
    path = written(tmp_path, run_of(result()))
    path.write_bytes(path.read_text("utf-8").encode(encoding))
    assert only(read_log(path)).start == 3


def test_a_file_is_named_by_its_address_its_base_or_its_place_in_a_list(tmp_path: Path) -> None:
    rows = {
        "src/a.py": {"uri": "a.py", "uriBaseId": "SRC"}, "src/of_the_list.py": {"index": 0}, "b.py": {"uri": "./b.py"}
    }  # fmt: skip
    results = [result() for _ in rows]
    for found, artifact in zip(results, rows.values(), strict=True):
        found["locations"][0]["physicalLocation"]["artifactLocation"] = artifact
    listed = [{"location": {"uri": "src/of_the_list.py"}}]
    log = read(tmp_path, *results, originalUriBaseIds={"SRC": {"uri": "src/"}, "ODD": 1}, artifacts=listed)
    assert [found.path for found in log.results] == list(rows)


@pytest.mark.parametrize(
    ("level", "rule", "severity"),
    [
        ("error", {}, "high"), ("warning", {}, "medium"), ("note", {}, "low"), (None, {}, "medium"),
        (None, {"defaultConfiguration": {"level": "error"}}, "high"),
        ("note", {"properties": {"security-severity": "9.8"}}, "critical"),
        ("error", {"properties": {"security-severity": 5}}, "medium"),
        ("error", {"properties": {"security-severity": "0.0"}}, "low"),
        ("error", {"properties": {"security-severity": "grave"}}, "high"),
        ("error", {"properties": {"security-severity": "nan"}}, "high"),
        ("note", {"properties": {"security-severity": "1e999"}}, "low"),
    ],
)  # fmt: skip
def test_how_grave_it_is(tmp_path: Path, level: str | None, rule: dict[str, Any], severity: str) -> None:
    log = read(tmp_path, result(**({"level": level} if level else {})), rules=({"id": "R1"} | rule,))
    assert only(log).severity == severity


@pytest.mark.parametrize(
    ("rule", "security", "category"),
    [
        ({"properties": {"tags": ["external/cwe/cwe-089"]}}, True, "injection"),
        ({"properties": {"tags": ["CWE-22: Path Traversal"]}}, True, "path-traversal"),
        ({"properties": {"cwe": "CWE-918"}}, True, "ssrf"),
        ({"properties": {"tags": ["security"]}}, True, "other"),
        ({"properties": {"category": "security"}}, True, "other"),
        ({"properties": {"tags": ["maintainability"]}}, False, "other"),
        ({"relationships": [{"target": {"id": "502", "toolComponent": {"name": "CWE"}}}]}, True, "deserialization"),
        ({"shortDescription": {"text": "An AWS access key is in the code"}}, True, "secrets"),
        (
            {"properties": {"tags": ["CWE-89"]}, "shortDescription": {"text": "A password in a query"}},
            True,
            "injection",
        ),
        ({}, False, "other"),
    ],
)
def test_what_it_is_about(tmp_path: Path, rule: dict[str, Any], security: bool, category: str) -> None:
    found = only(read(tmp_path, result(), rules=({"id": "R1"} | rule,)))
    assert (found.security, found.category) == (security, category)


def test_a_rule_is_found_by_index_by_id_and_in_an_extension(tmp_path: Path) -> None:
    rules = ({"id": "R0"}, {"id": "R1", "shortDescription": {"text": "One"}})
    extension = {"name": "pack", "rules": [{"id": "X", "shortDescription": {"text": "Theirs"}}]}
    run = run_of(
        result(ruleIndex=1, message={}),
        result(ruleIndex=0, message={}, line=4),
        result(ruleId="X", message={}, line=5, rule={"toolComponent": {"index": 0}}),
        rules=rules,
    )
    run["tool"]["extensions"] = [extension]
    log = read_log(written(tmp_path, run))
    assert [found.message for found in log.results] == ["One", "One", "Theirs"]


def test_a_message_of_the_rule_has_its_blanks_filled_once_and_links_are_words(tmp_path: Path) -> None:
    rule = {"id": "R1", "messageStrings": {"m": {"text": "{0} reaches [the query](1) {7}."}}}
    log = read(tmp_path, result(message={"id": "m", "arguments": ["`{0}`"]}), rules=(rule,))
    assert only(log).message == "`{0}` reaches the query {7}."


@pytest.mark.parametrize(
    "message",
    [{"text": "{0}", "arguments": [f"{{{number + 1}}} " * 300 for number in range(19)] + ["x"]}, {"text": "[" * 9_000}],
)
def test_a_message_that_grows_without_end_is_read_to_a_point(tmp_path: Path, message: dict[str, Any]) -> None:
    assert len(only(read(tmp_path, result(message=message))).message) <= MAX_MESSAGE


def test_a_long_message_ends_between_two_words(tmp_path: Path) -> None:
    text = "a " * (MAX_MESSAGE // 2 - 4) + "half-of-a-secret"
    assert only(read(tmp_path, result(message={"text": text}))).message.endswith("a a")


def test_many_rules_and_results_are_read_in_one_pass_and_too_many_are_counted(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sarif_log, "MOST_RESULTS", 20)
    rules = tuple({"id": f"R{number}"} for number in range(3_000))
    log = read(tmp_path, *(result(ruleId=f"R{2_999 - n}", line=n + 1) for n in range(25)), rules=rules)
    assert (len(log.results), log.results[0].rule, log.unread) == (20, "R2999", 5)


def test_what_was_silenced_fixed_or_passed_is_counted_or_left_out(tmp_path: Path) -> None:
    log = read(
        tmp_path,
        result(suppressions=[{"kind": "inSource"}]),
        result(suppressions=[{"kind": "external", "status": "accepted"}]),
        result(baselineState="absent"),
        result(kind="pass"),
        result(suppressions=[]),
        result(suppressions=[{"kind": "external", "status": "underReview"}], line=4),
        result(line=None),
        {"ruleId": "R1"},
    )
    assert (len(log.results), log.suppressed, log.placeless) == (2, 3, 2)


@pytest.mark.parametrize(
    "odd",
    [
        None, 7, [], {"locations": "here"}, {"locations": [None]}, result(line="3"), result(line=True), result(line=-1),
        result(message="text") | {"locations": [{"physicalLocation": {"artifactLocation": [], "region": 5}}]},
    ],
)  # fmt: skip
def test_a_result_of_the_wrong_kind_hinders_nobody(tmp_path: Path, odd: object) -> None:
    log = read(tmp_path, odd, result(), properties=[], artifacts=None)
    assert (len(log.results), log.placeless) == (1, 1)


def test_several_tools_in_a_file_are_all_named(tmp_path: Path) -> None:
    tools = ({"driver": {"name": "Ünïcode <b>!"}}, None, {"driver": {"name": "Probe Enterprise Edition"}})
    runs = [run_of(result()), *(run_of() | {"tool": tool} for tool in tools)]
    assert read_log(written(tmp_path, *runs)).tool == "n-code-b+probe+unnamed"


WELL = {"executionSuccessful": True}
ERROR = {"level": "error", "message": {"text": "parse failed"}}


@pytest.mark.parametrize(
    ("run", "reason"),
    [
        ({}, ""),
        ({"invocations": [WELL | {"exitCode": 1, "toolExecutionNotifications": [{"level": "warning"}]}]}, ""),
        ({"results": [result()], "invocations": [{"exitCode": 1}]}, ""),
        ({"invocations": [{"executionSuccessful": False}]}, "not run to its end"),
        ({"invocations": [WELL, {"exitCode": 2}]}, "not run to its end"),
        ({"invocations": [{"exitCode": 1}]}, "not run to its end"),
        ({"invocations": [{"processStartFailureMessage": "no"}]}, "not run to its end"),
        ({"invocations": [WELL | {"toolExecutionNotifications": [ERROR]}]}, "met errors"),
        ({"invocations": [WELL | {"toolConfigurationNotifications": [ERROR]}]}, "met errors"),
        ({"results": None}, "wrote no list of results"),
        ({"results": "oops"}, "wrote no list of results"),
        ({"externalPropertyFileReferences": {"results": [{"location": {"uri": "r.json"}}]}}, "another file"),
    ],
)
def test_a_scan_that_did_not_look_at_everything_says_so(tmp_path: Path, run: dict[str, Any], reason: str) -> None:
    failed = read_log(written(tmp_path, run_of() | run)).failed
    assert reason in failed
    assert bool(failed) == bool(reason)


def test_a_run_without_results_is_not_one_that_found_nothing(tmp_path: Path) -> None:
    assert read_log(written(tmp_path, run_of(result()), {"tool": {"driver": {"name": "Probe"}}})).failed
