"""What can be looked up of a finding without a model: its quote, its fix, what it says is absent, the names it uses.

Pure: the change and the sightings of a tree are all it knows. A check is made only where the code decides; a finding
without checks is neither better nor worse for it. What rules say is not looked up: they read the code themselves. What
a check is worth is said by `findings.probability`.
"""

import math
from collections.abc import Collection, Iterator, Mapping, Sequence

from reviewbot.change import Change
from reviewbot.change.kinds import is_test
from reviewbot.findings.absence import IN_TESTS, absence, said_untested
from reviewbot.findings.model import Check, Cluster, Finding, is_rule
from reviewbot.findings.names import Name, offered_in, said_of_this_code, said_to_exist
from reviewbot.findings.probability import FAILED, HELD, LEAST_EVIDENCE
from reviewbot.findings.remedy import remedy
from reviewbot.findings.shown import Shown, shown_of

MOST_NAMES = 200
"""Names of one run that are looked up in a tree."""


def evidence(findings: Sequence[Finding], change: Change, sightings: Mapping[str, bool]) -> tuple[Finding, ...]:
    """The findings, in their order, each with its checks.

    `sightings` is what `sighted` makes of a search. A name that is not in it was not looked up, and decides nothing.
    """
    if not findings:
        return ()
    shown = shown_of(change)
    return tuple(
        finding
        if is_rule(finding.family)
        else finding.model_copy(update={"evidence": tuple(_checks(finding, shown, sightings))})
        for finding in findings
    )


def names_to_look_up(findings: Sequence[Finding], change: Change) -> tuple[str, ...]:
    """Words to search a tree for, each once, at most MOST_NAMES.

    They are the names that findings speak of and the change does not show, and those they say no test names.
    """
    shown = shown_of(change)
    wanted = dict[str, None]()
    for finding in findings:
        if not is_rule(finding.family):
            unseen = (part for name in _names(finding, shown) if not _stands(name, shown) for part in name.parts)
            wanted |= dict.fromkeys((*unseen, *said_untested(finding, shown)))
    return tuple(wanted)[:MOST_NAMES]


def sighted(found: Mapping[str, Collection[str]]) -> dict[str, bool]:
    """Sightings, made of the files in which a tree has each word. A word that is missing was not looked up."""
    stands = {word: bool(paths) for word, paths in found.items()}
    return stands | {word + IN_TESTS: any(map(is_test, paths)) for word, paths in found.items()}


def counted_checks(cluster: Cluster) -> tuple[Check, ...]:
    """The checks that P(real) has of a problem: those of the voice they speak best for, of equals the first."""
    return max(cluster.findings, key=_worth).evidence


def _worth(finding: Finding) -> float:
    values = [(HELD if check.holds else FAILED).get(check.name, 0.0) for check in finding.evidence]
    return max(math.fsum(values), LEAST_EVIDENCE)


def _checks(finding: Finding, shown: Shown, sightings: Mapping[str, bool]) -> Iterator[Check]:
    yield _quote(finding)
    yield from remedy(finding, shown)
    yield from absence(finding, shown, sightings)
    yield from _symbol(finding, shown, sightings)
    yield from _unchanged(finding, shown)


def _quote(finding: Finding) -> Check:
    if finding.anchor:
        return Check(name="quote", holds=True, detail="the code it quotes stands in this change")
    if not finding.draft.quote.strip():
        return Check(name="quote", holds=False, detail="it quotes no code")
    return Check(name="quote", holds=False, detail="the code it quotes is not found at one place of this change")


def _unchanged(finding: Finding, shown: Shown) -> Iterator[Check]:
    passage = shown.passage(finding.anchor)
    lines = passage.at(finding.anchor) if passage and finding.anchor else ()
    if lines and all(line.kind == " " for line in lines):
        yield Check(name="unchanged", holds=False, detail="it quotes only lines this change leaves as they are")


def _names(finding: Finding, shown: Shown) -> tuple[Name, ...]:
    """The names it speaks of as code that is there. What only its own code has, it may propose."""
    draft = finding.draft
    offered = offered_in(draft.body, draft.fix or "")
    names = said_to_exist(f"{draft.title}\n{draft.body}")
    return tuple(name for name in names if _stands(name, shown) or name.last not in offered)


def _stands(name: Name, shown: Shown) -> bool:
    return any(part.casefold() in shown.words for part in name.parts)


def _symbol(finding: Finding, shown: Shown, sightings: Mapping[str, bool]) -> Iterator[Check]:
    """Fails where no name stands anywhere and one is plainly said to be of this code; holds where all stand."""
    names = _names(finding, shown)
    unseen = [name for name in names if not _stands(name, shown)]
    absent = [name for name in unseen if all(sightings.get(part) is False for part in name.parts)]
    if names and len(absent) == len(names):
        plain = said_of_this_code(f"{finding.draft.title}\n{finding.draft.body}")
        name = next((name for name in names if name.last in plain), None)
        if name is None:
            return
        detail = f"`{name.text}` stands nowhere in the change or the tree"
        yield Check(name="symbol", holds=False, detail=detail)
    elif names and all(any(sightings.get(part) for part in name.parts) for name in unseen):
        where = "the tree" if unseen else "the change"
        yield Check(name="symbol", holds=True, detail=f"`{(unseen or names)[0].text}` stands in {where}")
