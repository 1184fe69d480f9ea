"""`rules/builtin`: the member that needs no key, no network and no model, and says the same thing every time.

Knows how to put a rule to the new side of a diff. Each hunk is parsed on its own, its cut calls completed: tree-sitter
makes do with the rest, and no hunk can spoil the next one, as joined hunks would with one quote left open. So what
spans two hunks is not seen. A finding needs an added line: code that was there before is not this change's.

Not judged: code of tests (made-up passwords and fixed random numbers belong there; a vendor's key does not), and
languages without rules, which are named. Prose, data and configuration are searched for secrets and for text that
would direct a reviewer only (`untrusted`), so nothing is said about them.
"""

import asyncio
import re
import textwrap
import threading
import time
from collections import Counter
from collections.abc import AsyncIterator, Callable, Iterator, Mapping
from contextlib import asynccontextmanager
from pathlib import PurePosixPath
from typing import TYPE_CHECKING

from reviewbot.change import Change, File, Line, syntax
from reviewbot.change.kinds import is_test
from reviewbot.council.members.fragment import completed
from reviewbot.council.members.rule_pack import Language, Matcher, Rule, builtin_rules
from reviewbot.council.members.untrusted import Hit, hits_beside, hits_in, quote_of
from reviewbot.council.model import Access, Ask, Call, Reply
from reviewbot.findings import SEVERITIES, Answer, Draft, Unjudged

if TYPE_CHECKING:
    from ast_grep_py import SgNode

LENSES = ("security", "assumptions")
MAX_LINE = 5_000
"""Characters. Nobody writes a longer line: the file is generated or minified."""
MAX_DEPTH = 250
"""Levels of a syntax tree. Deeper ones take the engine quadratic time, and its stack at some 30,000 (ast-grep 0.51)."""
_LANGUAGES: Mapping[str, Language] = {
    "python": "python", "jsx": "javascript", "typescript": "javascript", "tsx": "javascript", "go": "go",
    "java": "java", "ruby": "ruby",
}  # fmt: skip
GRAMMARS: Mapping[str, tuple[str, Language]] = {
    ending: (grammar, _LANGUAGES[grammar]) for ending, grammar in syntax.GRAMMARS.items() if grammar in _LANGUAGES
}
"""File name ending to the grammar it is read with and the language its rules are written for."""
OTHER_LANGUAGES = {
    ".c": "C", ".h": "C", ".cc": "C++", ".cpp": "C++", ".cxx": "C++", ".hpp": "C++", ".cs": "C#", ".dart": "Dart",
    ".ex": "Elixir", ".exs": "Elixir", ".erl": "Erlang", ".groovy": "Groovy", ".kt": "Kotlin", ".kts": "Kotlin",
    ".lua": "Lua", ".m": "Objective-C", ".php": "PHP", ".pl": "Perl", ".pm": "Perl", ".ps1": "PowerShell",
    ".rs": "Rust", ".scala": "Scala", ".sh": "shell", ".sol": "Solidity", ".sql": "SQL", ".swift": "Swift",
    ".svelte": "Svelte", ".vue": "Vue",
}  # fmt: skip
"""Code that we have no rules for, by its proper name. A suffix that nobody knows is taken for code too."""
NO_CODE = {
    ".md", ".mdx", ".rst", ".adoc", ".txt", ".json", ".jsonc", ".json5", ".jsonl", ".ndjson", ".yml", ".yaml",
    ".toml", ".ini", ".cfg", ".conf", ".properties", ".env", ".xml", ".html", ".htm", ".css", ".scss", ".sass",
    ".less", ".svg", ".csv", ".tsv", ".lock", ".sum", ".mod", ".po", ".pot", ".snap", ".patch", ".diff", ".in",
}  # fmt: skip
"""Prose, data and configuration: not named as not judged, for there is nothing to judge. So is a file without a suffix
and one whose name begins with a dot (`.env.local`)."""
_PLAIN_SUFFIX = re.compile(r"\.[a-z0-9_+-]{1,12}", re.ASCII)
MAX_QUOTED = 80
"""Characters of code in a sentence of a finding."""
MAX_FINDINGS = 200
"""Of one lens. A change that holds more is told how many, and cannot make the answer too long to be read."""


@asynccontextmanager
async def connect(access: Access) -> AsyncIterator[Ask]:  # noqa: ARG001  the port's; there is nothing to reach
    yield _ask


async def _ask(call: Call) -> Reply:
    """In a thread, so that the other seats' answers are not kept waiting."""
    call.started()
    stop = threading.Event()
    try:
        answer = await asyncio.to_thread(judge, call.change, call.lens, seconds=call.seconds, stop=stop)
    finally:
        stop.set()  # nobody can cancel a thread, and `asyncio.run` waits for it before Ctrl-C is answered
    return Reply(outcome="ok", text=answer.model_dump_json())


def judge(change: Change, lens: str, *, seconds: float, stop: threading.Event | None = None) -> Answer:
    """What the rules of a lens find, and which files they could not judge within `seconds` or before `stop`.

    The worst MAX_FINDINGS come first, in the order of the diff; of the others each file is told how many they are.
    """
    ends, unjudged = time.monotonic() + seconds, dict[str, str]()
    hits = list(hits_beside(change)) if lens == "security" else []

    def late() -> bool:
        return time.monotonic() > ends or (stop is not None and stop.is_set())

    for file in change.diff.files:
        if late():
            unjudged[file.path] = _NO_TIME
            continue
        found, why = look(file, lens, late=late)
        hits += found
        if why:
            unjudged[file.path] = why
    drafts = sorted((hit.draft for hit in hits), key=lambda draft: SEVERITIES.index(draft.severity))
    for path, count in Counter(draft.path for draft in drafts[MAX_FINDINGS:]).items():
        more = f"{count:,} more finding{'s' * (count > 1)} of the rules {'are' if count > 1 else 'is'} not listed"
        unjudged[path] = f"{unjudged[path]}; {more}" if path in unjudged else more
    pages = tuple(Unjudged(path=path, why=why) for path, why in unjudged.items())
    return Answer(findings=tuple(drafts[:MAX_FINDINGS]), could_not_judge=pages)


