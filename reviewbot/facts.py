"""The base of every fact in reviewbot: a value that cannot change and has no keys nobody declared."""

from pydantic import BaseModel, ConfigDict


class Fact(BaseModel):
    """A frozen value. Equal facts are interchangeable; a changed fact is a new one (`model_copy(update=...)`)."""

    model_config = ConfigDict(frozen=True, extra="forbid")
