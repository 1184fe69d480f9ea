"""Which fix may be offered as a suggestion, that one click of a maintainer commits (THREATS S18).

One click is little thought, so a suggestion must be harmless to take unread: small, in place, plain to the eye, and
nothing that fetches, loads or runs. Any doubt makes it ordinary text. Whether a repository wants suggestions at all is
its policy's to say and the caller's to ask.
"""

import re
from difflib import SequenceMatcher

from reviewbot.change import Diff, File
from reviewbot.report.blocks import Code, blocks
from reviewbot.report.model import ReportFinding
from reviewbot.report.safe import fence
from reviewbot.report.wording import first_line

MAX_GROWTH = 5
"""Lines more, or fewer, than stand there now."""
MIN_LIKENESS = 0.6
"""Of a fix without a fence to what it replaces, 0 to 1: below this it may be words."""

_WORDS_THAT_ACT = frozenset({
    "import", "imports", "importlib", "include", "require", "requires", "using", "load", "dlopen", "ctypes",
    "eval", "exec", "execv", "execve", "execvp", "system", "popen", "spawn", "subprocess", "shell", "child",
    "reflect", "invoke", "pickle", "unserialize", "deserialize", "atob", "base64",
    "sh", "bash", "zsh", "cmd", "powershell", "pwsh", "iex", "curl", "wget", "sudo", "chmod", "chown",
})  # fmt: skip
"""What loads code, runs it, or hides it: as a whole word, or as a part of a name (`child_process`, `execSync`)."""
_WORD = re.compile(r"[A-Z]?[a-z0-9]+|[A-Z]+(?![a-z])")
_URL = re.compile(r"[\w+.-]{1,40}://\S*|\bwww\.\S*", re.IGNORECASE)
_MARKS_THAT_ACT = ("`", "$(", "${", "Function(")
"""A shell of some language runs what stands in them; JavaScript's constructor runs its text."""
_SENTENCE = re.compile(r"^\s*(?:[A-Za-z]{1,30} ){3}|(?:\b[A-Za-z]{1,30} ){5}")
"""Three plain words that open a line, or five in a row: code seldom has them."""
_NOT_HERE = re.compile(
    r"(?:^|/)(?:\.[^/]+|dockerfile[^/]*|containerfile[^/]*|(?:docker-)?compose[^/]*|jenkinsfile|[^/]*pipelines?\.ya?ml"
    r"|makefile|cmakelists\.txt|rakefile|justfile|tox\.ini|noxfile\.py|setup\.(?:py|cfg)|conftest\.py|action\.ya?ml"
    r"|package\.json|pyproject\.toml|pom\.xml|cargo\.toml|go\.(?:mod|sum)|gemfile|requirements[^/]*\.txt|codeowners"
    r"|[^/]*(?:\.|-)lock(?:\.json|\.ya?ml|file)?|npm-shrinkwrap\.json)$"
    r"|(?:^|/)\.[^/]+/|\.(?:sh|bash|zsh|fish|ps1|bat|cmd|mk|gradle|kts|dockerfile|tf|nix|svg)$",
    re.IGNORECASE,
)
"""Files that a machine obeys rather than a program reads: CI, containers, builds, manifests, locks, scripts."""


def suggestion_of(finding: ReportFinding, diff: Diff) -> str | None:
    """The lines to put in the place of the finding's, or None where its fix is not surely a harmless one.

    The finding must stand on lines of the new side that one hunk shows whole. `diff` is what was reviewed.
    """
    file = next((file for file in diff.files if file.path == finding.path), None)
    if file is None or not _is_plain_source(file):
        return None
    current = _current(finding, file)
    code = _code(finding.fix or "", current)
    offered = _indented(code, current)
    return offered if _fits(offered, current) and _is_harmless(offered, current) else None


def _is_plain_source(file: File) -> bool:
    modes = {file.old_mode, file.new_mode} - {None, "100644"}
    return not modes and not any(_NOT_HERE.search(path) for path in (file.path, file.old_path or ""))


def _current(finding: ReportFinding, file: File) -> str:
    """The finding's lines as they stand on the new side of one hunk; empty where they do not."""
    first = first_line(finding)
    if finding.side == "old" or first is None or finding.line is None:
        return ""
    for hunk in file.hunks:
        shown = {line.new: line.text for line in hunk.lines if line.new is not None}
        if first in shown and finding.line in shown:
            return "\n".join(shown[number] for number in range(first, finding.line + 1))
    return ""


def _code(fix: str, current: str) -> str:
    """The only fenced block of a fix, or the whole fix where it resembles the code and reads like no sentence."""
    parts = [*blocks(fix.replace("\r\n", "\n"))]
    fenced = [part.text for part in parts if isinstance(part, Code)]
    if fenced:
        return fenced[0] if len(fenced) == 1 else ""
    alike = SequenceMatcher(None, fix, current, autojunk=False).quick_ratio() >= MIN_LIKENESS
    return fix if alike and not any(_SENTENCE.search(line) for line in fix.split("\n")) else ""


def _indented(code: str, current: str) -> str:
    """The code as deep as the lines it replaces: who writes a fix often leaves out what all its lines share."""
    has, wants = _indent(code), _indent(current)
    lines = code.strip("\n").split("\n")
    return "\n".join(wants + line[len(has) :] if line.strip() else "" for line in lines)


def _indent(code: str) -> str:
    """What all lines share in front; empty where they mix tabs and blanks."""
    indents = [line[: len(line) - len(line.lstrip())] for line in code.split("\n") if line.strip()]
    least = min(indents, key=len, default="")
    return least if all(indent.startswith(least) for indent in indents) else ""


def _fits(offered: str, current: str) -> bool:
    growth = offered.count("\n") - current.count("\n")
    changes = offered.split() != current.split() or offered != current
    return bool(offered.strip() and current.strip()) and abs(growth) <= MAX_GROWTH and changes


def _is_harmless(offered: str, current: str) -> bool:
    """Nothing new to the eye or to the machine, and nothing that our own sanitiser would have to change."""
    words = {word.lower() for word in _WORD.findall(offered)}
    return (
        _WORDS_THAT_ACT.isdisjoint(words)
        and not {*_URL.findall(offered)} - {*_URL.findall(current)}
        and not any(mark in offered for mark in _MARKS_THAT_ACT)
        and not {char for char in offered if not char.isascii()} - {*current}
        and not any(mark in text for text in (offered, current) for mark in ("~~~", "<SECRET:", "<CUT:", "\r"))
        and all(f"\n{text}\n" in fence(text) for text in (offered, current))
    )
