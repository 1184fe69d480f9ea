"""What the operator reads in a browser: what waits, what runs, how jobs ended, and why. Behind the admin token (S39).

Nothing can be changed from a page. Who signs in gets a cookie that proves the token without being it. How a page is
made safe is `markup`'s business.
"""

import hashlib
import hmac
import re
import time
from collections.abc import Callable, Mapping, Sequence
from typing import Any, Final
from urllib.parse import parse_qs, quote

import sqlalchemy as sa
from fastapi import APIRouter, Request
from fastapi.responses import RedirectResponse, Response
from pydantic import BaseModel

from reviewbot.council import Reply
from reviewbot.doors.service.body import read_body
from reviewbot.doors.service.config import Config
from reviewbot.doors.service.markup import HEADERS, page
from reviewbot.doors.service.metrics import OPEN, Vitals, read_vitals
from reviewbot.doors.service.queue import Queue
from reviewbot.doors.service.store import CALLS, JOBS, REVIEWS, Away, Store, now
from reviewbot.forge.access import LOOPBACK
from reviewbot.forge.webhook import Refusal
from reviewbot.report.elements import Html, facts, table, tag

STATES: Final = (*OPEN, "done", "superseded", "refused", "failed")
MOST: Final = 100
"""Jobs on one page."""
SIGNED_IN: Final = 12 * 3600
"""Seconds a browser stays signed in."""
_ID: Final = re.compile("[!-~]{1,200}")
"""What a job may be called: GitHub's id of the delivery, or one of ours."""
_FORWARDED: Final = ("forwarded", "via", "x-forwarded-for", "x-forwarded-host", "x-forwarded-proto", "x-real-ip")
"""What a proxy says of whom it speaks for."""
MOST_FORM: Final = 4_096
"""Bytes of the form one signs in with."""


class _Seat(BaseModel):
    """Of a report, also of one that another version wrote."""

    member: str
    lens: str
    state: str
    findings: int
    detail: str


class _Seats(BaseModel):
    seats: tuple[_Seat, ...]


def make_pages(store: Store, queue: Queue, config: Config) -> APIRouter:
    """`/` and `/jobs/ID`. Without an admin token in the configuration there are none: 404."""
    router = APIRouter()
    if config.admin_token is None:
        return router
    token = config.admin_token.get_secret_value().encode()

    @router.get("/")
    def overview(request: Request) -> Response:
        return _guarded(request, token, lambda: _overview(store, queue, request.query_params.get("state")))

    @router.get("/jobs/{job_id:path}")
    def job(request: Request, job_id: str) -> Response:
        return _guarded(request, token, lambda: _story(store, job_id) if _ID.fullmatch(job_id) else _no_job())

    @router.post("/")
    async def sign_in(request: Request) -> Response:
        form = await read_body(request, MOST_FORM)
        if isinstance(form, Refusal):
            return page(form.status, "Sign in", tag("p", form.why, class_="bad"))
        return _signed_in(request, token, parse_qs(form.decode("utf-8", "replace")).get("token", [""])[0])

    return router


def _guarded(request: Request, token: bytes, make: Callable[[], Response]) -> Response:
    """The page for whoever shows the token, or signed in with it; the form for everybody else."""
    kind, _, shown = request.headers.get("authorization", "").partition(" ")
    bears = kind.lower() == "bearer" and hmac.compare_digest(shown.strip().encode("latin-1"), token)
    if not bears and not _holds(request.cookies.get("reviewbot", ""), token):
        return _form("")
    try:
        return make()
    except Away:
        return page(503, "The database does not answer", tag("p", "Try again in a moment; the log says why."))


def _holds(cookie: str, token: bytes) -> bool:
    until, _, proof = cookie.partition(".")
    is_ours = hmac.compare_digest(proof.encode("utf-8", "replace"), _proof(until, token).encode())
    return is_ours and int(until) > time.time()


def _proof(until: str, token: bytes) -> str:
    """Of the token, without being it: a browser keeps no secret that opens anything else, or for longer."""
    return hmac.new(token, b"pages until " + until.encode("utf-8", "replace"), hashlib.sha256).hexdigest()


