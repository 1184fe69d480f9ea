"""Diffs and findings for tests, built from the shared types."""

from collections.abc import Iterable, Sequence

from hypothesis import strategies as st

from reviewbot.change import Anchor, Diff, File, Hunk, Side
from reviewbot.council import Member, Seat
from reviewbot.findings import Asked, Cluster, Draft, Finding, Severity

PATH = "shop/refund.py"
FAMILIES = ("anthropic", "google", "openai")


def file(*bodies: Sequence[str], path: str = PATH, old_path: str | None = None, start: int = 1) -> File:
    """One file; each body is a hunk, 100 lines behind the one before, numbered alike on both sides at its start."""
    hunks = tuple(
        Hunk(old_start=start + 100 * n, new_start=start + 100 * n, body=tuple(body)) for n, body in enumerate(bodies)
    )
    return File(path=path, old_path=old_path or path, status="modified", hunks=hunks)


def diff(*files: File) -> Diff:
    return Diff(files=files)


def seat(member: str = "anthropic/sonnet", lens: str = "architecture") -> Seat:
    return Seat(member=Member(name=member, family=member.partition("/")[0]), lens=lens)


def draft(quote: str = "", **more: object) -> Draft:
    values: dict[str, object] = {
        "title": "Refunds are not checked against the order's owner",
        "body": "Any signed-in customer can refund any order: `load_order` takes the id alone.",
        "severity": "medium", "confidence": "likely", "category": "other",
        "path": PATH, "side": "new", "line": 1, "quote": quote,
    }  # fmt: skip
    return Draft.model_validate(values | more)


def finding(
    title: str = "Refunds are not checked against the order's owner",
    *,
    family: str = "anthropic",
    lens: str = "architecture",
    line: int | None = 10,
    path: str = PATH,
    side: Side = "new",
    quote: str = "order = load_order(order_id)",
    **more: object,
) -> Finding:
    return Finding(
        member=f"{family}/model",
        family=family,
        lens=lens,
        draft=draft(quote, title=title, path=path, side=side, line=line or 1, **more),
        path=path,
        anchor=None if line is None else Anchor(path=path, side=side, start_line=line, line=line),
        quote=quote,
    )


def alone(*findings: Finding) -> tuple[Cluster, ...]:
    """Each a problem of its own."""
    return tuple(Cluster(findings=(one,)) for one in findings)


def everybody(*families: str) -> Asked:
    """All of these were asked about every file and lens."""
    asked = families or FAMILIES
    return lambda _lens, _path: asked


def flood(count: int, *, family: str, severity: Severity = "critical") -> list[Finding]:
    """So many findings of one call that have nothing in common but their manner, 60 lines apart."""
    words = ("ledger", "cursor", "socket", "mailer", "invoice", "tokens", "widget", "parser", "kernel", "basket")
    return [
        finding(
            f"{words[n % 10]} {words[n // 10 % 10]} {n:03} always throws", family=family, line=1 + 60 * n,
            body=f"q{n * 7919} {words[(n + 3) % 10]} z{n * 104729}", severity=severity, confidence="certain",
            quote=f"{words[n % 10]}_{n}()",
        )
        for n in range(count)
    ]  # fmt: skip


def numbers_of(change: Diff, path: str, side: Side) -> Iterable[dict[int, str]]:
    """For each hunk of a file, line number to text on one side: the diff read the plain way."""
    for one in change.files:
        for hunk in one.hunks if one.path == path else ():
            lines = ((line.new if side == "new" else line.old, line.text) for line in hunk.lines)
            yield {number: text for number, text in lines if number is not None}


_CODE = st.sampled_from(["}", "", "    return", "total = price * count", "\ttotal = price", "if user.is_admin:", "x"])
_BODIES = st.lists(st.tuples(st.sampled_from("+- "), _CODE).map("".join), min_size=1, max_size=12)
_SITES = st.sampled_from([("a.py", 3), ("a.py", 9), ("a.py", 150), ("b.py", 3), ("b.py", None), ("", None)])
_TITLES = st.sampled_from(
    [
        "Refund amount is rounded twice and loses a cent",
        "The refund is rounded two times, a cent is lost",
        "`load_order` ignores who owns the order",
        "Any customer can load any order: `load_order` has no owner check",
        "Retry sends the e-mail again",
    ]
)


def changes() -> st.SearchStrategy[Diff]:
    """Diffs of one to three files with repeated, blank and trivial lines."""
    names = st.lists(st.sampled_from(["a.py", "src/b.py", "src/deep/c.py"]), min_size=1, max_size=3, unique=True)
    bodies = st.lists(_BODIES, min_size=1, max_size=3)
    return names.flatmap(
        lambda paths: st.tuples(*(bodies.map(lambda some, path=path: file(*some, path=path)) for path in paths))
    ).map(lambda files: diff(*files))


@st.composite
def said(draw: st.DrawFn) -> Finding:
    """A finding from a small world, so that places, words and voices coincide."""
    path, line = draw(_SITES)
    return finding(
        draw(_TITLES), family=draw(st.sampled_from([*FAMILIES, "rules"])), path=path, line=line,
        lens=draw(st.sampled_from(["architecture", "security"])),
        severity=draw(st.sampled_from(["critical", "high", "medium", "low"])), body=draw(_TITLES),
    )  # fmt: skip
