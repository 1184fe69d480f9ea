"""A council of models reviews every diff. People decide."""

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from reviewbot.pipeline import review_change

__all__ = ["review_change"]


def __getattr__(name: str) -> Any:
    """`review_change` and `__version__`, paid for when they are asked for: every import of a room passes here."""
    if name == "review_change":
        from reviewbot.pipeline import review_change  # noqa: PLC0415  see above

        return review_change
    if name == "__version__":
        from importlib.metadata import version  # noqa: PLC0415  20 ms, and --help passes here too

        return version("reviewbot")
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
