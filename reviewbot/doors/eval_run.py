"""`reviewbot eval run`: a suite reviewed by a council and judged, told as text, JSON or a page.

Whatever was answered is kept, so that a rerun asks nobody; with records a run can be judged again by other code.
"""

import asyncio
import os
import sys
from collections.abc import Callable, Mapping, Sequence
from datetime import UTC, datetime
from functools import partial
from importlib.metadata import version
from pathlib import Path
from typing import Final, NamedTuple
from urllib.parse import quote

import click

from reviewbot.change.write import write_diff
from reviewbot.council.budget import Account
from reviewbot.doors.eval_seats import Way, at_once, judge_named, judging_by, seats
from reviewbot.doors.flags import Flags
from reviewbot.doors.output import check_folder, print_text, write_file
from reviewbot.errors import BadInput, BadSettings, Exit, NoCouncil
from reviewbot.evals.diffs import diff_of
from reviewbot.evals.model import EvalResult, Judge, Suite
from reviewbot.evals.page import result_page
from reviewbot.evals.place_judge import JUDGE
from reviewbot.evals.purse import Purse
from reviewbot.evals.results import metrics
from reviewbot.evals.run import Course, Reviewed, run_suite
from reviewbot.evals.suites import read_suite
from reviewbot.evals.tables import counted, money, summary_text
from reviewbot.findings import is_rule
from reviewbot.forge.access import access_from, parse_address
from reviewbot.forge.github import connect
from reviewbot.record import RunRecord, dump_record, load_record
from reviewbot.record.answers import Memory
from reviewbot.record.spending import day_accounts
from reviewbot.report.safe import visible_line
from reviewbot.settings import Budget, Operator, Policy
from reviewbot.sources.pages import policy_in
from reviewbot.sources.pull_request import read_pull_request

FORMS: Final[Mapping[str, Callable[[EvalResult], str]]] = {
    "text": lambda result: summary_text(result, metrics(result)),
    "json": lambda result: f"{_with_figures(result).model_dump_json(indent=1)}\n",
    "html": lambda result: result_page(result, metrics(result)),
}


def _with_figures(result: EvalResult) -> EvalResult:
    return result.model_copy(update={"summary": metrics(result).model_dump()})


class Wishes(NamedTuple):
    """What is wanted of an evaluation, beside the council's flags."""

    judge: str
    """A member's name, or "place" for none."""
    records: Path | None = None
    replay: bool = False
    memory: Path | None = None
    diffs: Path | None = None
    suite_format: str | None = None
    cases: tuple[str, ...] = ()
    at_once: int = 4
    batch: bool = False


def run_eval(path: Path, flags: Flags, wishes: Wishes) -> Exit:
    """Review and judge each case of the suite at `path`; the result goes to stdout or a file.

    Raises BadSuite, BadSettings and BadInput for what cannot be begun, NoCouncil where no case could be reviewed.
    """
    suite = _chosen(read_suite(path, diffs=wishes.diffs, form=wishes.suite_format), wishes.cases)
    _check_judge(wishes.judge, suite)
    file = wishes.memory or _memory_file(os.environ)
    memory = Memory(file)
    operator, way, places = _asking(flags.operator(os.environ), wishes, file, len(suite.cases))
    accounts: tuple[Account, ...] = (Purse(operator.budget), *day_accounts(operator))
    operator = operator.model_copy(update={"budget": Budget()})
    policy = policy_in(flags.policy)[0] if flags.policy else Policy()
    course = Course(
        operator=operator,
        seat=seats(operator, policy, memory, way),
        judging=judging_by(wishes.judge, operator, memory, accounts, way),
        policy=policy,
        diff_of=partial(diff_of, fetch=_fetch if os.environ.get("GITHUB_TOKEN") else None),
        records=_records(wishes, suite),
        accounts=accounts,
        at_once=places,
    )
    started = datetime.now(UTC).isoformat(timespec="seconds")
    reviewed = asyncio.run(run_suite(suite, course, _teller(suite, wishes, quiet=flags.quiet)))
    result = _result(suite, reviewed, judge_named(wishes.judge, reviewed), started)
    if flags.output:
        write_file(flags.output, FORMS[flags.form](result))
    else:
        print_text(FORMS[flags.form](result))
    if not (flags.quiet or wishes.replay or operator.models) and _only_rules(result):
        _note("only rules sat: --model seats a model")
    if memory.recalled and not flags.quiet:
        _note(f"{counted(memory.recalled, 'answer')} recalled, {money(memory.saved_usd)} not spent again")
    if memory.lost:
        _note(memory.lost)
    if all(case.failed for case in result.cases):
        raise NoCouncil(str(path), "no case could be reviewed", result.cases[0].failed or "see the result")
    return Exit.REVIEWED


def _only_rules(result: EvalResult) -> bool:
    families = {seat.family for case in result.cases for seat in case.seats}
    return bool(families) and all(map(is_rule, families))


