"""A SARIF 2.1.0 log as plain results: who found what, where, and how grave. Knows the format and how tools bend it.

Tools leave out what the standard asks for, so a field of the wrong kind counts as absent and a result without a place
is counted, never an error. Only a file that is no SARIF at all is refused. Every text in it is untrusted.
"""

import json
import re
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any, NamedTuple, TypeGuard

from reviewbot.council.members.sarif_place import Base, Match, Place, locate
from reviewbot.errors import BadSettings
from reviewbot.findings import Confidence, Severity

MAX_BYTES = 50_000_000
"""Some scanners write every file they read into the log; a larger one is of something else than a change."""
MOST_RESULTS = 25_000
"""Of one file, as many as GitHub takes of a run."""
MAX_MESSAGE = 4_000
"""Characters that are read of one. Whoever shows it takes secrets out first and cuts it then."""
SCORES: tuple[tuple[float, Severity], ...] = ((9.0, "critical"), (7.0, "high"), (4.0, "medium"), (0.0, "low"))
"""`security-severity` is a CVSS score, with its usual borders."""
HIGHEST_SCORE = 10.0
LEVELS: Mapping[str, Severity] = {"error": "high", "warning": "medium", "note": "low", "none": "low"}
CWES: Mapping[str, frozenset[int]] = {
    "injection": frozenset({74, 77, 78, 88, 89, 90, 91, 94, 95, 643, 917, 943, 1336}),
    "xss": frozenset({79, 80}),
    "path-traversal": frozenset({22, 23, 36, 59, 73}),
    "deserialization": frozenset({502}),
    "ssrf": frozenset({918}),
    "authentication": frozenset({287, 306, 384, 521}),
    "authorization": frozenset({269, 284, 285, 639, 732, 862, 863}),
    "secrets": frozenset({259, 321, 522, 798}),
    "tls": frozenset({295, 297, 319}),
    "randomness": frozenset({330, 331, 338}),
    "information-leak": frozenset({200, 209, 532}),
    "denial-of-service": frozenset({400, 730, 770, 776, 1333}),
    "supply-chain": frozenset({494, 829, 1104, 1357}),
}
"""Category of the security lens to the weaknesses that fall under it."""
_CWE = re.compile(r"cwe[-/: ]{0,2}0{0,3}(\d{1,4})\b", re.IGNORECASE)
_SECRET = re.compile(r"secret|credential|passw(or)?d|(api|access|auth|private)[-_ ]?(key|token)", re.IGNORECASE)
"""In the name of a rule: scanners for nothing else say nowhere that they look for security."""
_LINK = re.compile(r"\[([^\[\]]{0,300})\]\([^()\[\]]{0,300}\)")
_EDITION = re.compile(r"(-(oss|pro|ce|ee|cli|community|enterprise|edition|command-line-toolchain))+$")


class Result(NamedTuple):
    """One result with a place."""

    path: str
    match: Match
    start: int
    end: int
    snippet: str
    """The code as the tool saw it, or empty."""
    rule: str
    message: str
    severity: Severity
    confidence: Confidence
    category: str
    security: bool


class Log(NamedTuple):
    """A whole file."""

    tool: str
    """Its name in lower case; of several, all of them."""
    results: tuple[Result, ...]
    suppressed: int
    """Results that a person or a comment in the code has silenced."""
    placeless: int
    """Results of no line of a file."""
    unread: int
    """Results beyond MOST_RESULTS."""
    failed: str
    """Why it did not look at everything, behind its name; empty where nothing speaks for that."""


def read_log(path: Path) -> Log:
    """The log in a file. Raises BadSettings where there is none."""
    who, remedy = f"sarif {path}", "name a file in SARIF 2.1.0, as the scanner writes it"
    try:
        if path.stat().st_size > MAX_BYTES:
            raise BadSettings(who, f"has more than {MAX_BYTES:,} bytes", "have the scanner write its results only")
        content = json.loads(path.read_bytes().removeprefix(b"\xef\xbb\xbf"))
    except OSError as e:
        raise BadSettings(who, f"cannot be read ({e.strerror})", remedy) from e
    except (ValueError, RecursionError) as e:
        raise BadSettings(who, f"is no JSON ({type(e).__name__})", remedy) from e
    log = _mapping(content)
    version = _text(log.get("version"))
    if not isinstance(log.get("runs"), list) or version.startswith("1."):
        raise BadSettings(who, f"is SARIF {version}" if version else "is no SARIF log: it has no runs", remedy)
    if not log["runs"]:
        raise BadSettings(who, "holds no run: no scanner looked", "run the scanner again")
    return _log([_mapping(run) for run in log["runs"]], Path.cwd().as_posix())


