"""The command line: words in, exit codes out. A command imports the rooms it needs, so that `--help` is quick."""

import os
import sys
from collections.abc import Sequence
from io import TextIOWrapper
from pathlib import Path
from typing import Any

import click

from reviewbot.doors.eval_cli import evaluate
from reviewbot.doors.options import FILE, council_options, flags_of, member_options, output_options, with_options
from reviewbot.errors import BadSettings, Exit, ReviewbotError

PORT = click.IntRange(0, 65_535)


@click.group(context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 100})
@click.version_option(package_name="reviewbot", prog_name="reviewbot")
def cli() -> None:
    """A council of models reviews every diff. People decide."""


@cli.command()
@click.argument("range_", metavar="[RANGE]", required=False)
@click.option("--staged", is_flag=True, help="Review what is staged, against HEAD.")
@click.option("--base", metavar="REF", help="Review everything since the merge base with REF.")
@click.option("--diff", metavar="FILE", help="Review a diff made by git, no repository needed; - is stdin.")
@with_options(council_options)
@with_options(output_options)
def check(**options: Any) -> Exit:
    """Review local work before pushing.

    By default everything since the merge base with the default branch, uncommitted work included; RANGE is A..B or
    A...B. --model, --lens and --sarif may be given several times. docs/members.md says who can sit.
    """
    from reviewbot.doors.check import check_change  # noqa: PLC0415  as above

    flags, rest = flags_of(options)
    return check_change(flags, **rest)


@cli.command()
@click.argument("where", metavar="URL|OWNER/REPO#N")
@click.option("--post", is_flag=True, help="Publish the review. Without it, it is only printed.")
@click.option("--whole", is_flag=True, help="Review everything again, not only what is new since the last review.")
@with_options(council_options)
@with_options(output_options)
def pr(where: str, **options: Any) -> Exit:
    """Review a pull request on GitHub.

    GITHUB_TOKEN says who is asking; it needs to read the repository and, with --post, to write pull requests.
    """
    from reviewbot.doors.pr import review_pr  # noqa: PLC0415  as above

    flags, rest = flags_of(options)
    return review_pr(where, flags, **rest)


@cli.command()
def action() -> Exit:
    """What the GitHub Action runs: reads the event, reviews, posts, writes outputs and the step summary."""
    from reviewbot.doors.action import run_action  # noqa: PLC0415  as above

    return run_action(os.environ)


@cli.command()
@click.option("--web", is_flag=True, help="Only take events. Without --web and --worker it does both.")
@click.option("--worker", is_flag=True, help="Only carry out what was taken.")
@click.option("--host", default="127.0.0.1", show_default=True, help="Where to listen; 0.0.0.0 is everywhere.")
@click.option(
    "--port", type=PORT, metavar="N", default=8080, show_default=True, help="For GitHub, the pages and /healthz."
)
@click.option(
    "--metrics-port", type=PORT, metavar="N", default=9090, show_default=True, help="For /metrics; 0 is none."
)
@with_options(member_options)
def serve(host: str, port: int, metrics_port: int, **options: Any) -> Exit:
    """Run the service behind a GitHub App: events in, reviews out.

    GITHUB_APP_ID, GITHUB_APP_PRIVATE_KEY and GITHUB_WEBHOOK_SECRET say which App it is, REVIEWBOT_DATABASE_URL where it
    keeps its work (sqlite:///reviewbot.sqlite, or postgresql://... for several machines). docs/service.md has the rest.
    """
    try:
        from reviewbot.doors.service.serve import serve as run_service  # noqa: PLC0415  as above
    except ModuleNotFoundError as e:
        remedy = "install what it needs: pip install 'reviewbot[server]'"
        raise BadSettings("serve", f"{e.name} is not installed", remedy) from e

    flags, rest = flags_of(options)
    return run_service(flags, host=host, port=port, metrics_port=metrics_port, **rest)


@cli.group()
def app() -> None:
    """Make the GitHub App that the service is."""


@app.command()
@click.option("--url", required=True, metavar="https://HOST", help="Where GitHub reaches the service.")
@click.option("--name", default="reviewbot", show_default=True, help="Of the App; nobody else's may have it.")
@click.option("--org", "organization", metavar="ORG", help="Make it for an organisation, not for yourself.")
@click.option("--page", type=FILE, help="Also write a page from which one click makes the App.")
def manifest(**options: Any) -> Exit:
    """Print what GitHub must know of the App: its address, its events, and exactly the permissions it needs."""
    from reviewbot.doors.app import print_manifest  # noqa: PLC0415  as above

    return print_manifest(**options)


@cli.command()
@click.argument("record", type=FILE)
@click.option("--moved", is_flag=True, help="Say what stands elsewhere than when the run was made, and why.")
@with_options(output_options)
def replay(record: Path, **options: Any) -> Exit:
    """Judge a recorded run again: no network, no cost."""
    from reviewbot.doors.check import replay_record  # noqa: PLC0415  as above

    return replay_record(record, **options)


@cli.command()
@click.option("--database", metavar="URL", help="Read a service's: what its REVIEWBOT_DATABASE_URL says.")
@click.option("--format", "form", type=click.Choice(("text", "json")), default="text", help="How it is written.")
def feedback(database: str | None, form: str) -> Exit:
    """What people did with posted findings, by member and lens, and what that does to the ranking.

    Kept in $XDG_STATE_HOME/reviewbot/feedback.sqlite, or where REVIEWBOT_FEEDBACK says. No network, no cost.
    """
    from reviewbot.doors.feedback import show_feedback  # noqa: PLC0415  as above

    return show_feedback(database, form, os.environ)


cli.add_command(evaluate)


def run(arguments: Sequence[str]) -> int:
    """The process from its words to its exit code. The one place that catches everything."""
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, TextIOWrapper):
            stream.reconfigure(errors="backslashreplace")  # a finding holds any script, the terminal's encoding may not
    try:
        with cli.make_context("reviewbot", list(arguments) or ["--help"]) as context:
            return int(cli.invoke(context))
    except click.exceptions.Exit as e:  # --help and --version have said all there is to say
        return e.exit_code
    except ReviewbotError as e:
        return _say(str(e), Exit.EXPLAINED)
    except click.UsageError as e:
        command = e.ctx.command_path if e.ctx else "reviewbot"
        return _say(f"{e.format_message().rstrip('.?')}; see `{command} --help`", Exit.EXPLAINED)
    except (click.Abort, KeyboardInterrupt):
        return _say("interrupted; no report was written", Exit.INTERRUPTED)
    except Exception:  # noqa: BLE001  the door's handler: a bug of ours is told as one
        return _say(f"a bug in reviewbot; what happened is in {_keep_traceback()}: please report it", Exit.BUG)


def _say(line: str, code: Exit) -> Exit:
    from reviewbot.report.safe import visible_line  # noqa: PLC0415  paid for by failures, not by --help

    click.echo(f"reviewbot: {visible_line(' '.join(line.split()))}", err=True)
    return code


def _keep_traceback() -> str:
    import traceback  # noqa: PLC0415  paid for by bugs, not by --help
    from tempfile import NamedTemporaryFile  # noqa: PLC0415

    with NamedTemporaryFile("wb", prefix="reviewbot-", suffix=".log", delete=False) as log:
        log.write(traceback.format_exc().encode("utf-8", "replace"))
    return log.name
