"""`reviewbot action`: an event in, a review on the pull request and in the run out.

Decides what a run of the Action may do and who does it: reviewing is `doors.pull_request`'s work, commands are
`doors.commands`', telling the outcome is `doors.outcome`'s.
"""

import asyncio
from collections.abc import Callable, Mapping
from functools import partial
from pathlib import Path

from reviewbot.doors.checkouts import refuse_checkout, refuse_policy
from reviewbot.doors.commands import carry_out
from reviewbot.doors.inputs import Inputs, read_inputs, with_variables
from reviewbot.doors.outcome import NOT_REVIEWED, Outcome, tell
from reviewbot.doors.output import check_folder
from reviewbot.doors.progress import watch
from reviewbot.doors.pull_request import Done, Wish, review_pull
from reviewbot.doors.rights import limits_of, without_vendors
from reviewbot.doors.runner import (
    Runner,
    add_summary,
    check_places,
    commands_stopped,
    complain,
    read_runner,
    show_bug,
    write_outputs,
)
from reviewbot.doors.session import Session, open_session
from reviewbot.errors import BadSettings, Exit, NoCouncil, ReviewbotError
from reviewbot.forge.access import Access, access_from
from reviewbot.forge.event import UNNAMED, Command, Nothing, Review, Task, task_of
from reviewbot.forge.model import Pull
from reviewbot.record.feedback import learn
from reviewbot.report.summary import render_skipped
from reviewbot.settings import Operator

Begin = Callable[[str, Access], Session]
"""How work on a repository begins."""
BEGIN: Begin = partial(open_session, lagging=True)
"""As an event has it: of what GitHub tells, it may not know itself for some seconds."""


def run_action(environ: Mapping[str, str], begin: Begin = BEGIN) -> Exit:
    """One run of the Action. What goes wrong and can be explained is told on the run's page, and ends in 2."""
    runner = read_runner(environ)
    try:
        with commands_stopped():
            check_places(runner)
            inputs = read_inputs(environ, runner.workspace)
            outcome = _act(runner, inputs, with_variables(environ), begin)
        return tell(runner, inputs, outcome)
    except ReviewbotError as e:
        complain(str(e))
        write_outputs(runner, NOT_REVIEWED)
        add_summary(runner, render_skipped(str(e)))
        return Exit.EXPLAINED
    except Exception:
        show_bug()
        raise


def _act(runner: Runner, inputs: Inputs, environ: Mapping[str, str], begin: Begin) -> Outcome:
    """What the event asks for, as far as this run may. GitHub is spoken to only where there is something to do."""
    operator = inputs.flags.operator(environ)
    for path in filter(None, (inputs.report, inputs.sarif)):
        check_folder(path)
    task = _task(runner, inputs)
    if not isinstance(task, Review | Command):
        why = task.why if isinstance(task, Nothing) else "a run of the Action keeps nothing that could be taken back"
        return Outcome(Done(f"Nothing to do: {why}"))
    session = begin(runner.repository, access_from(environ))
    session = session._replace(
        admit=partial(_admit, runner, inputs.flags.policy), learn=lambda _pull, rows: learn(operator.feedback, rows)
    )
    limits = limits_of(runner, operator)
    if limits is None:
        return Outcome(asyncio.run(_carry_out(session, task, inputs, operator)))
    inputs = inputs.model_copy(update={"post": inputs.post and limits.may_post})
    try:
        return Outcome(asyncio.run(_carry_out(session, task, inputs, without_vendors(operator))), limits.why)
    except NoCouncil as e:  # the policy names models only, and here none can sit: nobody's mistake
        return Outcome(Done(str(e)), limits.why)


def _task(runner: Runner, inputs: Inputs) -> Task:
    """What the event asks for; where it names no pull request, what the workflow does."""
    task = task_of(runner.event, runner.payload)
    if runner.event not in UNNAMED or not isinstance(task, Nothing):
        return task
    if inputs.pull is None:
        return Nothing(why=f"{runner.event} names no pull request, and the input `pull` is not given")
    return Review(number=inputs.pull, head_sha=None, asked=True)


def _admit(runner: Runner, policy: Path | None, pull: Pull) -> None:
    """Raise BadSettings where the runner's workspace holds what must not stand beside, or judge, this change."""
    refuse_checkout(runner.event, runner.workspace, pull.head_sha)
    if policy:
        refuse_policy(policy, pull.head_sha)


async def _carry_out(session: Session, task: Review | Command, inputs: Inputs, operator: Operator) -> Done:
    watching = partial(watch, quiet=inputs.flags.quiet)
    wish = Wish(post=inputs.post, policy_file=inputs.flags.policy)
    if isinstance(task, Command):
        return await carry_out(session, task, operator, wish, watching)
    number = task.number or inputs.pull or _only_pull(session, task)
    whole = task.whole or not inputs.post  # who only reads is shown everything
    wish = wish._replace(asked=task.asked, whole=whole, head=task.head_sha)
    return await review_pull(session, number, operator, wish, watching)


def _only_pull(session: Session, task: Review) -> int:
    """The pull request that an event means by its head alone: those of forks are not named (THREATS G27)."""
    found = session.forge.pulls_at(task.head_sha) if task.head_sha else ()
    if len(found) != 1:
        what = f"means {len(found)} open pull requests by their head {task.head_sha}" if task.head_sha else "names none"
        raise BadSettings("the event", what, "give the number of the pull request as the input `pull`")
    return found[0]
