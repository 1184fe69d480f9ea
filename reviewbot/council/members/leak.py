"""Whether a text holds a key, in whatever dress: plain, in base64, in hexadecimal, backwards, in pieces (THREATS S04).

A model is never told a key, but the server that is asked with one knows it, and what it answers is printed and posted.
Knows a text and a key, nothing of who said which.
"""

import base64
import codecs
import html
import re
from collections.abc import Iterator
from urllib.parse import unquote

SHORTEST = 16
"""Characters of a key below which it guards nothing: `unused`, `ollama`."""
SPARED = 7
"""Characters at either end without which a key is as good as whole: they are the vendor's mark (`sk-proj`)."""
_ESCAPE = re.compile(r"\\+(?:u([0-9a-fA-F]{4})|.)")


def leaked(text: str, key: str) -> str | None:
    """In which form a text holds a key, in words; None where it holds none of those known."""
    if len(key) < SHORTEST or not text:
        return None
    said = [_folded(text), _folded(_unescaped(text))]
    return next(
        (form for form, worn in _forms(key) if len(worn) >= SHORTEST // 2 and any(worn in t for t in said)), None
    )


def _forms(key: str) -> Iterator[tuple[str, str]]:
    """What a key may look like, without case and marks."""
    for part in (key, key[SPARED:], key[:-SPARED]):
        plain = part.encode()
        yield "as it is", _folded(part)
        yield "backwards", _folded(part[::-1])
        yield "in hexadecimal", plain.hex()
        yield "in ROT13", _folded(codecs.encode(part, "rot13"))
        yield "in base32", _folded(base64.b32encode(plain[: len(plain) // 5 * 5]).decode())
        yield from (("in base64", _folded(coded)) for coded in _in_base64(plain))
        yield "in base64, twice", _folded(base64.b64encode(base64.b64encode(plain))[:-4].decode())
        yield "in decimal numbers", "".join(map(str, plain))


def _in_base64(plain: bytes) -> Iterator[str]:
    """The middle of it at each of three places among other bytes: the ends depend on what stands there."""
    for before in range(3):
        coded = base64.b64encode(b"\0" * before + plain).decode()
        yield coded[-(-before * 8 // 6) : len(coded) // 4 * 4 - 4]


def _folded(text: str) -> str:
    """Letters and digits alone, so that no blank, quote or line keeps two of them apart."""
    return re.sub(r"[\W_]+", "", text).casefold()


def _unescaped(text: str) -> str:
    """What entities, percent signs and escapes stand for."""
    return _ESCAPE.sub(lambda found: chr(int(found[1], 16)) if found[1] else " ", unquote(html.unescape(text)))
