"""Options that several commands share."""

import click

from reviewbot.doors.flags import Flags
from reviewbot.doors.options import council_options, flags_of, output_options, with_options


def test_options_stand_on_a_command_in_their_order():
    command = click.command()(with_options(council_options)(with_options(output_options)(lambda **_: None)))
    names = [option.name for option in command.params]
    assert names[:2] == ["models", "lenses"]
    assert names[-1] == "quiet"
    assert set(names) <= set(Flags._fields)


def test_the_flags_of_a_review_are_taken_and_the_rest_is_left():
    flags, rest = flags_of({"models": ("a/b",), "quiet": True, "staged": False})
    assert flags == Flags(models=("a/b",), quiet=True)
    assert rest == {"staged": False}
