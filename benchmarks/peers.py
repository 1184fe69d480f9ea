"""What we send to a model beside what other reviewers send, in one run: `python benchmarks/peers.py --help`.

Every tool reviews the same two changes against the same stand-in model, and what the model saw is counted. No answer of
a model is judged here: this says what a review costs and what it was shown, not what it finds.
Exit 1 when a goal of ours is missed. A peer that is not given is left out, and the table says so.
"""

import argparse
import json
import subprocess
import sys
from collections.abc import Callable, Iterable, Sequence
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import NamedTuple

ROOT = Path(__file__).parents[1]
sys.path.insert(0, str(ROOT))

from peers_changes import Subject, big, small  # noqa: E402  the path above comes first
from peers_tools import Run, Tool, lgtmaybe, open_code_review, pr_agent, reviewbot, run  # noqa: E402

LENS = "assumptions"
THIRTY = 28
"""So many of the 60 files are 30,000 tokens."""
ANSWER = 0.6
SLOW = 2.0
Count = Callable[[Sequence[str]], list[int]]
COUNTER = """
import importlib.util, json, os, sys
package = importlib.util.find_spec("litellm").submodule_search_locations[0]
os.environ["TIKTOKEN_CACHE_DIR"] = os.path.join(package, "litellm_core_utils", "tokenizers")
import tiktoken
encoding = tiktoken.get_encoding("cl100k_base")
json.dump([len(encoding.encode(text, disallowed_special=())) for text in json.load(sys.stdin)], sys.stdout)
"""
"""Run by the Python of a peer that has a tokenizer beside it: ours needs none."""


class Goal(NamedTuple):
    """One of our own figures, and what it may not pass."""

    what: str
    measured: float
    at_most: float


