"""`reviewbot feedback`: what people did with our comments, by member and lens, and what that does to the ranking.

Reads what runs have kept, this machine's or a service's; asks nobody and changes nothing.
"""

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Final

from reviewbot.doors.output import print_text
from reviewbot.errors import BadSettings, Exit
from reviewbot.evals.tables import columns, counted
from reviewbot.facts import Fact
from reviewbot.findings.priors import ENOUGH, MOST, interval, shift_of
from reviewbot.record.feedback import UNWANTED, WANTED, Feedback, Kind, priors_of, read_feedback
from reviewbot.report.safe import visible_line
from reviewbot.settings import load_operator

EMPTY: Final = """\
No feedback yet. Post reviews (`reviewbot pr URL --post`, the Action, the service); then a thumbs up or down on a
comment, `/reviewbot dismiss ID`, a resolved thread or a change of the code is read with the next review of that pull
request. A run of the Action keeps it only where REVIEWBOT_FEEDBACK names a file: docs/pull-requests.md says how.
"""


DATABASE: Final = "feedback --database"
MEND: Final = "write what the service's REVIEWBOT_DATABASE_URL says"


class Row(Fact):
    """What is known of one member through one lens."""

    member: str
    lens: str
    commented: int
    """Findings that stand, or stood, on a pull request."""
    wanted: int
    unwanted: int
    precision: float | None
    """Wanted of those that people judged; None where there are none."""
    low: float
    high: float
    """Where the true one lies, to 95 %."""
    adds: float
    """To the log odds of P(real) of what it alone raises, now."""


class Sheet(Fact):
    """What is known of everybody who shares it: the runs of this machine, or one installation of a service."""

    kept: str
    """Where: a file, or an installation."""
    findings: int
    judged: int
    """Findings that people wanted or did not want."""
    nobodys: int
    """Findings whose comment does not remember who raised it."""
    kinds: Mapping[Kind, int]
    rows: tuple[Row, ...]


def show_feedback(database: str | None, form: str, environ: Mapping[str, str]) -> Exit:
    """Tell it as text or JSON; `database` is the address of a service's. Raises BadSettings where it cannot be read."""
    kept = _of_service(database) if database else _of_machine(environ)
    sheets = [sheet_of(name, rows) for name, rows in kept.items() if rows]
    if form == "json":
        print_text(f"[{', '.join(sheet.model_dump_json(indent=1) for sheet in sheets)}]\n")
    else:
        print_text("\n".join(map(_text, sheets)) or EMPTY)
    return Exit.REVIEWED


def sheet_of(kept: str, rows: Sequence[Feedback]) -> Sheet:
    """Counted, with what it does to the ranking. Best received first."""
    priors = {(prior.member, prior.lens): prior for prior in priors_of(rows)}
    commented = Counter(voice for row in rows for voice in set(row.voices))
    told = []
    for member, lens in sorted(commented):
        prior = priors.get((member, lens))
        wanted, unwanted = (prior.wanted, prior.unwanted) if prior else (0, 0)
        low, high = interval(wanted, unwanted)
        told.append(
            Row(
                member=member,
                lens=lens,
                commented=commented[member, lens],
                wanted=wanted,
                unwanted=unwanted,
                precision=wanted / (wanted + unwanted) if wanted + unwanted else None,
                low=low,
                high=high,
                adds=shift_of({(member, lens)}, priors.values()),
            )
        )
    kinds = Counter(row.kind for row in rows)
    return Sheet(
        kept=kept,
        findings=len(rows),
        judged=sum(kinds[kind] for kind in WANTED | UNWANTED),
        nobodys=sum(not row.voices for row in rows),
        kinds=dict(sorted(kinds.items())),
        rows=tuple(sorted(told, key=lambda row: (-row.low, row.member, row.lens))),
    )


def _of_machine(environ: Mapping[str, str]) -> Mapping[str, Sequence[Feedback]]:
    path = load_operator(environ, flags={}).feedback
    if path is None:
        remedy = "set REVIEWBOT_FEEDBACK to a file, or read a service's with --database"
        raise BadSettings("feedback", "there is no place where it is kept", remedy)
    return {str(path): read_feedback(path)}


def _of_service(url: str) -> Mapping[str, Sequence[Feedback]]:
    _check_file(url)
    try:
        from reviewbot.doors.service.feedback import stored  # noqa: PLC0415  needs the extra [server]
    except ModuleNotFoundError as e:
        remedy = "install what it needs: pip install 'reviewbot[server]'"
        raise BadSettings(DATABASE, f"{e.name} is not installed", remedy) from e
    try:
        return {f"installation {id_}": rows for id_, rows in stored(url).items()}
    except BadSettings as e:
        raise BadSettings(DATABASE, e.what, e.remedy) from e


def _check_file(url: str) -> None:
    """SQLite would make a file that is not there. Raises BadSettings; any other address is the database's to judge."""
    path = url.partition(":///")[2].partition("?")[0]
    if not url.startswith("sqlite") or not path or path == ":memory:" or path.startswith("file:"):
        return
    try:
        Path(path).stat()
    except OSError as e:
        raise BadSettings(DATABASE, f"{path} cannot be read ({e.strerror})", MEND) from e


def _text(sheet: Sheet) -> str:
    head = ("member", "lens", "commented", "wanted", "unwanted", "precision", "95 %", "adds")
    table = columns(head, (_cells(row) for row in sheet.rows))
    return "\n".join((table, *map(visible_line, _about(sheet)), ""))


def _cells(row: Row) -> tuple[str, ...]:
    precision = "-" if row.precision is None else f"{row.precision:.2f}"
    counts = (str(row.commented), str(row.wanted), str(row.unwanted))
    return (row.member, row.lens, *counts, precision, f"{row.low:.2f} to {row.high:.2f}", f"{row.adds:+.2f}")


def _about(sheet: Sheet) -> Iterator[str]:
    """What the figures stand on, and how much they can do."""
    kinds = ", ".join(f"{number} {kind}" for kind, number in sheet.kinds.items())
    yield f"{counted(sheet.findings, 'finding')}, {sheet.judged} of them judged by people: {kinds}."
    if sheet.nobodys:
        yield f"{counted(sheet.nobodys, 'finding')} of comments that do not say who raised them count for nobody."
    yield (
        "Wanted: the code changed after the comment, or more people liked than disliked it. Unwanted: dismissed, more"
        " disliked than liked it, or resolved while its file stayed as it was."
    )
    yield (
        f"`adds` is what the record of a member does to the log odds that its finding is real: never more than {MOST}"
        f" either way, and nothing is lowered before {ENOUGH} of its own findings were judged."
    )
    yield f"Kept in {sheet.kept}; nobody's name is in it."