def _log(runs: list[Mapping[str, Any]], here: str) -> Log:
    results, suppressed, placeless, unread = list[Result](), 0, 0, 0
    for run in runs:
        read, found = _read_run(run), list(map(_mapping, _list(run.get("results"))))
        room = max(0, MOST_RESULTS - len(results) - suppressed - placeless)
        unread += len(found[room:])
        for result in found[:room]:
            if _silenced(result):
                suppressed += 1
            elif _text(result.get("kind")) in ("", "fail", "open", "review"):
                places = tuple(_results(result, read, here))
                results += places
                placeless += not places
    tool = "+".join(sorted(set(map(_tool, runs))))
    failed = "; ".join(dict.fromkeys(filter(None, map(_failure, runs))))
    return Log(tool, tuple(dict.fromkeys(results)), suppressed, placeless, unread, failed)


def _failure(run: Mapping[str, Any]) -> str:
    """What says that the tool did not look at everything. An exit code of 1 may just say that it found something."""
    if _list(_at(run, "externalPropertyFileReferences").get("results")):
        return "wrote its results into another file, which nobody read"
    if not isinstance(run.get("results"), list):
        return "wrote no list of results, so it did not look"
    for invocation in map(_mapping, _list(run.get("invocations"))):
        well, code = invocation.get("executionSuccessful"), invocation.get("exitCode")
        bad_code = isinstance(code, int) and code not in ((0, 1) if run["results"] else (0,))
        if well is False or "processStartFailureMessage" in invocation or (well is not True and bad_code):
            return "says that it did not run to its end"
        told = (*_list(invocation.get("toolExecutionNotifications")),
                *_list(invocation.get("toolConfigurationNotifications")))  # fmt: skip
        if any(_mapping(one).get("level") == "error" for one in told):
            return "says that it met errors, so it may not have read everything"
    return ""


def _tool(run: Mapping[str, Any]) -> str:
    """Its name as a word, whatever the edition: it will stand among those of vendors."""
    name = _text(_at(run, "tool", "driver").get("name")).lower()
    return _EDITION.sub("", re.sub(r"[^a-z0-9.]+", "-", name)[:80].strip("-."))[:40] or "unnamed"


def _silenced(result: Mapping[str, Any]) -> bool:
    """An empty list says that nobody silenced it; a suppression that was asked for or turned down silences nothing."""
    said = [_text(_mapping(one).get("status")) for one in _list(result.get("suppressions"))]
    return any(status in ("", "accepted") for status in said) or _text(result.get("baselineState")) == "absent"


def _results(result: Mapping[str, Any], run: "_Run", here: str) -> Iterator[Result]:
    """One for its first place: the others of a result are other views of the same thing."""
    rule = _rule(result, run)
    properties = _mapping(rule.get("properties")) | _mapping(result.get("properties"))
    name = (_text(rule.get("id")) or _text(result.get("ruleId")))[:200]
    cwes, security = _weaknesses(rule, properties)
    secret = _SECRET.search(f"{name} {_text(_mapping(rule.get('shortDescription')).get('text'))[:200]}") is not None
    kind = next((kind for kind, numbers in CWES.items() if numbers & cwes), "secrets" if secret else "other")
    for location in map(_mapping, _list(result.get("locations"))[:1]):
        place = _mapping(location.get("physicalLocation"))
        region = _mapping(place.get("region"))
        start, where = _whole(region.get("startLine")), _place(_mapping(place.get("artifactLocation")), run, here)
        level = _text(result.get("level")) or _text(_mapping(rule.get("defaultConfiguration")).get("level"))
        if start and where.path:
            yield Result(
                path=where.path,
                match=where.match,
                start=start,
                end=max(start, _whole(region.get("endLine"))),
                snippet=_text(_mapping(region.get("snippet")).get("text")),
                rule=name,
                message=_message(result, rule),
                severity=_severity(level, properties),
                confidence=_confidence(level, properties),
                category=kind,
                security=security or secret,
            )


class _Run(NamedTuple):
    """What the results of a run refer to, read once."""

    parts: tuple[list[dict[str, Any]], ...]
    """The rules of the tool, and of each of its extensions."""
    by_id: Mapping[str, Mapping[str, Any]]
    """All rules; of those called alike, the first."""
    artifacts: list[Any]
    bases: Mapping[str, Base]


def _read_run(run: Mapping[str, Any]) -> _Run:
    tools = (_at(run, "tool", "driver"), *map(_mapping, _list(_at(run, "tool").get("extensions"))))
    parts = tuple([_mapping(rule) for rule in _list(tool.get("rules"))] for tool in tools)
    by_id = {_text(rule.get("id")): rule for part in reversed(parts) for rule in reversed(part)}
    said = {name: _mapping(base) for name, base in _at(run, "originalUriBaseIds").items()}
    bases = {name: Base(_text(base.get("uri")), _text(base.get("uriBaseId"))) for name, base in said.items()}
    return _Run(parts, by_id, _list(run.get("artifacts")), bases)


