"""Who was spoken of and does not sit, or sits and is not asked all it could say: in words for a person. Pure.

Knows what the operator and the policy said, and who came of it; `wiring` decides who that is.
"""

from collections.abc import Iterator, Sequence
from difflib import get_close_matches
from typing import Final

from reviewbot.council.model import Invited, Lens
from reviewbot.findings import SCANNER
from reviewbot.settings import Operator, Policy, TierRules

MOST_NAMED: Final = 5
ALIKE: Final = 0.8
"""Of two names, from which on one may be a slip of the other."""


def told_of(
    council: Sequence[Invited], lenses: Sequence[Lens], settings: Operator, policy: Policy, rules: TierRules
) -> tuple[str, ...]:
    """A note for each. `rules` are those of the run's tier, `lenses` those that look."""
    names = {invited.member.name for invited in council}
    wanted = dict.fromkeys((*(policy.models or ()), *(rules.members or ())))
    notes = list[str]()
    if missing := [name for name in wanted if name not in names]:
        notes.append(f"The policy asks for {_listed(missing)}, not among those the operator lets it choose from.")
    notes += _unheard(council, {lens.name for lens in lenses})
    notes += _of_nobody(names, settings, policy)
    return tuple(notes)


def _unheard(council: Sequence[Invited], asked: set[str]) -> Iterator[str]:
    for invited in council:
        unasked = [lens for lens in invited.lenses or () if lens not in asked]
        if unasked and invited.member.family.endswith(SCANNER):
            yield f"What {invited.member.name} says through lens {' and '.join(unasked)} was not asked for."


def _of_nobody(names: set[str], settings: Operator, policy: Policy) -> Iterator[str]:
    """Settings under `members:` that reach no model: a slip of the pen, or somebody who was never named."""
    silent = [name for name in names if name not in settings.members]
    narrowed = settings.models or policy.models is not None or settings.offline
    for name in settings.members:
        provider = name.partition("/")[0]
        if name in names or not (provider in settings.keys or provider in settings.servers):
            continue
        if near := get_close_matches(name, silent, n=1, cutoff=ALIKE):
            yield f"The operator's settings of {name} reach nobody: did they mean {near[0]}?"
        elif not narrowed:
            yield f"The operator's settings of {name} reach nobody: it sits where --model or a policy names it."


def _listed(names: Sequence[str]) -> str:
    more = f" and {len(names) - MOST_NAMED} more" if len(names) > MOST_NAMED else ""
    return ", ".join(names[:MOST_NAMED]) + more
