"""What a secret looks like in one line of text.

Knows three kinds of evidence: a vendor's form (`vendor_keys`), a name such as `password` in front of a literal, and the
body of a private key. A value is believed only when somebody could have chosen it: not a placeholder, an identifier, a
UUID or something that is computed. Every pattern is bounded, so a line costs time in proportion to its length
(THREATS S28).
"""

import math
import re
from collections import Counter
from collections.abc import Iterator, Sequence
from pathlib import PurePosixPath

from reviewbot.change.vendor_keys import Match, is_placeholder, vendor_keys

_ASSIGNED = re.compile(
    r"""(?P<name>passw(?:or)?d|passphrase|pwd|secret|credential|token
          |(?:api|auth|access|private|encryption|signing|account|client|service|master|license|storage)[_-]?key)
        (?P<rest>[\w-]{0,40})["'`]?\]?
        (?:\s{0,8}:\s{0,4}[A-Za-z][\w.\[\]?]{0,30}(?=\s{0,8}=))?      # a type: `password: str = "..."`
        (?:\s{0,8}(?::=|=>|={1,3}|!==?|:)|(?<=[dtn])\()\s{0,8}[@bru]{0,2}
        (?P<quote>["'`])(?P<value>[^"'`\s]{8,300})(?P=quote)""",
    re.IGNORECASE | re.VERBOSE,
)
"""`password = "..."`, `"api_key": "..."`, `secret => "..."`, `setPassword("...")`, `if token == "..."`."""
_UNQUOTED = re.compile(
    r"""(?P<name>passw(?:or)?d|passphrase|pwd|secret|credential|token
          |(?:api|auth|access|private|encryption|account)[_.-]?key)
        (?P<rest>[\w-]{0,40})\s{0,8}[=:]\s{0,8}(?P<value>[^"'`\s;,()]{8,300})(?=\s*(?:$|\#))""",
    re.IGNORECASE | re.VERBOSE,
)
_PLACES = (
    ("password", "://", r"[a-z][a-z0-9+.-]{1,20}://[^\s:/?#@\"'`<>]{0,100}:([^\s:/@\"'`<>]{6,200})@[\w\[]"),
    ("password", ";", r"\b(?:password|pwd)=([^;\"'\s&]{6,200});"),
    ("password", "</", r"<(?:\w{0,20}password|passwd)>([^<\s]{8,200})</"),
    ("password", "-u", r"(?:\s-u|--user)[ =][\"']?[\w.@-]{1,60}:([^\s\"':]{6,200})"),
    ("secret", "--", r"--(?:password|token|api-key|secret)[= ][\"']?([^\s\"'$<]{8,200})"),
    ("token", "bearer", r"\bbearer\s{1,3}([\w.~+/-]{20,1000}={0,2})"),
    ("token", "basic", r"\bbasic\s{1,3}([\w.~+/-]{20,1000}={0,2})"),
    ("token", "_authtoken=", r"_authtoken=([\w.~+/-]{20,1000}={0,2})"),
    ("heroku", "heroku", r"heroku[\w .:='\"-]{0,30}([0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12})"),
    ("private-key", "-----begin", r"-----BEGIN [A-Z0-9 ]{0,30}PRIVATE KEY[A-Z ]{0,6}-----((?:[^\"'`<>-]|-(?!-)){20,})"),
)
"""Kind, mark and form of places where only a secret stands: the password of a URL or a connection, a bearer token."""
MIN_ENTROPY = 3.0
"""Bits a character. Random hexadecimal has 3.3 from 16 characters on, words written together about 2.8."""
_SURE = frozenset({"heroku", "private-key"})
"""Kinds whose form is proof, where the value is no placeholder."""
_INSIDE = tuple((kind, mark, re.compile(form, re.IGNORECASE)) for kind, mark, form in _PLACES)
_NAMES = ("pass", "pwd", "secret", "key", "token", "credential")
_LITERAL = re.compile(r"[\"'`][^\"'`\s]{8}")

_KIND_OF_NAME = (("secret", "secret"), ("credential", "secret"), ("token", "token"), ("key", "key"))
_SHORTEST = {"password": 8, "secret": 12, "key": 12, "token": 20}
"""Characters. A name that is also used for other things needs more of a value to be believed."""