def _rule(result: Mapping[str, Any], run: _Run) -> Mapping[str, Any]:
    """The description of its rule, by index where that fits and else by id; empty where the tool gave none."""
    told = _mapping(result.get("rule"))
    name = _text(result.get("ruleId")) or _text(told.get("id"))
    component, index = _mapping(told.get("toolComponent")).get("index"), result.get("ruleIndex", told.get("index"))
    part = run.parts[component + 1 if _is_index(component, len(run.parts) - 1) else 0]
    if _is_index(index, len(part)) and part[index].get("id") in (name, None):
        return part[index]
    return (name and run.by_id.get(name)) or {}


def _is_index(value: object, length: int) -> TypeGuard[int]:
    return isinstance(value, int) and 0 <= value < length


def _weaknesses(rule: Mapping[str, Any], properties: Mapping[str, Any]) -> tuple[set[int], bool]:
    """The CWE numbers, and whether it is about security, by tags, taxa, words and scores as tools give them."""
    said = [_text(tag) for tag in _list(properties.get("tags"))]
    said += [_text(one) for one in (*_list(properties.get("cwe")), properties.get("cwe"), properties.get("category"))]
    for relation in map(_mapping, _list(rule.get("relationships"))):
        target = _mapping(relation.get("target"))
        said.append(f"{_text(_mapping(target.get('toolComponent')).get('name'))}-{_text(target.get('id'))}")
    cwes = {int(found[1]) for text in said for found in _CWE.finditer(text.replace("CWE-CWE", "CWE"))}
    security = bool(cwes) or "security-severity" in properties or any("security" in text.lower() for text in said)
    return cwes, security


def _severity(level: str, properties: Mapping[str, Any]) -> Severity:
    try:
        score = float(str(properties.get("security-severity")))
    except ValueError:
        score = -1.0
    if not 0 <= score <= HIGHEST_SCORE:
        return LEVELS.get(level, "medium")  # the standard's own default is a warning
    return next(severity for least, severity in SCORES if score >= least)


def _confidence(level: str, properties: Mapping[str, Any]) -> Confidence:
    """Never certain: what a tool says of its own precision is no measure across tools."""
    sure = _text(properties.get("precision")) in ("very-high", "high", "")
    return "likely" if sure and level in ("error", "warning", "") else "possible"


def _message(result: Mapping[str, Any], rule: Mapping[str, Any]) -> str:
    """Its own words, its rule's with the blanks filled, or what the rule is about."""
    said = _mapping(result.get("message"))
    text = _text(said.get("text")) or _text(said.get("markdown"))
    if not text:
        text = _text(_at(rule, "messageStrings", _text(said.get("id"))).get("text"))
        text = text or _text(_mapping(rule.get("shortDescription")).get("text"))
    blanks = {f"{{{number}}}": _text(argument) for number, argument in enumerate(_list(said.get("arguments"))[:20])}
    return _LINK.sub(r"\1", _filled(text, blanks)).strip()


def _filled(text: str, blanks: Mapping[str, str]) -> str:
    """With the blanks filled, each once. What is too long ends between two words, so that no half a secret is left."""
    filled = ""
    for piece in re.split(r"(\{\d{1,2}\})", text[: MAX_MESSAGE + 1]):
        filled += blanks.get(piece, piece)[: MAX_MESSAGE + 1 - len(filled)]
    return filled if len(filled) <= MAX_MESSAGE else re.sub(r"\S*$", "", filled)


def _place(artifact: Mapping[str, Any], run: "_Run", here: str) -> Place:
    index = artifact.get("index")
    if not artifact.get("uri") and _is_index(index, len(run.artifacts)):
        artifact = _mapping(_mapping(run.artifacts[index]).get("location"))
    return locate(_text(artifact.get("uri")), _text(artifact.get("uriBaseId")), run.bases, here)


def _at(value: Mapping[str, Any], *keys: str) -> Mapping[str, Any]:
    for key in keys:
        value = _mapping(value.get(key))
    return value


def _mapping(value: object) -> dict[str, Any]:
    return value if isinstance(value, dict) else {}


def _list(value: object) -> list[Any]:
    return value if isinstance(value, list) else []


def _text(value: object) -> str:
    return value if isinstance(value, str) else ""


def _whole(value: object) -> int:
    """A line number, 0 where there is none."""
    return value if isinstance(value, int) and not isinstance(value, bool) and 0 < value < 10**9 else 0
