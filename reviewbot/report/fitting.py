"""What has room on a page of limited size: whole things, in order.

Nothing is cut that is already Markdown, nothing before its secrets are out of it, and no fence is left open.
"""

from collections.abc import Iterable

from reviewbot.report.blocks import fence_around
from reviewbot.report.masking import masked


def size(text: str) -> int:
    """Bytes of UTF-8: never fewer than characters, and the stricter count where a forge does not say which it means."""
    return len(text.encode())


def fitted(parts: Iterable[str], room: int) -> tuple[str, ...]:
    """The first parts that have room together, each with the two line feeds around it. Takes no more than it needs."""
    kept: list[str] = []
    for part in parts:
        room -= size(part) + 2
        if room < 0:
            break
        kept.append(part)
    return tuple(kept)


def cut(text: str, characters: int) -> str:
    """Text that is not yet Markdown, at most so long, and what is missing in words.

    Secrets go first: half a key leaks, and no detector knows it. Where code is cut its fence is closed.
    """
    whole = masked(text) if len(text) > characters else text
    left = len(whole) - characters
    if left <= 0:
        return whole
    fence = fence_around(whole, characters)
    if fence is None:
        return f"{whole[:characters].rstrip()} ... {left:,} more characters"
    kept = "\n".join((whole[: fence.end].rstrip(), *filter(None, [fence.mark])))
    return f"{kept}\n\n... {len(whole) - fence.end:,} more characters"