_CONFIGURATION = frozenset({
    ".bash", ".cfg", ".conf", ".config", ".env", ".envrc", ".ini", ".netrc", ".npmrc", ".properties", ".pypirc", ".sh",
    ".tfvars", ".toml", ".yaml", ".yml", ".zsh",
})  # fmt: skip
_NOT_THE_VALUE = re.compile(
    r"(?:hash|digest|id|ids|names?|fields?|path|file|filename|dir|url|uri|endpoint|type|policy|length|len|regex|pattern"
    r"|label|placeholder|hint|error|message|msg|help|text|title|prompt|input|params?|header|env|var|ref|arn|version|ttl"
    r"|expir\w*|count|limit|format|column|prefix|suffix|reset|reuse|class|selector|template|key_?ref)$",
    re.IGNORECASE,
)
_PUBLIC = re.compile(r"(?:public|publishable)[_-]?$", re.IGNORECASE)
_PUBLIC_LENGTH = 12
_WORDS = re.compile(r"[A-Z]?[a-z]+|[A-Z]+")
_MADE_UP = """
    a abc abcd abcdef access admin and api app auth bar basic baz bearer change client correct credential credentials db
    default demo dev development dummy env example fake foo for guest here hello hunter in incorrect insert invalid is
    it key local login me mock my mysql new none not null old only pass passphrase passwd password pg placeholder
    postgres private prod public put pw pwd qwerty redacted replace root sample secret secure service set some staging
    string super test testing tests the
    this to todo token user username value very with world wrong x xx xxx xxxx y your z
"""
_MADE_UP_WORDS = frozenset(_MADE_UP.split())
"""A value of these words alone, whatever digits stand among them, is what people write where a secret will be."""
_COMPUTED = re.compile(
    r"^(?:[$%<{\[@/(]|\./|https?:|arn:|vault:|op://|env:|ssm:|file:|sha\d+-)|\$\{|\{\{|\$\(|<%|%\(|#\{|\(\)|\\[dws]"
)
_FILLED_IN = re.compile(r"0{6}|1234567|abcdefg|deadbeef", re.IGNORECASE)
_UUID = re.compile(r"[0-9a-f]{8}-?(?:[0-9a-f]{4}-?){3}[0-9a-f]{12}", re.IGNORECASE)
_IDENTIFIER = re.compile(r"[A-Za-z_]+\d?(?:[._/:-]+[A-Za-z]+\d{0,2})*|[A-Za-z_$][\w$]*(?:\??\.[A-Za-z_$][\w$]*)+")

_KEY_BEGINS = re.compile(r"-----BEGIN [A-Z0-9 ]{0,30}PRIVATE KEY(?: BLOCK)?-----|PuTTY-User-Key-File-\d:")
_KEY_ENDS = re.compile(r"-----END [A-Z0-9 ]{0,30}PRIVATE KEY(?: BLOCK)?-----")
_KEY_LINE = re.compile(r"[A-Za-z0-9+/]+={0,2}|=[A-Za-z0-9+/]{4}")
_KEY_HEADER = re.compile(
    r"(?:Proc-Type|DEK-Info|Version|Comment|Encryption|(?:Public|Private)-Lines|Key-Derivation|Argon2-\w{1,20}):.*|"
)
_KEY_FILE = re.compile(r"(?:^|/)id_(?:rsa|dsa|ecdsa|ed25519)$|\.(?:key|ppk|p8)$")
_AROUND_CODE = " \t\r\"'`+,;()"
"""What stands around a line of a key that is written as a string of some language."""
_SURELY_KEY = 40
"""Base64 of this length or more is a key's line where its surroundings say so; less may be a word of code."""


def find_secrets(text: str, *, configuration: bool = False) -> tuple[Match, ...]:
    """The secrets of one line, in order, none over another. In `configuration` a value needs no quotes around it."""
    lowered = text.lower()
    found = [*vendor_keys(text), *_inside(text, lowered)]
    if any(name in lowered for name in _NAMES):
        found += _assigned(text, _ASSIGNED) if _LITERAL.search(text) else ()
        found += _assigned(text, _UNQUOTED) if configuration else ()
    return _apart(found)


