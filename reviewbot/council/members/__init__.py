"""One small module a member, chosen from a plain dict. A module opens a connection and asks; it retries nothing.

Importing this costs no SDK: each module imports its vendor's when a member of it is seated.
"""

from collections.abc import Callable

from reviewbot.council.members import anthropic, compatible, google, openai, rules, scripted
from reviewbot.council.model import Provider

PROVIDERS: dict[str, Provider] = {
    "anthropic": anthropic,
    "google": google,
    "openai": openai,
    "rules": rules,
    "scripted": scripted,
}
"""By the first part of a member's name. Any other name is a server the operator declared: `compatible` speaks to it."""

LOADERS: dict[str, Callable[[], None]] = {"anthropic": anthropic.load, "openai": openai.load, "google": google.load}
"""What imports a vendor's SDK, by the vendor."""

__all__ = ["LOADERS", "PROVIDERS", "compatible"]
