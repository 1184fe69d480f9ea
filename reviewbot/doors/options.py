"""The options that several commands share, and how the flags of a review are taken from them."""

from collections.abc import Callable, Sequence
from functools import reduce
from pathlib import Path
from typing import Any

import click

FORMATS = ("text", "json", "markdown", "sarif", "github")
FILE = click.Path(dir_okay=False, path_type=Path)
FOLDER = click.Path(file_okay=False, path_type=Path)
SEVERITIES = ("critical", "high", "medium", "low")
TIERS = ("low", "standard", "high")

output_options = (
    click.option("--format", "form", type=click.Choice(FORMATS), default="text", help="How the report is written."),
    click.option("--output", type=FILE, help="Write the report to a file, not to stdout."),
    click.option("--fail-on", type=click.Choice(SEVERITIES), help="Exit 1 when a finding is this severe or worse."),
    click.option("--quiet", is_flag=True, help="No progress on stderr."),
)


member_options = (
    click.option("--model", "models", metavar="PROVIDER/NAME", multiple=True, help="Seat exactly those named."),
    click.option("--lens", "lenses", metavar="NAME", multiple=True, help="Look through those named."),
    click.option("--offline", is_flag=True, help="Nobody is seated who needs a network."),
    click.option("--max-usd", type=click.FloatRange(min=0), metavar="N", help="Spend no more than this."),
    click.option("--max-tokens", type=click.IntRange(min=0), metavar="N", help="Use no more tokens than this."),
)


seating_options = (
    *member_options,
    click.option("--sarif", type=FILE, multiple=True, help="Seat another scanner, with what it wrote in SARIF."),
    click.option("--tier", type=click.Choice(TIERS), help="Look this hard, whatever the change touches."),
    click.option("--policy", type=FILE, help="Use this policy, not the base commit's."),
)


council_options = (
    *seating_options,
    click.option("--record", type=FILE, help="Keep the run, for `reviewbot replay`."),
)


def with_options(options: Sequence[Callable[[Any], Any]]) -> Callable[[Any], Any]:
    """All these options on a command, in their order."""
    return lambda command: reduce(lambda so_far, option: option(so_far), reversed(options), command)


def flags_of(options: dict[str, Any]) -> tuple[Any, dict[str, Any]]:
    """The flags that every review takes, and the options that are left."""
    from reviewbot.doors.flags import Flags  # noqa: PLC0415  the review's rooms are not paid for by --help

    given = {name: options.pop(name) for name in Flags._fields if name in options}
    return Flags(**given), options
