"""What is under review, and how much it matters. Pure: bytes and values in, values out."""

from reviewbot.change.model import Anchor, Change, Diff, Document, File, Gap, Hunk, Line, Side, Status
from reviewbot.change.parse import parse_diff

__all__ = [
    "Anchor",
    "Change",
    "Diff",
    "Document",
    "File",
    "Gap",
    "Hunk",
    "Line",
    "Side",
    "Status",
    "parse_diff",
]
