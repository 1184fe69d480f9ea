"""One finding as the summary tells it: in a line where a comment says the rest, in full where it stands only here.

Knows a finding and where it is already said. How many of them have room is for `summary` to find out.
"""

from collections.abc import Iterator

from reviewbot.report import entries
from reviewbot.report.comment import heard, shortened, signature
from reviewbot.report.dissent import challenged, refuted
from reviewbot.report.fitting import cut
from reviewbot.report.model import Report, ReportFinding
from reviewbot.report.passages import asked, checked, fold, hearing, linked, linked_place, listed, quotation, remedy
from reviewbot.report.safe import code_span, inline, prose
from reviewbot.report.standing import Standing
from reviewbot.report.wording import place

LINE = 200
"""Characters of a title, a path or a reason in a list."""
_FIELD = 4_000
"""Characters of one field of a finding: who wants more has the report."""


def told(finding: ReportFinding, report: Report, standing: Standing) -> str:
    """A finding as blocks of Markdown: what a person has to know first, and the rest where no comment says it."""
    short = shortened(finding, _FIELD)
    if finding.placement == "withheld":
        return f"{brief(finding, standing)}: {inline(cut(finding.reason, LINE))}"
    lead = "\n\n".join(_lead(short, report, standing))
    if finding.id in standing.comments:
        return f"{lead} {code_span(finding.id)}" if finding.assumption is None else lead
    story = tuple(filter(None, _story(short, report, standing)))
    folded = finding.assumption is not None or refuted(finding)
    return "\n\n".join((lead, fold("The finding", story) if folded else "\n\n".join(story)))


def brief(finding: ReportFinding, standing: Standing) -> str:
    """Rank, severity, title and place, in one line."""
    title = inline(cut(finding.title, LINE), source_url=standing.source_url)
    return f"**{finding.rank}. {finding.severity.capitalize()}:** {title} ({where(finding, standing)})"


def where(finding: ReportFinding, standing: Standing) -> str:
    """The place of a finding, as a link to the comment that says it, else to the lines themselves."""
    url = standing.comments.get(finding.id)
    return linked(cut(place(finding), LINE), url) if url else linked_place(finding, standing.source_url)


def _lead(finding: ReportFinding, report: Report, standing: Standing) -> Iterator[str]:
    """What stands in the open: of a question what is needed to answer it, of a dispute both sides."""
    source_url = standing.source_url
    yield brief(finding, standing)
    if finding.assumption is not None:
        yield from asked(finding, source_url)
        yield listed(entries.assumption(finding), source_url)
    elif refuted(finding):
        yield listed((("Raised by", heard(finding, report)), ("Disputed", challenged(finding))), source_url)


def _story(finding: ReportFinding, report: Report, standing: Standing) -> Iterator[str]:
    """What a comment would say beside what `_lead` has said, with the code in front."""
    source_url = standing.source_url
    yield quotation(finding)
    yield prose(finding.body, source_url=source_url)
    yield from remedy(finding, source_url)
    if not refuted(finding):
        yield from hearing(finding, source_url)
    yield from checked(finding, source_url)
    both_sides_told = refuted(finding) and finding.assumption is None
    who = [] if both_sides_told else [f"Raised by {heard(finding, report)}"]
    yield signature(finding, *who, f"why here: {finding.reason}")
