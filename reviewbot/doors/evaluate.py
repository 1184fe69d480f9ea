"""`reviewbot eval council` and `reviewbot eval compare`: files in, figures on stdout, nobody is asked."""

from importlib.metadata import version
from pathlib import Path

import click

from reviewbot.doors.output import check_folder, print_text, write_file
from reviewbot.errors import Exit
from reviewbot.evals.compare import compare, read_result
from reviewbot.evals.contest import Contest, hold, read_members
from reviewbot.evals.recorded import read_recorded
from reviewbot.evals.tables import comparison_text, contest_text, counted
from reviewbot.report.safe import visible_line


def council_eval(file: Path, *, members: str, output: Path | None, form: str) -> Exit:
    """Merge and rank what these members said, and score it. `output` gets one line of JSON for each pull request."""
    if output:
        check_folder(output, file)
    rows = read_recorded(file)
    contest, pulls = hold(rows, read_members(members, rows), file=file.name, version=version("reviewbot"))
    _say_left_out(contest)
    if output:
        write_file(output, "".join(f"{pull.model_dump_json()}\n" for pull in pulls))
    print_text(contest_text(contest) if form == "text" else f"{contest.model_dump_json(indent=2)}\n")
    return Exit.REVIEWED


def compare_eval(before: Path, after: Path, *, common: bool, margin: float | None, form: str) -> Exit:
    """Two results, figure by figure. Ends as `check --fail-on` does where the second is worse."""
    comparison = compare(read_result(before), read_result(after), common=common, margin=margin)
    text = comparison_text(comparison, str(before), str(after))
    print_text(text if form == "text" else f"{comparison.model_dump_json(indent=2)}\n")
    if comparison.regressions:
        click.echo(visible_line(f"reviewbot: {after} is worse in {', '.join(comparison.regressions)}"), err=True)
        return Exit.FINDINGS
    return Exit.REVIEWED


def _say_left_out(contest: Contest) -> None:
    if contest.left_out:
        pulls = counted(contest.left_out, "pull request")
        click.echo(f"reviewbot: {pulls} left out: not every member was run there", err=True)
    if contest.unscored:
        pulls = counted(contest.unscored, "pull request")
        click.echo(f"reviewbot: {pulls} not scored: no goldens, or comments that nobody judged", err=True)
