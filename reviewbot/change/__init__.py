"""What is under review, and how much it matters. Pure: bytes and values in, values out."""

from reviewbot.change.model import (
    Anchor,
    Change,
    Diff,
    Document,
    Excerpt,
    File,
    Gap,
    Hidden,
    HiddenKind,
    Hunk,
    Line,
    Side,
    Stakes,
    Status,
)
from reviewbot.change.parse import parse_diff

__all__ = [
    "Anchor",
    "Change",
    "Diff",
    "Document",
    "Excerpt",
    "File",
    "Gap",
    "Hidden",
    "HiddenKind",
    "Hunk",
    "Line",
    "Side",
    "Stakes",
    "Status",
    "parse_diff",
]
