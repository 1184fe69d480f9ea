"""Who raised a finding, who was asked and did not, who refutes it, and what others said of it.

Agreement counts families. Silence of a family that could have raised it is told, and is no dispute: only a refutation
is. Rules are no family that is asked, and what they alone found, such as a value no model is shown, nobody else could.
"""

from collections.abc import Iterator, Sequence
from typing import NamedTuple

from reviewbot.findings import SEVERITIES, Severity, is_rule
from reviewbot.report.model import Challenge, ReportFinding, Voice, Word
from reviewbot.report.wording import listed


def silent(finding: ReportFinding) -> tuple[str, ...]:
    """Families that were asked about this place and did not raise what they could have."""
    if all(map(is_rule, finding.raised_by)):
        return ()
    return tuple(family for family in models(finding.asked) if family not in finding.raised_by)


def models(families: Sequence[str]) -> tuple[str, ...]:
    """Those whose silence would say something."""
    return tuple(family for family in families if not is_rule(family))


def refuted(finding: ReportFinding) -> bool:
    """Whether most of those who were asked, blind, said that the finding does not hold."""
    return finding.challenge is not None and finding.challenge.verdict == "refuted"


def voiced(finding: ReportFinding) -> str:
    """Who raised the finding, and who was asked and did not."""
    by = listed(finding.raised_by) or "nobody"
    quiet = silent(finding)
    if quiet:
        return f"{by}; {listed(quiet)} {'was' if len(quiet) == 1 else 'were'} asked and did not raise it"
    return f"{by}, the only one asked" if finding.asked == finding.raised_by and len(finding.asked) == 1 else by


def challenged(finding: ReportFinding) -> str:
    """What the challenge came to: each verdict, whose it is, and the first reason given for it; empty without one."""
    if finding.challenge is None:
        return ""
    words = _words(finding.challenge)
    by = {word.by for word in words}
    together = len(by) > 1 and by <= {*finding.raised_by}
    said = []
    for verdict in dict.fromkeys(word.verdict for word in words):
        alike = [word for word in words if word.verdict == verdict]
        alike.sort(key=lambda word: word.by in finding.raised_by)  # a stranger's reason is worth more
        itself = len(alike) == 1 and alike[0].by in finding.raised_by and not together
        said.append(f"{_told(alike, own=itself)}: {alike[0].because}")
    if together:
        said.append(f"{'both' if len(by) == 2 else 'all'} raised it themselves")
    return "; ".join([*(text.rstrip(".") for text in said[:-1]), said[-1]])


def _words(challenge: Challenge) -> Sequence[Word]:
    """Those that go with the outcome first."""
    whole = Word(by=challenge.by, verdict=challenge.verdict, importance=challenge.importance, because=challenge.because)
    words = challenge.words or (whole,)
    return sorted(words, key=lambda word: (word.verdict != challenge.verdict, word.verdict != "refuted"))


def _told(alike: Sequence[Word], *, own: bool) -> str:
    """A verdict and whose it is; of what was not refuted, how much it matters to them on average."""
    who, itself = listed([word.by for word in alike]), ", which raised it itself" if own else ""
    if alike[0].verdict == "refuted":
        return f"refuted by {who}{itself}"
    is_unsure = f"{who} {'is' if len(alike) == 1 else 'are'} unsure"
    said = is_unsure if alike[0].verdict == "unsure" else f"upheld by {who}"
    return f"{said}{itself} (importance {round(sum(word.importance for word in alike) / len(alike))} of 100)"


class Wording(NamedTuple):
    """How a member said it, through all its lenses."""

    member: str
    lenses: tuple[str, ...]
    severity: Severity
    """The worst."""
    title: str
    places: tuple[str, ...]
    """Other than the finding's own."""


def other_wordings(finding: ReportFinding) -> Iterator[Wording]:
    """What stands behind a finding beside the words it carries: one for each member."""
    voices = list(finding.voices)
    said = (voice for voice in voices if (voice.title, voice.body) == (finding.title, finding.body))
    if speaker := next(said, None):
        voices.remove(speaker)
    for member in dict.fromkeys(voice.member for voice in voices):
        own = [voice for voice in voices if voice.member == member]
        yield Wording(
            member=member,
            lenses=tuple(dict.fromkeys(voice.lens for voice in own)),
            severity=min((voice.severity for voice in own), key=SEVERITIES.index),
            title=own[0].title,
            places=tuple(dict.fromkeys(place for voice in own if (place := _elsewhere(voice, finding)))),
        )


def _elsewhere(voice: Voice, finding: ReportFinding) -> str:
    """Where a voice saw it, if not where the finding stands."""
    if voice.path is None or (voice.path, voice.side, voice.line) == (finding.path, finding.side, finding.line):
        return ""
    where = voice.path if voice.line is None else f"{voice.path}:{voice.line}"
    return f"{where} (removed)" if voice.side == "old" and voice.line is not None else where
