"""Who raised a finding, who was asked and did not, and who refutes it.

Agreement counts families. Silence is told where somebody was asked, and is no dispute: only a refutation is.
"""

from collections.abc import Iterator

from reviewbot.report.model import ReportFinding, Voice
from reviewbot.report.wording import listed


def silent(finding: ReportFinding) -> tuple[str, ...]:
    """Families that were asked about this place and did not raise it."""
    return tuple(family for family in finding.asked if family not in finding.raised_by)


def refuted(finding: ReportFinding) -> bool:
    """Whether another family, asked blind, said that the finding does not hold."""
    return finding.challenge is not None and finding.challenge.verdict == "refuted"


def voiced(finding: ReportFinding) -> str:
    """Who raised the finding, and who was asked and did not."""
    by = listed(finding.raised_by) or "nobody"
    quiet = silent(finding)
    if quiet:
        return f"{by}; {listed(quiet)} {'was' if len(quiet) == 1 else 'were'} asked and did not raise it"
    return f"{by}, the only one asked" if finding.asked == finding.raised_by and len(finding.asked) == 1 else by


def challenged(finding: ReportFinding) -> str:
    """What the challenge came to, in one sentence; empty where there was none. Its figure is for the JSON report."""
    challenge = finding.challenge
    if challenge is None:
        return ""
    verdict = f"{challenge.by} is unsure" if challenge.verdict == "unsure" else f"{challenge.verdict} by {challenge.by}"
    return f"{verdict}: {challenge.because}"


def other_wordings(finding: ReportFinding) -> Iterator[Voice]:
    """The voices behind a finding, without the one whose words it carries."""
    spoken = False
    for voice in finding.voices:
        if not spoken and (voice.title, voice.body) == (finding.title, finding.body):
            spoken = True
        else:
            yield voice