def counter(python: Path | None) -> tuple[str, Count]:
    """How tokens are counted, in words, and the function."""
    if python is None:
        return "a token is 4 characters", lambda texts: [len(text) // 4 for text in texts]

    def count(texts: Sequence[str]) -> list[int]:
        words = [str(python), "-c", COUNTER]
        said = subprocess.run(words, input=json.dumps(texts), check=True, capture_output=True, text=True).stdout
        return list(json.loads(said))

    return "tokens are those of cl100k_base", count


def fresh(runs: Run, count: Count) -> int:
    """Tokens that were not read from the cache."""
    return sum(count([sent.text[sent.read :] for sent in runs.sent]))


def found(finding: bool) -> str:
    """What the model finds, in words."""
    return "one thing a call" if finding else "nothing"


def on_small(tools: Sequence[Tool], subject: Subject, folder: Path) -> Iterable[Goal]:
    """What is wrapped around a small diff."""
    size = len(subject.text)
    print(f"\n### A diff of {size:,} characters\n")
    print("| tool | the model finds | calls | characters | times the diff | largest call | schema and tools |")
    print("|---|---|---|---|---|---|---|")
    for tool in tools:
        for finding in (False, True):
            ran = run(tool, subject, folder, finding=finding, seconds=ANSWER)
            chars = [len(sent.text) for sent in ran.sent]
            if not chars or ran.code:
                raise SystemExit(f"{tool.name} ended with {ran.code}:\n{ran.output[-2_000:]}")
            apart, times = sum(sent.schema for sent in ran.sent), sum(chars) / size
            print(
                f"| {tool.name} | {found(finding)} | {len(chars)} | {sum(chars):,} | {times:.1f} | {max(chars):,} "
                f"| {apart:,} |"
            )
            if tool.name.startswith("reviewbot") and not finding:
                yield Goal(f"{tool.name}: characters of the largest call of a lens", max(chars), 4_500)


def on_big(tools: Sequence[Tool], subject: Subject, folder: Path, count: Count) -> Iterable[Goal]:
    """What of a big diff is shown, and how often."""
    size = count([subject.text])[0]
    print(f"\n### A diff of {len(subject.text):,} characters, {size:,} tokens, {len(subject.marks)} files\n")
    print("| tool | the model finds | calls | tokens | fresh tokens | files shown | not shown | know of all files |")
    print("|---|---|---|---|---|---|---|---|")
    for tool in tools:
        for finding in (False, True):
            ran = run(tool, subject, folder, finding=finding, seconds=ANSWER)
            texts = [sent.text for sent in ran.sent]
            everything = "".join(texts)
            left = [path for path, marks in subject.marks.items() if not all(mark in everything for mark in marks)]
            named = sum(path in ran.output for path in left)
            marks = [mark for both in subject.marks.values() for mark in both]
            with_code = [text for text in texts if any(mark in text for mark in marks)]
            outlined = sum(all(path in text for path in subject.marks) for text in with_code)
            times = fresh(ran, count) / size
            print(
                f"| {tool.name} | {found(finding)} | {len(texts)} | {sum(count(texts)) / size:.2f} | {times:.2f} "
                f"| {len(subject.marks) - len(left)} | {f'{len(left)}, {named} named' if left else '0'} "
                f"| {outlined} of {len(with_code)} calls |"
            )
            if tool.name.startswith("reviewbot") and finding:  # with the challenge, so no fewer calls
                yield Goal(f"{tool.name}: fresh tokens over the diff's", times, 1.4)
                yield Goal(f"{tool.name}: files not shown", len(left), 0)
                yield Goal(f"{tool.name}: calls that do not name all files", len(with_code) - outlined, 0)


def on_thirty(tools: Sequence[Tool], subject: Subject, folder: Path, count: Count) -> Iterable[Goal]:
    """How much dearer all lenses are than one, where a model's cache works."""
    print(f"\n### All lenses beside one, on a diff of {count([subject.text])[0]:,} tokens\n")
    print("| tool | calls | fresh tokens of one | fresh tokens of all | all over one |\n|---|---|---|---|---|")
    one = run(reviewbot("--lens", LENS), subject, folder, seconds=ANSWER)
    for tool in tools:
        ran = run(tool, subject, folder, seconds=ANSWER)
        ours = tool.name.startswith("reviewbot")
        single = fresh(one, count) if ours else count([ran.sent[0].text])[0]
        ratio = fresh(ran, count) / single
        print(f"| {tool.name} | {len(ran.sent)} | {single:,} | {fresh(ran, count):,} | {ratio:.2f} |")
        if ours:
            yield Goal(f"{tool.name}: fresh tokens of all lenses over one", ratio, 1.25)


def on_wall(tools: Sequence[Tool], subject: Subject, folder: Path) -> None:
    """How long a person waits, start-up included."""
    print(f"\n### Seconds, where each answer takes {SLOW:g} s\n")
    print("| tool | the model finds | calls | seconds | of them while a model answers | answers in a row |")
    print("|---|---|---|---|---|---|")
    for tool in tools:
        for finding in (False, True):
            ran = run(tool, subject, folder, finding=finding, seconds=SLOW)
            spans = sorted((sent.began, sent.ended) for sent in ran.sent)
            busy, until = 0.0, 0.0
            for began, ended in spans:
                busy += max(0.0, ended - max(began, until))
                until = max(until, ended)
            print(
                f"| {tool.name} | {found(finding)} | {len(spans)} | {ran.seconds:.1f} "
                f"| {busy:.1f} | {busy / SLOW:.1f} |"
            )


def parsed() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--pr-agent", nargs=2, type=Path, metavar=("PYTHON", "SOURCE"), help="its Python, its source")
    parser.add_argument("--lgtmaybe", type=Path, metavar="PROGRAM", help="the installed command")
    parser.add_argument("--ocr", type=Path, metavar="PROGRAM", help="the installed command of OpenCodeReview")
    return parser.parse_args()


def main() -> int:
    given = parsed()
    ours = [reviewbot(), reviewbot(tree=True)]
    marking = [lgtmaybe(given.lgtmaybe.absolute())] if given.lgtmaybe else []
    peers = [pr_agent(*(path.absolute() for path in given.pr_agent))] if given.pr_agent else []
    peers += marking
    peers += [open_code_review(given.ocr.absolute())] if given.ocr else []
    for name in ("pr_agent", "lgtmaybe", "ocr"):
        if not getattr(given, name):
            print(f"Not run, because it was not given: {name}.")
    python = given.pr_agent[0].absolute() if given.pr_agent else None
    said, count = counter(python or (given.lgtmaybe.absolute().parent / "python" if given.lgtmaybe else None))
    print(f"\nIn these tables {said}.")
    with TemporaryDirectory() as name:
        folder = Path(name)
        changes = small(folder), big(folder), big(folder, THIRTY)
        goals = [
            *on_small([*ours, *peers], changes[0], folder),
            *on_big([*ours, *peers], changes[1], folder, count),
            *on_thirty([*ours, *marking], changes[2], folder, count),
        ]
        on_wall([*ours, *peers], changes[0], folder)
    print("\n### Goals\n\n| what | measured | goal |\n|---|---|---|")
    for what, measured, at_most in goals:
        print(f"| {what} | {measured:,.2f} | <= {at_most:g} |{'' if measured <= at_most else ' MISSED'}")
    return 1 if any(measured > at_most for _, measured, at_most in goals) else 0


if __name__ == "__main__":
    sys.exit(main())
