"""The diff of a case whose suite brings none: from a folder of files, or from whoever can fetch a pull request's.

Goldens are small and diffs are other people's code, so public suites name a pull request and leave its diff out. Knows
names of files and no forge.
"""

import json
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from reviewbot.errors import BadInput
from reviewbot.evals.model import Case
from reviewbot.evals.rows import read_whole

Fetch = Callable[[str], str]
"""The diff of the pull request at an address, as git printed it. Raises ReviewbotError."""
NAMES = ("{}.diff", "{}.patch", "{}/diff.patch")
"""Where in a folder the diff of a case may stand, by the name of its pull request."""


def name_of(url: str) -> str:
    """How the files of a pull request are called: owner, repository and number, with `-` between."""
    owner, repository, *_, number = ["", "", *urlsplit(url).path.strip("/").split("/")][-4:]
    return f"{owner}-{repository}-{number}"


def read_diff(path: Path) -> str:
    """The diff in a file. Bytes that are no UTF-8 are lost: nothing is judged by them. Raises BadInput."""
    return read_whole(path).decode("utf-8", "replace")


def find_diff(folders: Iterable[Path], *names: str) -> str:
    """The first diff that these folders have under one of the names; empty where they have none."""
    stems = [name for name in names if _is_plain(name)]
    places = (folder / name.format(stem) for folder in folders for stem in stems for name in NAMES)
    return next((read_diff(place) for place in places if place.is_file()), "")


def find_words(folders: Iterable[Path], name: str) -> tuple[str, str]:
    """Title and body of a pull request from its `pr.json`; both empty where there is none. Raises BadInput."""
    pages = (folder / name / "pr.json" for folder in folders if _is_plain(name))
    page = next((page for page in pages if page.is_file()), None)
    if page is None:
        return "", ""
    try:
        said: Any = json.loads(read_whole(page))
    except (ValueError, RecursionError) as e:
        raise BadInput(str(page), f"is not JSON: {e}", "give it as ReviewBench writes it, or take it away") from e
    told = said if isinstance(said, dict) else {}
    return str(told.get("title") or ""), str(told.get("body") or "")


def _is_plain(name: str) -> bool:
    """Whether it names something in a folder: whoever wrote the suite leads no reader out of it."""
    return name not in {"", ".", ".."} and Path(name).name == name


def diff_of(case: Case, fetch: Fetch | None = None) -> str:
    """The case's own diff, or that of its pull request. Raises BadInput where nobody has it, and what `fetch` does."""
    if case.diff:
        return case.diff
    if fetch and case.url:
        return fetch(case.url)
    name = name_of(case.url) if case.url else case.id
    where = f"{case.url}.diff" if case.url else "its diff"
    raise BadInput(f"case {case.id}", "has no diff", f"save {where} as {name}.diff in a folder, and name it by --diffs")
