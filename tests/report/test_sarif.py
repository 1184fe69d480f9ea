import base64
import gzip
import json
import os
from typing import Any
from urllib.parse import unquote

import pytest
from hypothesis import given, settings
from report import samples
from report.hostility import hostile_text

from reviewbot.report.model import Report, ReportCheck
from reviewbot.report.sarif import MAX_RESULTS, render


def run_of(report: Report) -> dict[str, Any]:
    """The one run of the file, checked against what SARIF 2.1.0 and GitHub's reading of it ask of every file."""
    text = render(report)
    assert text.isascii()
    log = json.loads(text)
    assert log["version"] == "2.1.0"
    assert len(log["runs"]) == 1
    run: dict[str, Any] = log["runs"][0]
    rules = run["tool"]["driver"]["rules"]
    assert len({rule["id"] for rule in rules}) == len(rules)
    for rule in rules:
        assert rule["shortDescription"]["text"]
        assert len(rule["properties"]["tags"]) <= 20
        assert 0 < float(rule["properties"].get("security-severity", 1)) <= 10
    for result in run["results"]:
        assert rules[result["ruleIndex"]]["id"] == result["ruleId"]
        assert result["level"] in {"warning", "note"}, "an error would make a check red"
        assert 0 <= result["rank"] <= 100
        assert result["message"]["text"]
        assert len(result["locations"]) == 1
        place = result["locations"][0]["physicalLocation"]
        assert 1 <= place["region"]["startLine"] <= place["region"]["endLine"]
        uri = place["artifactLocation"]["uri"]
        assert not uri.startswith("/")
        assert ".." not in uri.split("/")
        assert ":" not in uri
    assert isinstance(run["invocations"][0]["executionSuccessful"], bool)
    assert all(note["message"]["text"] for note in run["invocations"][0]["toolExecutionNotifications"])
    return run


@pytest.mark.parametrize("situation", samples.EVERY)
def test_every_report_is_a_file_that_github_takes(situation: str):
    report = samples.EVERY[situation]()
    assert len(run_of(report)["results"]) == sum(finding.placement != "withheld" for finding in report.findings)


@settings(max_examples=30, deadline=None)
@given(hostile_text)
def test_whatever_a_report_says_the_file_holds_and_links_nowhere(text: str):
    run = run_of(samples.hostile(text))
    assert all("](" not in result["message"]["text"] for result in run["results"])


def test_a_finding_is_a_result_of_its_rule_at_its_lines():
    run = run_of(samples.council())
    first, rule = run["results"][0], run["tool"]["driver"]["rules"][0]
    assert rule["id"] == "assumptions/identity"
    assert first["level"] == rule["defaultConfiguration"]["level"] == "warning"
    assert rule["properties"]["tags"] == ["assumptions", "critical"]
    place = first["locations"][0]["physicalLocation"]
    assert place["artifactLocation"]["uri"] == "billing/webhooks.py"
    assert place["region"] == {"startLine": 34, "endLine": 36}
    assert first["message"]["text"].startswith("A payment is credited to whoever holds the payer's e-mail.\n\n")


def test_the_fingerprint_is_the_finding_and_not_its_line():
    moved = tuple(samples.finding(line=line, start_line=line) for line in (10, 50))
    first, second = (run_of(samples.run_of((samples.seat(),), (one,)))["results"][0] for one in moved)
    assert first["partialFingerprints"] == second["partialFingerprints"]
    assert samples.finding().id in first["partialFingerprints"].values()


def test_only_a_security_rule_has_a_score_and_it_is_that_of_its_worst_finding():
    found = (samples.finding(1, severity="low"), samples.finding(2, severity="critical"), samples.emblem(3))
    rules = run_of(samples.run_of((samples.seat(),), found))["tool"]["driver"]["rules"]
    assert [rule["properties"].get("security-severity") for rule in rules] == ["9.5", None]


def test_a_removed_line_and_a_finding_without_a_place_stand_at_the_first_line_of_their_file():
    removed = samples.finding(1, side="old", start_line=17, line=17)
    nowhere = samples.finding(2, start_line=None, line=None)
    results = run_of(samples.run_of((samples.seat(),), (removed, nowhere)))["results"]
    regions = [one["locations"][0]["physicalLocation"]["region"] for one in results]
    assert regions == [{"startLine": 1, "endLine": 1}] * 2
    assert "shop/refunds.py:17 (removed)" in results[0]["message"]["text"]


