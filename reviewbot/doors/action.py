"""`reviewbot action`: an event in, a review on the pull request and in the run out.

Decides what a run of the Action may do and who does it: reviewing is `doors.pull_request`'s work, commands are
`doors.commands`', telling the outcome is `doors.outcome`'s.
"""

import asyncio
from collections.abc import Callable, Mapping
from functools import partial

from reviewbot.doors.checkouts import refuse_checkout, refuse_policy
from reviewbot.doors.commands import carry_out
from reviewbot.doors.inputs import Inputs, read_inputs, with_variables
from reviewbot.doors.outcome import NOT_REVIEWED, Outcome, tell
from reviewbot.doors.output import check_folder
from reviewbot.doors.progress import watch
from reviewbot.doors.pull_request import Done, Session, Wish, open_session, review_pull
from reviewbot.doors.rights import read_only, without_vendors
from reviewbot.doors.runner import Runner, add_summary, commands_stopped, complain, read_runner, write_outputs
from reviewbot.errors import BadSettings, Exit, NoCouncil, ReviewbotError
from reviewbot.forge.access import Access, access_from
from reviewbot.forge.event import Command, Nothing, Review, task_of
from reviewbot.report.summary import render_skipped
from reviewbot.settings import Operator

Begin = Callable[[str, Access], Session]
"""How work on a repository begins."""


def run_action(environ: Mapping[str, str], begin: Begin = open_session) -> Exit:
    """One run of the Action. What goes wrong and can be explained is told on the run's page, and ends in 2."""
    runner = read_runner(environ)
    try:
        with commands_stopped():
            inputs = read_inputs(environ, runner.workspace)
            outcome = _act(runner, inputs, with_variables(environ), begin)
        return tell(runner, inputs, outcome)
    except ReviewbotError as e:
        write_outputs(runner, NOT_REVIEWED)
        add_summary(runner, render_skipped(str(e)))
        complain(str(e))
        return Exit.EXPLAINED


def _act(runner: Runner, inputs: Inputs, environ: Mapping[str, str], begin: Begin) -> Outcome:
    """What the event asks for, as far as this run may. GitHub is spoken to only where there is something to do."""
    operator = inputs.flags.operator(environ)
    for path in filter(None, (inputs.report, inputs.sarif)):
        check_folder(path)
    task = task_of(runner.event, runner.payload)
    if isinstance(task, Nothing):
        return Outcome(Done(f"Nothing to do: {task.why}"))
    if isinstance(task, Review) and task.head_sha:
        refuse_checkout(runner.event, runner.workspace, task.head_sha)
        if inputs.flags.policy:
            refuse_policy(inputs.flags.policy, task.head_sha)
    session = begin(runner.repository, access_from(environ))
    why = read_only(runner, operator)
    if why is None:
        return Outcome(asyncio.run(_carry_out(session, task, inputs, operator)))
    quietly = inputs.model_copy(update={"post": False})
    try:
        return Outcome(asyncio.run(_carry_out(session, task, quietly, without_vendors(operator))), why)
    except NoCouncil as e:  # the policy names models only, and here none can sit: nobody's mistake
        return Outcome(Done(str(e)), why)


async def _carry_out(session: Session, task: Review | Command, inputs: Inputs, operator: Operator) -> Done:
    watching = partial(watch, quiet=inputs.flags.quiet)
    wish = Wish(post=inputs.post, policy_file=inputs.flags.policy)
    if isinstance(task, Command):
        return await carry_out(session, task, operator, wish, watching)
    number = task.number or inputs.pull or _only_pull(session, task)
    wish = wish._replace(asked=task.asked, whole=task.whole, head=task.head_sha)
    return await review_pull(session, number, operator, wish, watching)


def _only_pull(session: Session, task: Review) -> int:
    """The pull request that an event means by its head alone: those of forks are not named (THREATS G27)."""
    found = session.forge.pulls_at(task.head_sha) if task.head_sha else ()
    if len(found) != 1:
        what = f"means {len(found)} open pull requests by their head {task.head_sha}" if task.head_sha else "names none"
        raise BadSettings("the event", what, "give the number of the pull request as the input `pull`")
    return found[0]