def _signed_in(request: Request, token: bytes, shown: str) -> Response:
    if not hmac.compare_digest(shown.strip().encode("utf-8", "replace"), token):
        return _form("That is not the token.")
    until = str(int(time.time()) + SIGNED_IN)
    answer = RedirectResponse("/", 303, headers=HEADERS)
    answer.set_cookie(
        "reviewbot", f"{until}.{_proof(until, token)}", max_age=SIGNED_IN, httponly=True, samesite="strict",
        secure=not _is_here(request),
    )  # fmt: skip
    return answer


def _is_here(request: Request) -> bool:
    """Whether the browser is on this machine, so that its cookie needs no TLS. A proxy may be here too."""
    peer = request.client.host if request.client else ""
    is_forwarded = any(name in request.headers for name in _FORWARDED)
    return peer in LOOPBACK and request.url.hostname in LOOPBACK and not is_forwarded


def _form(said: str) -> Response:
    form = tag(
        "form",
        tag("input", type="password", name="token", aria_label="Token", autofocus="", autocomplete="current-password"),
        tag("button", "Sign in"),
        method="post",
        action="/",
    )
    hint = tag("p", "These pages open with REVIEWBOT_ADMIN_TOKEN.", class_="soft")
    return page(401, "Sign in", hint, form, tag("p", said, class_="bad"))


def _overview(store: Store, queue: Queue, state: str | None) -> Response:
    wanted = sa.select(JOBS).order_by(JOBS.c.seq.desc()).limit(MOST)
    if state in STATES:
        wanted = wanted.where(JOBS.c.state == state)
    day = now(store) - 86_400.0
    ended = sa.select(JOBS.c.state, sa.func.count()).where(JOBS.c.received > day).group_by(JOBS.c.state)
    spent = sa.select(sa.func.sum(CALLS.c.usd)).where(CALLS.c.started > day)
    vitals = read_vitals(store, queue)
    with store.look() as connection:
        jobs = connection.execute(wanted).all()
        at = connection.execute(sa.select(now(store))).scalar_one()
        figures = _figures(vitals, dict(connection.execute(ended).all()), connection.scalar(spent) or 0.0)
    links = [_filter("all", "/", here=state not in STATES)]
    links += [_filter(name, f"/?state={name}", here=name == state) for name in STATES]
    rows = [_row(job, at) for job in jobs]
    heads = ("received", "state", "pull request", "event", "by", "what became of it")
    return page(200, "jobs", figures, tag("nav", *links), table(heads, rows))


def _figures(vitals: Vitals, ended: Mapping[str, int], usd: float) -> Html:
    failed, refused = ended.get("failed", 0), ended.get("refused", 0)
    figures = (
        (vitals.workers, "workers", "good" if vitals.workers else "bad"),
        (vitals.waiting.jobs, "jobs due", ""),
        (_age(vitals.waiting.oldest), "the oldest waits", ""),
        (vitals.open["running"], "running", ""),
        (vitals.open["parked"], "tried again later", ""),
        (failed, "failed in 24 h", "bad" if failed else ""),
        (refused, "refused in 24 h", "bad" if refused else ""),
        (f"${usd:.2f}", "spent in 24 h", ""),
    )
    boxes = (tag("div", tag("b", figure, class_=color), tag("span", name)) for figure, name, color in figures)
    return tag("div", *boxes, class_="figures")


def _filter(name: str, href: str, *, here: bool) -> Html:
    return tag("b", name) if here else tag("a", name, href=href)


def _row(job: sa.Row[Any], now_: float) -> tuple[object, ...]:
    link = tag("a", f"{_age(now_ - job.received)} ago", href=f"/jobs/{quote(job.id, safe='')}")
    return link, _state(job.state), _pull(job), f"{job.event} {job.action}", job.actor or "", job.said


def _pull(job: sa.Row[Any]) -> str:
    name = job.repository or (f"repository {job.repository_id}" if job.repository_id else "every repository")
    return f"{name} #{job.number}" if job.number else name