def private_key_lines(lines: Sequence[str], path: str) -> Iterator[list[tuple[int, int, int]]]:
    """The bodies of private keys in the lines of a hunk: for each key its lines as (index, start, end).

    A hunk may show only a part of a key: its head, its tail, or in a file named like a key, neither.
    """
    block: list[tuple[int, int, int]] = []
    inside = in_key_file = bool(_KEY_FILE.search(path))
    for i, raw in enumerate(lines):
        start, end = _core(raw)
        core = raw[start:end]
        begins, ends = _KEY_BEGINS.search(raw), _KEY_ENDS.search(raw)
        if begins or ends:
            if block and (inside or ends):
                yield block
            block, inside = [], in_key_file or bool(begins)
        elif _KEY_LINE.fullmatch(core) and (block or len(core) >= _SURELY_KEY):
            block.append((i, start, end))
        elif not _KEY_HEADER.fullmatch(core):
            if block and inside:
                yield block
            block, inside = [], in_key_file
    if block and inside:
        yield block


def _core(raw: str) -> tuple[int, int]:
    r"""The part of a line of a hunk that would be a key's, without quotes, `\n` and operators around it."""
    text = raw[1:].rstrip(_AROUND_CODE).removesuffix("\\n")
    inner = text.lstrip(_AROUND_CODE)
    start = 1 + len(text) - len(inner)
    return start, start + len(inner)


def is_configuration(path: str) -> bool:
    """Whether a file of this name holds `NAME=value` rather than expressions."""
    name = PurePosixPath(path).name.lower()
    return name.startswith((".env", "dockerfile")) or not _CONFIGURATION.isdisjoint({name, PurePosixPath(name).suffix})


def _apart(found: list[Match]) -> tuple[Match, ...]:
    """Of matches that overlap, the one that was found first: surest evidence comes first."""
    kept: list[Match] = []
    for match in found:
        if all(match.end <= other.start or match.start >= other.end for other in kept):
            kept.append(match)
    return tuple(sorted(kept, key=lambda match: match.start))


def _inside(text: str, lowered: str) -> Iterator[Match]:
    """Values at a place where only secrets stand: the password of a URL, a bearer token, a key written on one line."""
    for kind, form in ((kind, form) for kind, mark, form in _INSIDE if mark in lowered):
        for match in form.finditer(text):
            value = match.group(1)
            sure = kind in _SURE and not is_placeholder(value)
            if sure or (_plausible(value) and (kind != "token" or entropy(value) >= MIN_ENTROPY)):
                yield Match(kind, *match.span(1))


def _assigned(text: str, form: re.Pattern[str]) -> Iterator[Match]:
    """Literals behind a name that says what they are."""
    for match in form.finditer(text):
        name, value = match["name"].lower(), match["value"]
        kind = next((kind for part, kind in _KIND_OF_NAME if part in name), "password")
        before = text[max(0, match.start() - _PUBLIC_LENGTH) : match.start()]
        if _NOT_THE_VALUE.search(match["rest"]) or _PUBLIC.search(before) or not _plausible(value):
            continue
        if len(value) >= _SHORTEST[kind] and (kind == "password" or entropy(value) >= MIN_ENTROPY):
            yield Match(kind, *match.span("value"))


def _plausible(value: str) -> bool:
    """Whether somebody could have chosen this as a secret: neither a placeholder, nor computed, nor an identifier."""
    mixed = any(map(str.isalpha, value)) and any(ch.isdigit() or ch in "!@#$%^&*+=~?" for ch in value)
    if not mixed or _COMPUTED.search(value) or is_placeholder(value) or _FILLED_IN.search(value):
        return False
    if _UUID.fullmatch(value) or _IDENTIFIER.fullmatch(value) or len(set(value)) < 5:
        return False
    return not _MADE_UP_WORDS.issuperset(word.lower() for word in _WORDS.findall(value))


def entropy(value: str) -> float:
    """Shannon's, in bits a character."""
    return -sum(n / len(value) * math.log2(n / len(value)) for n in Counter(value).values())