def test_a_withheld_finding_is_left_out_and_counted_because_github_would_show_it():
    dismissed = samples.finding(1, placement="withheld", reason="dismissed by a person", severity="critical")
    run = run_of(samples.run_of((samples.seat(),), (dismissed, samples.finding(2))))
    assert [one["partialFingerprints"]["reviewbotFinding/v1"] for one in run["results"]] == ["000000000002"]
    notes = [note["message"]["text"] for note in run["invocations"][0]["toolExecutionNotifications"]]
    assert notes[1].startswith("1 finding withheld or dismissed: not in this file")


def test_no_message_holds_a_secret_or_half_of_one():
    key = "ghp_" + "a1B2c3D4e5F6g7H8i9J0k1L2m3N4o5P6q7R8"
    for filling in range(1_890, 2_001, 10):
        body = "word " * (filling // 5) + key
        assert key[:10] not in render(samples.run_of((samples.seat(),), (samples.finding(body=body),)))


@pytest.mark.parametrize("path", ["a b/ü#?.py", "/etc/passwd", "../../x", "c:/x", "a//b", "\U0001f600.py"])
def test_a_path_stays_in_the_repository_and_is_a_uri(path: str):
    run = run_of(samples.run_of((samples.seat(),), (samples.finding(path=path),)))
    uri = run["results"][0]["locations"][0]["physicalLocation"]["artifactLocation"]["uri"]
    assert unquote(uri) == path.replace("../", "").replace("//", "/").lstrip("/")


def test_nothing_found_and_could_not_look_are_told_apart():
    assert run_of(samples.nothing_found())["invocations"][0]["executionSuccessful"]
    assert run_of(samples.empty())["invocations"][0]["executionSuccessful"]
    silent = samples.run_of((samples.seat(state="refused", findings=0),))
    assert not run_of(silent)["invocations"][0]["executionSuccessful"]
    assert not run_of(samples.binary_only())["invocations"][0]["executionSuccessful"]


def test_seats_that_failed_and_files_not_covered_are_named():
    notes = [
        note["message"]["text"] for note in run_of(samples.failing())["invocations"][0]["toolExecutionNotifications"]
    ]
    assert "Incomplete: 6 of 10 seats did not answer" in notes[0]
    assert any("refused: the model declined" in note for note in notes)
    assert any(note.startswith("vendor/jquery.js was not covered") for note in notes)


def test_six_thousand_findings_keep_the_first_five_thousand_and_say_so():
    found = tuple(samples.finding(n) for n in range(6_000, 0, -1))
    run = run_of(samples.run_of((samples.seat(),), found))
    assert [one["partialFingerprints"]["reviewbotFinding/v1"] for one in run["results"]] == [
        f"{n:012x}" for n in range(1, MAX_RESULTS + 1)
    ]
    notes = [note["message"]["text"] for note in run["invocations"][0]["toolExecutionNotifications"]]
    assert "1,000 findings of lower rank are not in this file" in notes[1]


def test_a_file_that_does_not_compress_is_cut_until_github_takes_it():
    found = tuple(samples.finding(n, body=base64.b64encode(os.urandom(1_400)).decode()) for n in range(100))
    text = render(samples.run_of((samples.seat(),), found), limit=100_000)
    assert len(gzip.compress(text.encode())) <= 100_000
    assert len(json.loads(text)["runs"][0]["results"]) == 50


def test_what_was_looked_up_is_told_without_words():
    looked = (ReportCheck(check="quote", holds=True, detail="d"), ReportCheck(check="fix", holds=False, detail="d"))
    found = run_of(samples.run_of((samples.seat(),), (samples.finding(evidence=looked), samples.finding(2))))["results"]
    assert [one["properties"].get("checks") for one in found] == [{"quote": True, "fix": False}, None]


def test_a_challenge_is_told_by_word_and_figure():
    said = [result["properties"].get("challenge") for result in run_of(samples.challenged())["results"]]
    assert said == [
        {"by": "openai", "verdict": "upheld", "importance": 85},
        {"by": "anthropic", "verdict": "unsure", "importance": 30},
    ]
    assert "challenge" not in run_of(samples.rules_alone())["results"][0]["properties"]
