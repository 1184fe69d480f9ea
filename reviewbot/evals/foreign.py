"""What rows of other people's suites have in common: keys that nobody here reads, and severities in any case."""

from typing import Annotated, Any

from pydantic import BaseModel, BeforeValidator, ConfigDict

from reviewbot.findings import Severity


class Foreign(BaseModel):
    """A row that others wrote. Keys that nobody here reads are passed over."""

    model_config = ConfigDict(frozen=True, extra="ignore")


def _lower(word: Any) -> Any:
    return word.strip().lower() if isinstance(word, str) else word


SeverityIn = Annotated[Severity, BeforeValidator(_lower)]
"""Our four words, in any case."""


def lines_of(first: int | None, last: int | None) -> tuple[int | None, int | None]:
    """Both lines in order, whichever way round they were written; one that is missing is the other, below 1 is none."""
    numbers = sorted(number for number in (first, last) if number is not None and number > 0)
    return (numbers[0], numbers[-1]) if numbers else (None, None)
