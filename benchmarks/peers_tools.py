"""How each tool is run on a change against a model of ours, with the settings it comes with.

A peer is given by the folder it was installed in (docs/benchmarks.md says how). `HOME` is an empty folder, and any
address but this machine lies behind a proxy that does not exist, so that no tool reads settings or calls out.
What is set beyond that: the address, key and name of the model, nothing else.
"""

import json
import os
import re
import subprocess
import sys
import time
import tomllib
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import NamedTuple

from peers_changes import ROOT, Subject
from peers_model import Model, Said, Sent

NOWHERE = "http://127.0.0.1:9"
SECONDS = 900


class Tool(NamedTuple):
    """A tool that reviews a change: its name with its version, and what the model says to its prompts."""

    name: str
    commands: Callable[[Subject, str], list[list[str]]]
    """The words to run, the last of which is the review; the model's address is given."""
    environment: Callable[[str], Mapping[str, str]]
    quiet: Callable[[str], Said]
    """The answer to a prompt of a model that finds nothing."""
    finding: Callable[[str, Subject], Said]
    """The answer to a prompt of a model that finds one thing each time it is asked to look."""


class Run(NamedTuple):
    """What a tool did with a change."""

    tool: str
    sent: tuple[Sent, ...]
    seconds: float
    """From the start of the process to its end."""
    output: str
    code: int


def run(tool: Tool, subject: Subject, folder: Path, *, finding: bool = False, seconds: float = 0.0) -> Run:
    """Runs the tool once; each answer takes `seconds` and begins after a third of them."""
    home = folder / "home"
    home.mkdir(parents=True, exist_ok=True)
    says = (lambda prompt: tool.finding(prompt, subject)) if finding else tool.quiet
    with Model(says, seconds=seconds, first=seconds / 3) as model:
        kept = {"PATH": os.environ["PATH"], "HOME": str(home), "LANG": "C.UTF-8", "TMPDIR": str(folder)}
        nowhere = dict.fromkeys(("HTTP_PROXY", "HTTPS_PROXY", "http_proxy", "https_proxy"), NOWHERE)
        alone = {"NO_PROXY": "127.0.0.1,localhost", "no_proxy": "127.0.0.1,localhost"}
        environment = kept | nowhere | alone | dict(tool.environment(model.url))
        *before, review = tool.commands(subject, model.url)
        for words in before:
            subprocess.run(words, cwd=subject.repository, env=environment, check=True, capture_output=True)
        began = time.monotonic()
        done = subprocess.run(
            review, cwd=subject.repository, env=environment, check=False, capture_output=True, text=True,
            timeout=SECONDS,
        )  # fmt: skip
        return Run(tool.name, tuple(model.sent), time.monotonic() - began, done.stdout + done.stderr, done.returncode)


def reviewbot(*words: str, tree: bool = False) -> Tool:
    """Ours, with one member, on the diff alone as it comes from a file, or in the repository it stands in."""

    def commands(subject: Subject, _url: str) -> list[list[str]]:
        what = ["main...feature"] if tree else ["--diff", str(subject.diff)]
        model = ["--model", "anthropic/claude-sonnet-5-5"]
        return [[sys.executable, "-m", "reviewbot", "check", *what, *model, "--format", "json", *words]]

    def finding(prompt: str, subject: Subject) -> Said:
        if asked := re.search(r"^Verdicts for: (.+)$", prompt, re.MULTILINE):
            upheld = {"verdict": "upheld", "quote": None, "because": "It is.", "importance": 60, "same_as": []}
            verdicts = [{"claim": claim, **upheld} for claim in re.findall(r"\w+", asked[1])]
            return json.dumps({"findings": [], "could_not_judge": [], "verdicts": verdicts})
        path, (first, _) = next(iter(subject.marks.items()))
        raised = {
            "title": "The first line is wrong", "body": "It is.", "severity": "high", "confidence": "likely",
            "category": "other", "path": path, "side": "new", "line": 3, "quote": first, "fix": None,
            "assumption": None,
        }  # fmt: skip
        return json.dumps({"findings": [raised], "could_not_judge": [], "verdicts": []})

    return Tool(
        "reviewbot, in the repository" if tree else "reviewbot, the diff alone",
        commands,
        lambda url: {"ANTHROPIC_API_KEY": "k", "ANTHROPIC_BASE_URL": url, "PYTHONPATH": str(ROOT)},
        lambda _: json.dumps({"findings": [], "could_not_judge": [], "verdicts": []}),
        finding,
    )