_NO_TIME = "no time was left for it"


class _UnjudgedError(Exception):
    """Why the rules cannot judge a file; the words stand in the report."""


def look(file: File, lens: str, *, late: Callable[[], bool] = lambda: False) -> tuple[list[Hit], str | None]:
    """The findings in one file, and why there may be more that nobody looked for. One a line and category, in order."""
    found, why = list[Hit](), None
    try:
        found.extend(_structural(file, lens, late))
    except _UnjudgedError as e:
        why = str(e)
    if lens == "security":
        found.extend(hits_in(file))
    first = {(hit.draft.line, hit.draft.category): hit for hit in reversed(found)}
    return sorted(first.values(), key=lambda hit: hit.draft.line), why


def _structural(file: File, lens: str, late: Callable[[], bool]) -> Iterator[Hit]:
    """What the rules of the pack find in the added lines of one file."""
    suffix = PurePosixPath(file.path).suffix.lower()
    if not file.additions or is_test(file.path):
        return
    if suffix not in GRAMMARS:
        if suffix and (suffix in OTHER_LANGUAGES or not _is_no_code(file.path, suffix)):
            plain = f"{suffix} files" if _PLAIN_SUFFIX.fullmatch(suffix) else "files of this kind"
            raise _UnjudgedError(f"there are no rules for {OTHER_LANGUAGES.get(suffix, plain)}")
        return
    grammar, language = GRAMMARS[suffix]
    rules = [(rule, rule.match[language]) for rule in builtin_rules() if rule.lens == lens and language in rule.match]
    for hunk in file.hunks:
        lines = [line for line in hunk.lines if line.new is not None]
        for rule, node in _search(lines, grammar, rules, late=late):
            line = next((lines[row] for row in _rows(node) if lines[row].kind == "+"), None)
            if line is not None:
                yield Hit(rule.id, _draft(rule, node, file.path, line))


def _is_no_code(path: str, suffix: str) -> bool:
    return suffix in NO_CODE or PurePosixPath(path).name.startswith(".")


def _search(
    lines: list[Line], grammar: str, rules: list[tuple[Rule, Matcher]], *, late: Callable[[], bool]
) -> Iterator[tuple[Rule, "SgNode"]]:
    """What matches the rules in the new side of one hunk. It is parsed only where a rule's words stand in it."""
    if max(map(len, (line.text for line in lines)), default=0) > MAX_LINE:
        raise _UnjudgedError(f"it has lines of more than {MAX_LINE:,} characters: generated or minified")
    text = "\n".join(line.text for line in lines)
    lowered = text.lower()
    wanted = [(rule, matcher) for rule, matcher in rules if any(word in lowered for word in matcher.words)]
    if not wanted:
        return
    root = _parsed(text, grammar, late)
    for rule, matcher in wanted:
        _in_time(late)
        for node in root.find_all(matcher.config):
            _in_time(late)
            yield rule, node


def _in_time(late: Callable[[], bool]) -> None:
    if late():
        raise _UnjudgedError(_NO_TIME)


def _parsed(text: str, grammar: str, late: Callable[[], bool]) -> "SgNode":
    """The syntax tree, or `_UnjudgedError` for one too deep to search."""
    from ast_grep_py import SgRoot  # noqa: PLC0415  costs 16 ms, and not every change holds code

    _in_time(late)
    root = SgRoot(completed(text), grammar).root()
    level = [root]
    for _ in range(MAX_DEPTH):
        _in_time(late)
        level = [child for node in level for child in node.children()]
        if not level:
            return root
    raise _UnjudgedError(f"its code is nested more than {MAX_DEPTH} levels deep")


def _rows(node: "SgNode") -> Iterator[int]:
    """Rows of the text where a change makes the match this change's."""
    place = (node.get_match("AT") or node).range()
    yield from range(place.start.line, place.end.line + 1)
    if around := node.get_match("AROUND"):
        yield around.range().start.line


def _draft(rule: Rule, node: "SgNode", path: str, line: Line) -> Draft:
    def filled(prose: str) -> str:
        return re.sub(r"\{(match|[A-Z]+)\}", lambda name: _matched(node, name[1]), prose)

    assumption = rule.assumption
    if assumption is not None:
        texts = {name: filled(text) for name, text in assumption.model_dump(exclude_none=True).items()}
        assumption = assumption.model_copy(update=texts)
    return Draft(
        title=filled(rule.title),
        body=filled(rule.body),
        severity=rule.severity,
        confidence=rule.confidence,
        category=rule.category,
        path=path,
        side="new",
        line=line.new or 0,
        quote=quote_of(line.text),
        fix=filled(rule.fix),
        assumption=assumption,
    )


def _matched(node: "SgNode", name: str) -> str:
    """The code that a name in a rule's prose stands for, short enough to stand in a sentence."""
    part = (node.get_match("AT") or node) if name == "match" else (node.get_match(name) or node)
    return textwrap.shorten(part.text().replace("`", "'"), MAX_QUOTED, placeholder="...")