def _asking(operator: Operator, wishes: Wishes, file: Path, cases: int) -> tuple[Operator, Way, int]:
    """With how much time, in which way, and about how many cases at once. In batches: all, so that all go together."""
    if not wishes.batch:
        return operator, at_once, wishes.at_once
    from reviewbot.doors.eval_batch import in_batches, patient  # noqa: PLC0415  imports httpx2

    return patient(operator), in_batches(operator, file, _note, places=wishes.at_once), cases


def _note(line: str) -> None:
    click.echo(visible_line(f"reviewbot: {line}"), err=True)


def _chosen(suite: Suite, names: tuple[str, ...]) -> Suite:
    """The suite, or of it these cases alone."""
    known = {case.id for case in suite.cases}
    unknown = next((name for name in names if name not in known), None)
    if unknown is not None:
        remedy = f"it has {len(known)}, such as {suite.cases[0].id}"
        raise BadSettings(f"--case {unknown}", f"{suite.name} has no such case", remedy)
    cases = tuple(case for case in suite.cases if case.id in names) if names else suite.cases
    return suite.model_copy(update={"cases": cases})


def _check_judge(name: str, suite: Suite) -> None:
    """Raises BadSettings where the judge by place would confirm nothing: no defect of the suite has a place."""
    golden = [golden for case in suite.cases for golden in case.golden]
    if name == JUDGE.name and golden and all(one.line is None for one in golden):
        remedy = "name a model with --judge PROVIDER/NAME"
        raise BadSettings("--judge place", f"no defect of {suite.name} has a place to judge by", remedy)


def _memory_file(environ: Mapping[str, str]) -> Path:
    home = environ.get("XDG_CACHE_HOME") or (environ["HOME"] + "/.cache" if environ.get("HOME") else None)
    if home is None:
        raise BadSettings("--memory", "there is no place to keep answers", "name a file, or set XDG_CACHE_HOME or HOME")
    return Path(home) / "reviewbot" / "answers.sqlite"


def _fetch(url: str) -> str:
    """The diff of a pull request, as its forge shows it now. Raises ForgeError."""
    server, address = parse_address(url)
    forge = connect(address.repository, access_from(os.environ, server))
    diff = read_pull_request(forge, forge.pull(address.number)).diff
    return write_diff(diff).decode("utf-8", "surrogateescape")


def _file_of(folder: Path, case: str) -> Path:
    return folder / f"{quote(case, safe=' ')}.json"


def _make_folder(folder: Path) -> None:
    try:
        folder.mkdir(parents=True, exist_ok=True)
    except OSError as e:
        why = e.strerror or "cannot be made"
        raise BadSettings(f"--records {folder}", why, "name a folder you can write to") from e


def _records(wishes: Wishes, suite: Suite) -> Mapping[str, RunRecord] | None:
    """The runs to judge again; None where the council is to be asked. A case without one fails, and says so."""
    if wishes.records is None:
        if wishes.replay:
            raise BadSettings("--replay", "names no records", "name their folder with --records")
        return None
    if not wishes.replay:
        _make_folder(wishes.records)
        check_folder(_file_of(wishes.records, "x"))
        return None
    if not wishes.records.is_dir():
        raise BadInput(f"--records {wishes.records}", "is no folder", "run once without --replay to make it")
    files = {case.id: _file_of(wishes.records, case.id) for case in suite.cases}
    return {name: load_record(file) for name, file in files.items() if file.is_file()}


def _teller(suite: Suite, wishes: Wishes, *, quiet: bool) -> Callable[[Reviewed], None]:
    """Writes the record of each case when it ends, and says so to who watches."""
    watched = sys.stderr.isatty() and not quiet and not os.environ.get("CI")
    ended = list[str]()

    def tell(reviewed: Reviewed) -> None:
        ended.append(reviewed.case.id)
        if reviewed.record and wishes.records and not wishes.replay:
            write_file(_file_of(wishes.records, reviewed.case.id), dump_record(reviewed.record))
        if watched:
            result = reviewed.result
            said = result.failed or f"{len(result.findings)} found, {len(result.golden)} known"
            click.echo(visible_line(f"{len(ended)}/{len(suite.cases)} {reviewed.case.id}: {said}"), err=True)

    return tell


def _result(suite: Suite, reviewed: Sequence[Reviewed], judge: Judge, started: str) -> EvalResult:
    records = [one.record for one in reviewed if one.record]
    members = dict.fromkeys(seat.member for one in reviewed for seat in one.result.seats)
    return EvalResult(
        suite=suite.name,
        digest=suite.digest,
        version=version("reviewbot"),
        started=started,
        members=tuple(members),
        prompts={name: hash_ for record in records for name, hash_ in record.prompts.items()},
        judge=judge,
        cases=tuple(one.result for one in reviewed),
    )
