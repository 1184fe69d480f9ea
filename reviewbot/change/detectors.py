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
from typing import NamedTuple

from reviewbot.change.vendor_keys import Match, encoded_keys, is_placeholder, vendor_keys

_NAME = r"""(?P<name>passw(?:or)?d|passphrase|pwd|secret|credential|token
          |(?<![a-z])pass(?![a-z])
          |(?:api|auth|access|private|encryption|signing|account|client|service|master|license|storage|hmac|aes|jwt
             |session)[_-]?key)
        (?P<rest>[\w-]{0,40})"""
_DECODED = r"(?:\[\]byte|[\w.]{0,30}(?:bytes|fromhex|from|decode|unhexlify|atob|string|secretstr))\("
"""A call that only makes another type of a literal."""
_ASSIGNED = re.compile(
    rf"""{_NAME}
        (?:["'`]?\]?
           (?:\s{{0,8}}:\s{{0,4}}[A-Za-z][\w.\[\]?]{{0,30}}(?=\s{{0,8}}=))?      # a type: `password: str = "..."`
           (?:\s{{0,8}}(?::=|=>|(?:\|\||\?\?)=|={{1,3}}|!==?|:)|(?<=[dtn])\()
          |(?P<apart>["'`]\s{{0,4}},)(?:\s{{0,4}}["']?(?:default|value)["']?\s{{0,4}}[=:])?)  # `define("A_KEY", "...")`
        \s{{0,8}}(?:{_DECODED})?[@bru]{{0,2}}
        (?P<quote>["'`])(?P<value>[^"'`\s]{{8,300}})(?P=quote)""",
    re.IGNORECASE | re.VERBOSE,
)
"""`password = "..."`, `"api_key": "..."`, `secret => "..."`, `setPassword("...")`, `if token == "..."`."""
_UNQUOTED = re.compile(
    rf"""{_NAME.replace("[_-]?key", "[_.-]?key")}
        \s{{0,8}}[=:]\s{{0,8}}(?P<value>[^"'`\s;,()]{{8,300}})(?=\s*(?:$|\#))""",
    re.IGNORECASE | re.VERBOSE,
)
_PLACES = (
    ("password", "://", r"[a-z][a-z0-9+.-]{1,20}://[^\s:/?#@\"'`<>]{0,100}:([^\s:/@\"'`<>]{6,200})@[\w\[]"),
    ("password", ";", r"\b(?:password|pwd)=([^;\"'\s&]{6,200});"),
    ("password", ";", r";\s{0,2}(?:password|pwd)=([^;\"'\s&]{6,200})(?:[\"'`]|$)"),
    ("password", "</", r"<(?:\w{0,20}password|passwd)>([^<\s]{8,200})</"),
    ("password", "-u", r"(?:\s-u|--user)[ =][\"']?[\w.@-]{1,60}:([^\s\"':]{6,200})"),
    ("secret", "--", r"--(?:password|token|api-key|secret)[= ][\"']?([^\s\"'$<]{8,200})"),
    ("token", "bearer", r"\bbearer\s{1,3}([\w.~+/-]{20,1000}={0,2})"),
    ("token", "basic", r"\bbasic\s{1,3}([\w.~+/-]{20,1000}={0,2})"),
    ("token", "_authtoken=", r"_authtoken=([\w.~+/-]{20,1000}={0,2})"),
    *(
        ("token", f"{word}: ", rf"[\"'][\w-]{{0,30}}(?<![a-z]){word}: {{1,3}}([\w.~+/-]{{16,300}}={{0,2}})[\"']")
        for word in ("key", "token", "secret")
    ),
    ("secret", "env ", r"^\s*ENV\s{1,8}\w{0,40}(?:passw(?:or)?d|secret|token|key)\s{1,8}([^\s=]{8,300})\s*$"),
    *(
        ("aws", mark, rf"{mark}[A-Z0-9]{{16}}[\"'],\s{{0,8}}(?:\w{{1,30}}\s?[=:]\s?)?[\"']([A-Za-z0-9/+]{{40}})[\"']")
        for mark in ("akia", "asia")
    ),
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
_LONG = 12
_MIXED = re.compile(r"(?:[A-Za-z]+\d+){3}|\d[!@#$%^&*]|[!@#$%^&*]\d")
_OPENS = re.compile(
    rf"""{_NAME}(?:["'`]?\]?\s{{0,8}}(?::\s{{0,4}}[A-Za-z][\w.]{{0,30}}\s{{0,8}}=|:=|=>|(?:\|\||\?\?)?=|:)
        \s{{0,8}}(?:[(\\]|(?P<folded>[|>]-?)|{_DECODED})?|["'`],)\s*$""",
    re.IGNORECASE | re.VERBOSE,
)
_OPEN_ENDS = frozenset("=(:\\|>-,")
"""Characters that a line ends with where something follows."""
_AWS_OPENS = re.compile(r"(?:AKIA|ASIA)[A-Z0-9]{16}[\"'],\s*$")
_LABELLED = re.compile(
    rf"""\bname["']?\s{{0,4}}[:=]\s{{0,4}}["']?[\w.-]{{0,40}}{_NAME}["']?,?\s*$""", re.IGNORECASE | re.VERBOSE
)
_PIECE = re.compile(r"""\s*(?:[+.]\s*)?[@bru]{0,2}(?P<q>["'`])(?P<value>[^"'`\s]{4,300})(?P=q)\s*[+.,;)\\]{0,4}\s*$""")
_VALUE = re.compile(r"""\s*["']?value["']?\s{0,4}[:=]\s{0,4}(?P<q>["']?)(?P<value>[^"'\s]{8,300})(?P=q),?\s*$""")
_BARE = re.compile(r"\s*(?P<value>[^\s:]{8,300})\s*$")
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

KEY_BEGINS = re.compile(r"-----BEGIN [A-Z0-9 ]{0,30}PRIVATE KEY(?: BLOCK)?-----|PuTTY-User-Key-File-\d:")
_KEY_ENDS = re.compile(r"-----END [A-Z0-9 ]{0,30}PRIVATE KEY(?: BLOCK)?-----")
_KEY_LINE = re.compile(r"[A-Za-z0-9+/]+={0,2}|=[A-Za-z0-9+/]{4}")
_KEY_HEADER = re.compile(
    r"(?:Proc-Type|DEK-Info|Version|Comment|Encryption|(?:Public|Private)-Lines|Key-Derivation|Argon2-\w{1,20}):.*|"
)
_KEY_FILE = re.compile(r"(?:^|/)id_(?:rsa|dsa|ecdsa|ed25519)$|\.(?:key|ppk|p8)$")
_BEFORE_KEY = re.compile(
    r"(?:[\s\"'`,;()+#*>%]|//+(?=\s)|/\*|<!--|--?(?=\s)|-[en](?=\s)|(?:echo|printf|rem)(?=\s))*", re.IGNORECASE
)
_BEHIND_KEY = re.compile(r"(?:\\[nr]|[\s\"'`+,;()\\*]|-->)*(?:>>?\s?\S{1,200})?\s*")
"""What stands around a line of a key in a comment, a list, a shell script or a string of some language."""
_SURELY_KEY = 40
"""Base64 of this length or more is a key's line where its surroundings say so; less may be a word of code."""


def find_secrets(text: str, *, configuration: bool = False) -> tuple[Match, ...]:
    """The secrets of one line, in order, none over another. In `configuration` a value needs no quotes around it."""
    lowered = text.lower()
    found = [*vendor_keys(text), *encoded_keys(text), *_inside(text, lowered)]
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
        begins, ends = KEY_BEGINS.search(raw), _KEY_ENDS.search(raw)
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
    r"""The part of a line of a hunk that would be a key's, without comment marks, quotes, `\n` and operators around."""
    start = _BEFORE_KEY.match(raw, 1).end()  # type: ignore[union-attr]  # `*` matches everywhere
    line = _KEY_LINE.match(raw, start)
    if line and _BEHIND_KEY.fullmatch(raw, line.end()):
        return line.span()
    return start, max(start, len(raw.rstrip()))


def continued_secrets(lines: Sequence[str], *, configuration: bool = False) -> Iterator[tuple[int, Match]]:
    """Secrets below the name that says what they are, in the lines of a hunk, as (index, match behind the sign).

    Either side is read as its readers see it, so a line of both may come twice.
    `token = (` and its literal on the next lines, an argument each line, `- name: DB_PASSWORD` above its `value:`.
    """
    for side in "+-" if any(raw[:1] == "-" for raw in lines) else "+":
        name: _Name | None = None
        pieces: list[tuple[int, re.Match[str]]] = []
        for i, raw in [*((i, raw) for i, raw in enumerate(lines) if raw[:1] in {" ", side}), (len(lines), " ")]:
            piece = name.form.match(raw, 1) if name else None
            if piece:
                pieces.append((i, piece))
            if name and (not piece or raw.rstrip().endswith(",")):
                yield from _joined(name, pieces)
                name, pieces = None, []
            name = name or _opened(raw, configuration=configuration)


class _Name(NamedTuple):
    """A telling name whose value is on the lines below."""

    kind: str
    form: re.Pattern[str]
    """Of such a line."""


def _opened(raw: str, *, configuration: bool) -> _Name | None:
    """Whether a line ends where a secret would follow."""
    ends, lowered = raw.rstrip()[-1:] in _OPEN_ENDS, raw.lower()
    if not (ends or "name" in lowered) or not any(name in lowered for name in (*_NAMES, "akia", "asia")):
        return None
    if ends and _AWS_OPENS.search(raw):
        return _Name("aws", _PIECE)
    if ends and (found := _OPENS.search(raw)) and not _NOT_THE_VALUE.search(found["rest"]):
        return _Name(_kind(found["name"]), _BARE if configuration and found["folded"] else _PIECE)
    if "name" in lowered and (found := _LABELLED.search(raw)) and not _NOT_THE_VALUE.search(found["rest"]):
        return _Name(_kind(found["name"]), _VALUE)
    return None


def _joined(name: _Name, pieces: list[tuple[int, re.Match[str]]]) -> Iterator[tuple[int, Match]]:
    value = "".join(piece["value"] for _, piece in pieces)
    if len(value) >= _SHORTEST.get(name.kind, 0) and _plausible(value) and _is_random(value):
        yield from ((i, Match(name.kind, piece.start("value") - 1, piece.end("value") - 1)) for i, piece in pieces)


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
        name, value = match["name"], match["value"]
        kind, apart = _kind(name), match.groupdict().get("apart")
        before = text[max(0, match.start() - _PUBLIC_LENGTH) : match.start()]
        if _NOT_THE_VALUE.search(match["rest"]) or _PUBLIC.search(before) or not _plausible(value):
            continue
        sure = _is_random(value) if apart else kind == "password" or entropy(value) >= MIN_ENTROPY
        if sure and len(value) >= _SHORTEST[kind]:
            yield Match(kind, *match.span("value"))


def _is_random(value: str) -> bool:
    """Whether nobody would write this as a name or a word: asked where the telling name only stands nearby."""
    return len(value) >= _LONG and entropy(value) >= MIN_ENTROPY and bool(_MIXED.search(value))


def _kind(name: str) -> str:
    return next((kind for part, kind in _KIND_OF_NAME if part in name.lower()), "password")


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
