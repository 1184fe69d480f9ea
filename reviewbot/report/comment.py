"""One finding as the comment that stands at its line: what a careful colleague would write there, and no more.

Knows a finding and who was asked, nothing of posting. A fix is text; it is a suggestion that one click commits only
where the caller gives one that `suggestion` found harmless (THREATS S18).
"""

from collections.abc import Iterator

from reviewbot.findings import RULES
from reviewbot.report.dissent import refuted, voiced
from reviewbot.report.fitting import cut, size
from reviewbot.report.model import Report, ReportFinding
from reviewbot.report.passages import assumed, dispute, remedy
from reviewbot.report.safe import code_span, inline, prose
from reviewbot.report.wording import listed

LONGEST_FIELD = 8_000
"""Characters of one field of a finding that are shown at most; halved until the comment has its size."""
SHORTEST_FIELD = 30
LONGEST_TITLE = 300


def render_comment(
    finding: ReportFinding,
    *,
    report: Report,
    suggestion: str | None = None,
    source_url: str = "",
    limit: int = 60_000,
) -> str:
    """The Markdown of a comment in at most `limit` bytes of UTF-8 (5,000 or more), so never more characters (G19).

    `suggestion` is what `suggestion_of` gave, where the policy wants suggestions. `source_url` is that of `Standing`.
    """
    characters = min(LONGEST_FIELD, limit // 4)
    page = _page(shortened(finding, characters), report, suggestion, source_url)
    while size(page) > limit and characters > SHORTEST_FIELD:
        characters //= 2
        page = _page(shortened(finding, characters), report, None, source_url)
    return page


def signature(finding: ReportFinding, *facts: str) -> str:
    """One small line: what is known of the finding beside what it says, and how to be rid of it."""
    dismissal = f"not an issue? {code_span(f'/reviewbot dismiss {finding.id}')}"
    return f"<sub>{' · '.join(filter(None, (inline('; '.join(facts)), dismissal)))}</sub>"


def heard(finding: ReportFinding, report: Report) -> str:
    """Who raised it of who was asked, who could not answer, and what a challenge came to that did not refute it."""
    return "; ".join(_heard(finding, report))


def shortened(finding: ReportFinding, characters: int) -> ReportFinding:
    """The finding with no text longer than that. It is cut before it is Markdown, and no fence of it is cut open."""
    title = cut(finding.title, min(characters, LONGEST_TITLE))
    fix = None if finding.fix is None else cut(finding.fix, characters)
    assumption, challenge = finding.assumption, finding.challenge
    if assumption:
        said = {name: cut(text, characters) for name, text in assumption if text is not None}
        assumption = assumption.model_copy(update=said)
    if challenge:
        said = {"by": cut(challenge.by, characters), "because": cut(challenge.because, characters)}
        challenge = challenge.model_copy(update=said)
    texts = {"title": title, "body": cut(finding.body, characters), "quote": cut(finding.quote, characters)}
    return finding.model_copy(update={**texts, "fix": fix, "assumption": assumption, "challenge": challenge})


def _page(finding: ReportFinding, report: Report, suggestion: str | None, source_url: str) -> str:
    parts = (
        f"**{finding.severity.capitalize()}: {inline(finding.title, source_url=source_url)}**",
        prose(finding.body, source_url=source_url),
        *assumed(finding, source_url),
        *remedy(finding, source_url, suggestion=suggestion),
        *dispute(finding, source_url),
        signature(finding, f"Raised by {heard(finding, report)}"),
    )
    return "\n\n".join(filter(None, parts))


def _heard(finding: ReportFinding, report: Report) -> Iterator[str]:
    yield voiced(finding)
    absent = dict.fromkeys(seat.family for seat in report.seats if seat.lens == finding.lens and seat.family != RULES)
    missing = [family for family in absent if family not in finding.asked]
    if missing:
        yield f"{listed(missing)} gave no answer on this file"
    if finding.challenge and not refuted(finding):
        yield f"{finding.challenge.verdict} by {finding.challenge.by}"
