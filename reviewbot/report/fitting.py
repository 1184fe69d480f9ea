"""What has room on a page of limited size: whole things, in order. Nothing is cut that is already Markdown."""

from collections.abc import Iterable


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
    """Text that is not yet Markdown, at most so long, and what is missing in words."""
    left = len(text) - characters
    return f"{text[:characters].rstrip()} ... {left:,} more characters" if left > 0 else text
