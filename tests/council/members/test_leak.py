import base64
import codecs
import json
import string

import pytest

from reviewbot.council.members.leak import SHORTEST, leaked

KEY = "sk-rb-0123456789-abcdefghij-KEY"
B64 = base64.b64encode

FORMS = {
    "plain": KEY,
    "in other case": KEY.upper(),
    "base64": B64(KEY.encode()).decode(),
    "base64 for addresses": base64.urlsafe_b64encode(KEY.encode()).decode(),
    "base64 behind one byte": B64(b"x" + KEY.encode() + b"yz").decode(),
    "base64 behind two bytes": B64(b"k=" + KEY.encode()).decode(),
    "base64 twice": B64(B64(KEY.encode())).decode(),
    "base32": base64.b32encode(KEY.encode()).decode(),
    "hexadecimal": KEY.encode().hex(),
    "hexadecimal in pairs": KEY.encode().hex(":").upper(),
    "percent signs": "".join(f"%{ord(letter):02x}" for letter in KEY),
    "entities": "".join(f"&#{ord(letter)};" for letter in KEY),
    "escapes": "".join(f"\\u{ord(letter):04x}" for letter in KEY),
    "decimal numbers": " ".join(str(ord(letter)) for letter in KEY),
    "backwards": KEY[::-1],
    "letter by letter": " ".join(KEY),
    "a letter a line": "\n".join(KEY),
    "two strings": f'"{KEY[:12]}" + "{KEY[12:]}"',
    "ROT13": codecs.encode(KEY, "rot13"),
    "without its first 7": KEY[7:],
    "without its last 7": KEY[:-7],
}


@pytest.mark.parametrize("form", FORMS.values(), ids=FORMS)
def test_a_key_is_found_in_every_dress(form):
    assert leaked(json.dumps({"title": f"Look: {form}."}), KEY)
    assert leaked(f"Look: {form}.", KEY)


@pytest.mark.parametrize(
    "text",
    ["", "sk-rb-", "the key begins with sk-rb-01", string.printable * 3, B64(b"something else altogether").decode()],
)
def test_text_without_the_key_holds_none(text):
    assert leaked(text, KEY) is None


def test_a_word_that_guards_nothing_is_no_key():
    assert leaked("ollama is asked", "ollama") is None
    assert leaked("x" * SHORTEST, "x" * (SHORTEST - 1)) is None