def _story(store: Store, job_id: str) -> Response:
    """One job: when it came, how often it was tried, its review, and each call of a member."""
    with store.look() as connection:
        at = connection.execute(sa.select(now(store))).scalar_one()
        job = connection.execute(sa.select(JOBS).where(JOBS.c.id == job_id)).one_or_none()
        review = connection.execute(sa.select(REVIEWS).where(REVIEWS.c.job_id == job_id)).one_or_none()
        asked = sa.select(CALLS).where(CALLS.c.review_id == (review.id if review else "")).order_by(CALLS.c.id)
        calls = connection.execute(asked).all()
    if job is None:
        return _no_job()
    told = facts(
        ("state", _state(job.state)),
        ("said", job.said or "-"),
        ("event", f"{job.event} {job.action}".strip()),
        ("by", job.actor or "-"),
        ("received", f"{_age(at - job.received)} ago"),
        ("begun", f"{_age(at - job.started)} ago" if job.started else "not yet"),
        ("ended", f"{_age(at - job.ended)} ago, after {_age(job.ended - job.received)}" if job.ended else "not yet"),
        ("attempt", job.attempt),
        ("lane", job.lane),
        ("id", job.id),
    )
    return page(200, _pull(job), told, *(_review(review, calls, at) if review else ()))


def _no_job() -> Response:
    return page(404, "no such job", tag("p", "It never was, or it is older than jobs are kept."))


def _review(review: sa.Row[Any], calls: Sequence[sa.Row[Any]], at: float) -> tuple[Html, ...]:
    url = review.summary_url
    told = facts(
        ("state", _state(review.state)),
        ("said", review.said or "-"),
        ("head", review.head_sha),
        ("took", _age((review.ended or at) - review.started)),
        ("on GitHub", tag("a", url, href=url) if url.startswith(("https://", "http://")) else "-"),
        ("run", review.id),
    )
    heads = ("member", "lens", "outcome", "input", "cached", "output", "cost", "took", "why")
    asked = tag("h2", "calls"), table(heads, [_call(call, at) for call in calls])
    return tag("h2", "review"), told, *_seats(review.report), *asked


def _seats(report: str | None) -> tuple[Html, ...]:
    """Who sat, and what became of it: of the rules, and of seats that were not asked, there is no call."""
    if report is None:
        return ()
    seats = _Seats.model_validate_json(report).seats
    rows = [(seat.member, seat.lens, _state(seat.state), seat.findings, seat.detail) for seat in seats]
    return tag("h2", "seats"), table(("member", "lens", "state", "findings", "why"), rows)


def _call(call: sa.Row[Any], at: float) -> tuple[object, ...]:
    detail = Reply.model_validate_json(call.reply).detail if call.reply else ""
    tokens = (f"{count:,}" for count in (call.input, call.cached, call.output))
    cost = _dollars(call.usd) if call.ended else f"up to {_dollars(call.held_usd)}"
    took = _age((call.ended or at) - call.started)
    return call.member, call.lens, _state(call.outcome), *tokens, cost, took, detail


_COLORS: Final = {
    "done": "good", "ok": "good", "posted": "good", "running": "busy", "parked": "busy", "cut": "busy",
    "failed": "bad", "refused": "bad", "lost": "bad", "blocked": "bad", "auth": "bad", "quota": "bad", "fatal": "bad",
    "rate": "bad", "transient": "bad", "too_long": "bad",
}  # fmt: skip


def _state(state: str | None) -> Html:
    return tag("span", state or "under way", class_=_COLORS.get(state or "running", "soft"))


def _age(seconds: float) -> str:
    """In the largest unit that says something: 40 s, 3 min, 5 h, 2 d."""
    left = max(0.0, seconds)
    for size, unit in ((86_400, "d"), (3_600, "h"), (60, "min")):
        if left >= 2 * size:
            return f"{left / size:.0f} {unit}"
    return f"{left:.0f} s" if left >= 10 or not left else f"{left:.1f} s"


def _dollars(usd: float | None) -> str:
    return "not known" if usd is None else f"${usd:.4f}"
