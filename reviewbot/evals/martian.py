"""Golden comments of Martian's offline code review benchmark: `golden_comments/*.json`.

Its goldens have no place and its pull requests no diff: that is looked for by the name of the pull request, such as
`calcom-cal.com-8087.diff`.
"""

from collections.abc import Iterator, Sequence
from pathlib import Path

from reviewbot.evals.diffs import find_diff, name_of
from reviewbot.evals.foreign import Foreign, SeverityIn
from reviewbot.evals.model import Case, Golden
from reviewbot.evals.rows import read_array


class _Comment(Foreign):
    comment: str
    severity: SeverityIn


class _Pull(Foreign):
    pr_title: str
    url: str
    comments: tuple[_Comment, ...]


def read(file: Path, folders: Sequence[Path]) -> Iterator[tuple[int, Case]]:
    """Raises BadSuite with the place in the array, from 1."""
    for number, pull in read_array(file, _Pull):
        name = name_of(pull.url)
        golden = tuple(Golden(message=said.comment, severity=said.severity) for said in pull.comments)
        diff = find_diff(folders, name)
        yield number, Case(id=name, diff=diff, golden=golden, title=pull.pr_title, url=pull.url)
