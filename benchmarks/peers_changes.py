"""The two changes every tool is given, each as a git repository and as the diff git makes of it.

`small` is the first example (stripe and Google by e-mail, 3 files). `big` is written here: 60 files of a shop, 10 of
them tests and 15 of them new, 236 kB of diff. Its words are drawn from a fixed seed, so that it is the same each time.
Each file of it has a mark in the first and in the last line it changes: who was shown both was shown the file.
One more file, which the change leaves alone, calls what it changes.
Knows nothing of tools and models.
"""

import os
import random
import re
import subprocess
from pathlib import Path
from typing import NamedTuple

from reviewbot.change import Diff, parse_diff

ROOT = Path(__file__).parents[1]
SMALL = ROOT / "examples" / "stripe-google-email.diff"
FILES = 60
TESTS = 10
FOLDERS = ("accounts", "billing", "catalog", "orders", "shipping")
VERBS = ("collect", "settle", "reserve", "release", "total", "select", "merge", "expire", "import", "rank")
NOUNS = ("invoices", "carts", "refunds", "parcels", "vouchers", "sessions", "offers", "stocks", "holds", "payouts")
FIELDS = ("amount_cents", "owner_id", "created_at", "quantity", "country", "weight", "priority", "tax_rate", "status")
GIT = {
    "GIT_CONFIG_GLOBAL": os.devnull, "GIT_CONFIG_NOSYSTEM": "1",
    "GIT_AUTHOR_NAME": "A", "GIT_AUTHOR_EMAIL": "a@example.com", "GIT_AUTHOR_DATE": "2026-01-01T00:00:00Z",
    "GIT_COMMITTER_NAME": "A", "GIT_COMMITTER_EMAIL": "a@example.com", "GIT_COMMITTER_DATE": "2026-01-01T00:00:00Z",
}  # fmt: skip


class Subject(NamedTuple):
    """A change: where its repository lies (branches `main` and `feature`), its diff, and what to look for."""

    name: str
    repository: Path
    diff: Path
    text: str
    marks: dict[str, tuple[str, str]]
    """Path to what stands in the first and in the last line the change adds to it."""


def small(folder: Path) -> Subject:
    """The example, on files as far as its diff shows them."""
    repository = folder / "small"
    diff = parse_diff(SMALL.read_bytes())
    _write_before(diff, repository)
    _commit(repository, "main")
    _git(repository, "apply", str(SMALL))
    marks = {}
    for file in diff.files:
        added = [line.text.strip() for hunk in file.hunks for line in hunk.lines if line.old is None]
        said = [text for text in added if len(text) > 12]
        marks[file.path] = (said[0], said[-1])
    return _subject("small", repository, marks, diff=SMALL.read_text("utf-8"))


def big(folder: Path, files: int = FILES) -> Subject:
    """60 files of a shop, written the same way each time, or the first of them."""
    repository = folder / f"big-{files}"
    words = random.Random(2_026)  # noqa: S311  the same words each time, no secret
    marks = {}
    heads = {}
    users: list[str] = []
    for number in range(files):
        is_test = number >= FILES - TESTS
        name = f"{VERBS[number % 10]}_{NOUNS[number * 7 % 10]}_{number:02}"
        path = f"tests/test_{name}.py" if is_test else f"{FOLDERS[number % 5]}/{name}.py"
        before, after = _module(number, words)
        names = re.findall(r"^def (\w+)", before, re.MULTILINE)
        heads[path] = after
        marks[path] = (f"FIRST_{number:02}", f"LAST_{number:02}")
        if number % 4:  # every fourth is new
            _write(repository / path, before)
            users.append(f"from {path.removesuffix('.py').replace('/', '.')} import *\n")
            users.extend(f"\n\ndef nightly_{number}_{name}(items):\n    return {name}(items, 3)\n" for name in names)
    _write(repository / "jobs" / "nightly.py", "".join(users))
    _commit(repository, "main")
    for path, text in heads.items():
        _write(repository / path, text)
    return _subject(repository.name, repository, marks)


def _module(number: int, words: random.Random) -> tuple[str, str]:
    """A module as it was and as it becomes: a constant at each end, and every function changed."""
    before, after = [f'"""Part {number} of the shop."""\n'], [f'"""Part {number} of the shop."""\n']
    after.append(f'\nFIRST_{number:02} = "{words.choice(NOUNS)}"\n')
    for index in range(words.randrange(6, 11) if number % 4 else words.randrange(9, 15)):
        name = f"{words.choice(VERBS)}_{words.choice(NOUNS)}_{index}"
        field, other, limit = words.choice(FIELDS), words.choice(FIELDS), words.randrange(2, 900)
        head = f'\n\ndef {name}(items, {other}):\n    """The {words.choice(NOUNS)} by {field}."""\n'
        before.append(f"{head}    found = []\n    for item in items:\n        found.append(item.{field})\n")
        before.append(f"    return found[:{limit}]\n")
        after.append(f"{head}    found = {{}}\n    for item in sorted(items, key=lambda one: one.{field}):\n")
        after.append(f"        if item.{other} > {other} or item.{field} is None:\n            continue\n")
        after.append(f"        found.setdefault(item.{field}, []).append(item)\n")
        after.append(f"    return dict(list(found.items())[:{limit}])\n")
    after.append(f"\n\nLAST_{number:02} = {words.randrange(1_000)}\n")
    return "".join(before), "".join(after)


def _write_before(diff: Diff, folder: Path) -> None:
    """An empty line stands for each one the diff does not show."""
    for file in diff.files:
        old = {line.old: line.text for hunk in file.hunks for line in hunk.lines if line.old is not None}
        if file.old_path and old:
            _write(folder / file.old_path, "".join(old.get(number, "") + "\n" for number in range(1, max(old) + 1)))


def _write(path: Path, text: str) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text, encoding="utf-8")


def _git(repository: Path, *words: str) -> bytes:
    environment = os.environ | GIT
    return subprocess.run(["git", *words], cwd=repository, env=environment, check=True, capture_output=True).stdout


def _commit(repository: Path, branch: str) -> None:
    _git(repository, "init", "-q", "-b", branch)
    _git(repository, "add", "-A")
    _git(repository, "commit", "-q", "-m", "The shop as it was")


def _subject(name: str, repository: Path, marks: dict[str, tuple[str, str]], diff: str | None = None) -> Subject:
    """Commits what was changed as `feature`, and keeps its diff beside the repository."""
    _git(repository, "checkout", "-q", "-b", "feature")
    _git(repository, "add", "-A")
    _git(repository, "commit", "-q", "-m", "Change the shop")
    _git(repository, "remote", "add", "origin", ".")
    text = diff or _git(repository, "diff", "main", "feature").decode()
    path = repository.with_suffix(".diff")
    path.write_text(text, encoding="utf-8")
    return Subject(name, repository, path, text, marks)
