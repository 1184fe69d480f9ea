"""How the fake says no, in GitHub's statuses and sentences, and how it says nothing at all."""

from collections.abc import Mapping
from typing import Any, Literal

Reason = Literal["anchor", "stale_commit", "pending_review", "too_long", "limit", "other"]


class Rejection(Exception):
    """An answer that is not a success. `errors` go into the body as GitHub puts them there."""

    def __init__(
        self,
        status: int,
        message: str,
        *,
        errors: tuple[Any, ...] = (),
        headers: Mapping[str, str] | None = None,
        reason: Reason = "other",
    ) -> None:
        super().__init__(status, message, errors)
        self.status, self.message, self.errors = status, message, errors
        self.headers = dict(headers or {})
        self.reason = reason


class Dropped(Exception):
    """The connection ends without an answer, before or after the request was carried out."""


def not_found() -> Rejection:
    return Rejection(404, "Not Found")


def forbidden() -> Rejection:
    """What a read-only token, a fork's or Dependabot's, gets for every write (THREATS G25)."""
    return Rejection(403, "Resource not accessible by integration")


def unprocessable(*errors: str, reason: Reason = "other") -> Rejection:
    """A 422 in sentences, as creating a review gives it."""
    return Rejection(422, "Unprocessable Entity", errors=errors, reason=reason)


def invalid(resource: str, field: str, message: str, reason: Reason = "other") -> Rejection:
    """A 422 in fields, as the older endpoints give it."""
    fault = {"resource": resource, "code": "unprocessable", "field": field, "message": message}
    return Rejection(422, "Validation Failed", errors=(fault,), reason=reason)


def too_long(resource: str, limit: int) -> Rejection:
    """THREATS G19."""
    return invalid(resource, "data", f"Body is too long (maximum is {limit} characters)", "too_long")


def secondary_limit(status: int = 403, retry_after: int | None = 60) -> Rejection:
    """403 or 429, with or without Retry-After (THREATS G09)."""
    sentence = "You have exceeded a secondary rate limit. Please wait a few minutes before you try again."
    headers = {} if retry_after is None else {"Retry-After": str(retry_after)}
    return Rejection(status, sentence, headers=headers | {"X-RateLimit-Remaining": "4771"}, reason="limit")


def primary_limit(reset: float) -> Rejection:
    """403 with nothing remaining until `reset`, seconds since the epoch."""
    headers = {"X-RateLimit-Remaining": "0", "X-RateLimit-Limit": "5000", "X-RateLimit-Reset": str(int(reset))}
    return Rejection(403, "API rate limit exceeded for installation.", headers=headers, reason="limit")


def abuse() -> Rejection:
    """The 422 after about forty quick posts (THREATS G09): a limit that looks like a mistake in the request."""
    fault = {"resource": "IssueComment", "code": "abuse", "field": "base", "message": "was submitted too quickly"}
    return Rejection(422, "Validation Failed", errors=(fault,), reason="limit")