def pr_agent(python: Path, source: Path) -> Tool:
    """PR-Agent's `review` of a diff file, from its source, which its package index does not have."""
    issue = "\n  - relevant_file: |\n      {path}\n    issue_header: |\n      Possible Bug\n    issue_content: |\n      It is.\n    start_line: 3\n    end_line: 3"  # noqa: E501  YAML in one piece
    answer = "```yaml\nreview:\n  estimated_effort_to_review_[1-5]: |\n    2\n  relevant_tests: |\n    No\n  key_issues_to_review: {issues}\n  security_concerns: |\n    No\n```"  # noqa: E501
    version = tomllib.loads((source / "pyproject.toml").read_text("utf-8"))["project"]["version"]
    return Tool(
        f"PR-Agent {version} `review`",
        lambda subject, _: [[str(python), "-m", "pr_agent.cli", "--diff-file", str(subject.diff), "review"]],
        lambda url: {
            "OPENAI__API_BASE": url + "/v1", "OPENAI__KEY": "k", "LITELLM_LOCAL_MODEL_COST_MAP": "True",
            "PYTHONPATH": str(source),
        },
        lambda _: answer.format(issues="[]"),
        lambda _, subject: answer.format(issues=issue.format(path=next(iter(subject.marks)))),
    )  # fmt: skip


def lgtmaybe(program: Path) -> Tool:
    """Its `review` in the repository, asked of the same vendor as ours, whose cache it can mark."""

    def finding(prompt: str, subject: Subject) -> Said:
        if '"verdicts"' in prompt:
            verdicts = [{"index": n, "keep": True, "confidence": 9, "broad": False, "needs": []} for n in range(60)]
            return json.dumps({"verdicts": verdicts})
        path, (first, _) = next(iter(subject.marks.items()))
        line = next(line for line in subject.text.splitlines() if line.startswith("+") and first in line)
        raised = {
            "path": path, "line": 3, "side": "RIGHT", "severity": "high", "title": "The first line is wrong",
            "body": "It is.", "failure_scenario": "It fails.", "suggestion": None, "anchor": line[1:],
        }  # fmt: skip
        return json.dumps({"findings": [raised]})

    beside = f"{program.parent}{os.pathsep}{os.environ['PATH']}"  # its ast-grep lies there
    model = ["--provider", "anthropic", "--model", "claude-sonnet-5-5", "--api-key", "k"]
    version = subprocess.run([program, "--version"], check=True, capture_output=True, text=True).stdout.split()[-1]
    return Tool(
        f"lgtmaybe {version} `review`",
        lambda _, url: [[str(program), "review", "--base", "main", *model, "--api-base", url]],
        lambda _: {"LITELLM_LOCAL_MODEL_COST_MAP": "True", "PATH": beside},
        lambda _: json.dumps({"findings": []}),
        finding,
    )


def open_code_review(program: Path) -> Tool:
    """OpenCodeReview's `review`. Its model groups files by folder as it is told, plans nothing, and calls no tool to
    look around: the least it can be asked.
    """

    def call(name: str, **arguments: object) -> dict[str, object]:
        return {"id": name, "type": "function", "function": {"name": name, "arguments": json.dumps(arguments)}}

    def commands(subject: Subject, url: str) -> list[list[str]]:
        del subject
        settings = {
            "provider": "mock", "model": "gpt-4o", "custom_providers.mock.url": url + "/v1",
            "custom_providers.mock.protocol": "openai", "custom_providers.mock.api_key": "k",
            "custom_providers.mock.model": "gpt-4o",
        }  # fmt: skip
        set_up = [[str(program), "config", "set", name, value] for name, value in settings.items()]
        return [*set_up, [str(program), "review", "--from", "main", "--to", "feature", "--format", "json"]]

    def quiet(prompt: str) -> Said:
        if "file grouping assistant" in prompt:
            return json.dumps(_grouped(prompt))
        if "task planning" in prompt:
            return "Nothing stands out: read the change as it is."
        return {"content": None, "tool_calls": [call("task_done")]}

    def finding(prompt: str, subject: Subject) -> Said:
        path, (first, _) = next(iter(subject.marks.items()))
        said = quiet(prompt)
        if isinstance(said, str) or first not in prompt:
            return said
        comment = {"content": "It is wrong.", "existing_code": first, "suggestion_code": ""}
        return {"content": None, "tool_calls": [call("code_comment", path=path, comments=[comment]), call("task_done")]}

    version = subprocess.run([program, "--version"], check=True, capture_output=True, text=True).stdout.split()[1]
    return Tool(
        f"OpenCodeReview {version.removeprefix('v')} `review`",
        commands,
        lambda _: {"OCR_NO_UPDATE": "1"},
        quiet,
        finding,
    )


def _grouped(prompt: str) -> list[dict[str, object]]:
    """The listed files by folder, at most ten in a group."""
    folders: dict[str, list[int]] = {}
    for index, folder in re.findall(r"^\[(\d+)\] [A-Z]+ +([^/ ]+)", prompt, re.MULTILINE):
        folders.setdefault(folder, []).append(int(index))
    return [
        {"label": folder, "files": files[start : start + 10]}
        for folder, files in folders.items()
        for start in range(0, len(files), 10)
    ]
