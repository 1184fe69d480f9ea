"""`reviewbot pr`: a person reviews a pull request, to read it here or to post it."""

import asyncio
import os
from functools import partial

import click

from reviewbot.doors.flags import Flags
from reviewbot.doors.output import tell, write_file
from reviewbot.doors.progress import watch
from reviewbot.doors.pull_request import Wish, review_pull
from reviewbot.doors.session import open_session
from reviewbot.errors import Exit, Unreachable
from reviewbot.forge.access import access_from, parse_address
from reviewbot.record import dump_record
from reviewbot.record.feedback import learn
from reviewbot.report.safe import visible_line


def review_pr(where: str, flags: Flags, *, post: bool, whole: bool) -> Exit:
    """One pull request, told on stdout and, with `post`, on GitHub."""
    server, address = parse_address(where)
    operator = flags.operator(os.environ)
    session = open_session(address.repository, access_from(os.environ, server))
    session = session._replace(learn=lambda _pull, rows: learn(operator.feedback, rows))
    wish = Wish(post=post, asked=True, whole=whole or not post, policy_file=flags.policy)
    done = asyncio.run(review_pull(session, address.number, operator, wish, partial(watch, quiet=flags.quiet)))
    for note in done.notes:
        click.echo(visible_line(f"reviewbot: {note}"), err=True)
    if done.report is None:
        click.echo(visible_line(done.said))
        return Exit.REVIEWED
    if post and not flags.quiet:
        click.echo(visible_line(f"reviewbot: {done.said}"), err=True)
    if done.record and flags.record:
        write_file(flags.record, dump_record(done.record))
    ended = tell(done.report, flags.form, flags.output, flags.fail_on)
    if done.failure:
        raise Unreachable(str(address), done.failure, "run it again: what was posted is not posted twice")
    if done.summary_url and not flags.quiet:
        click.echo(visible_line(f"reviewbot: posted at {done.summary_url}"), err=True)
    return ended
