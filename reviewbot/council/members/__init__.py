"""One small module a member, chosen from a plain dict. A module opens a connection and asks; it retries nothing.

Importing this costs no SDK: each module imports its vendor's when a member of it is seated.
"""

from collections.abc import Callable
from contextlib import AbstractAsyncContextManager

from reviewbot.council.members import (
    anthropic,
    anthropic_batch,
    compatible,
    google,
    google_batch,
    openai,
    openai_batch,
    rules,
    sarif,
    scripted,
)
from reviewbot.council.members.batch_api import BatchApi
from reviewbot.council.model import Access, Dialect, Provider

PROVIDERS: dict[str, Provider] = {
    "anthropic": anthropic,
    "google": google,
    "openai": openai,
    "rules": rules,
    "scripted": scripted,
}
"""By the first part of a member's name. `sarif` reads a file beforehand; other names are the operator's servers."""

DIALECTS: dict[str, Dialect] = {
    "anthropic": anthropic,
    "chat": compatible,
    "google": google,
    "openai": openai,
}
"""Who speaks to a server, by what it understands."""

LOADERS: dict[str, Callable[[], None]] = {"anthropic": anthropic.load, "openai": openai.load, "google": google.load}
"""What imports a vendor's SDK, by the vendor."""

BATCHES: dict[str, Callable[[Access], AbstractAsyncContextManager[BatchApi]]] = {
    "anthropic": anthropic_batch.open_batches,
    "google": google_batch.open_batches,
    "openai": openai_batch.open_batches,
}
"""What opens a vendor's batches, by the vendor."""

__all__ = ["BATCHES", "DIALECTS", "LOADERS", "PROVIDERS", "compatible", "sarif"]
