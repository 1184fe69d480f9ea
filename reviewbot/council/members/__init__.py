"""One small module a member, chosen from a plain dict. A module opens a connection and asks; it retries nothing.

Importing this costs no SDK: each module imports its vendor's when a member of it is seated.
"""

from collections.abc import Callable

from reviewbot.council.members import anthropic, compatible, google, openai, rules, sarif, scripted
from reviewbot.council.model import Dialect, Provider

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

__all__ = ["DIALECTS", "LOADERS", "PROVIDERS", "compatible", "sarif"]
