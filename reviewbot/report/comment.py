"""One finding as the comment that stands at its line: what a careful colleague would write there, and no more.

Knows a finding and who was asked, nothing of posting. A fix is text; it is a suggestion that one click commits only
where the caller gives one that `suggestion` found harmless (THREATS S18).
"""

from collections.abc import Iterator

from reviewbot.findings import is_rule
from reviewbot.report.dissent import voiced
from reviewbot.report.fitting import cut, size
from reviewbot.report.model import Challenge, Report, ReportFinding, Word
from reviewbot.report.passages import assumed, checked, hearing, remedy
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
    """Who raised it of who was asked, and who could not answer."""
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
        words = (word.model_copy(update=_brief(word, characters)) for word in challenge.words)
        challenge = challenge.model_copy(update={**_brief(challenge, characters), "words": tuple(words)})
    texts = {"title": title, "body": cut(finding.body, characters), "quote": cut(finding.quote, characters)}
    evidence = tuple(one.model_copy(update={"detail": cut(one.detail, characters)}) for one in finding.evidence)
    facts = {"fix": fix, "assumption": assumption, "challenge": challenge, "evidence": evidence}
    return finding.model_copy(update={**texts, **facts})


def _brief(said: Challenge | Word, characters: int) -> dict[str, str]:
    return {"by": cut(said.by, characters), "because": cut(said.because, characters)}


def _page(finding: ReportFinding, report: Report, suggestion: str | None, source_url: str) -> str:
    parts = (
        f"**{finding.severity.capitalize()}: {inline(finding.title, source_url=source_url)}**",
        prose(finding.body, source_url=source_url),
        *assumed(finding, source_url),
        *remedy(finding, source_url, suggestion=suggestion),
        *hearing(finding, source_url),
        *checked(finding, source_url),
        signature(finding, f"Raised by {heard(finding, report)}"),
    )
    return "\n\n".join(filter(None, parts))


def _heard(finding: ReportFinding, report: Report) -> Iterator[str]:
    yield voiced(finding)
    models = (seat for seat in report.seats if not is_rule(seat.family))
    absent = dict.fromkeys(seat.family for seat in models if seat.lens == finding.lens)
    missing = [family for family in absent if family not in finding.asked]
    if missing:
        yield f"{listed(missing)} gave no answer on this file"
