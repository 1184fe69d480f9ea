"""What a secret looks like in one line of text.

Knows three kinds of evidence: a form that only one vendor's keys have, a name such as `password` in front of a literal,
and the body of a private key. Knows nothing of diffs or of whether a secret still opens anything: nothing is verified,
nothing leaves the process. Every pattern is bounded, so a line costs time in proportion to its length (THREATS S28).
"""

import math
import re
from collections import Counter
from collections.abc import Iterator, Sequence
from functools import cache
from pathlib import PurePosixPath
from typing import Any, NamedTuple


class Match(NamedTuple):
    """A secret value at `text[start:end]`."""

    kind: str
    start: int
    end: int


PREFIXED: tuple[tuple[str, str], ...] = (
    ("age", r"AGE-SECRET-KEY-1[0-9A-Z]{58}"),
    ("anthropic", r"sk-ant-[\w-]{20,200}"),
    ("atlassian", r"ATATT3[\w=-]{50,400}"),
    ("aws", r"(?:A3T[A-Z0-9]|ABIA|ACCA|AKIA|ASIA)[A-Z0-9]{16}(?![A-Za-z0-9])"),
    ("azure", r"[\w~.-]{3}\dQ~[\w~.-]{31,34}(?![\w~.-])"),
    ("cargo", r"cio[A-Za-z0-9]{32}(?![A-Za-z0-9])"),
    ("databricks", r"dapi[a-f0-9]{32}(?![a-f0-9])"),
    ("digitalocean", r"do[oprs]_v1_[a-f0-9]{64}"),
    ("discord", r"https://(?:canary\.|ptb\.)?discord(?:app)?\.com/api/webhooks/\d{17,20}/[\w-]{60,80}"),
    ("docker", r"dckr_(?:pat|oat)_[\w-]{27,40}"),
    ("doppler", r"dp\.(?:pt|st|sa|scim|audit)\.[A-Za-z0-9._-]{40,60}"),
    ("dynatrace", r"dt0c01\.[A-Z0-9]{24}\.[A-Z0-9]{64}"),
    ("easypost", r"EZ[AT]K[A-Za-z0-9]{54}"),
    ("facebook", r"EAA[A-Za-z0-9]{80,250}"),
    ("figma", r"figd_[\w-]{38,50}"),
    ("flutterwave", r"FLWSECK(?:_TEST)?-[a-f0-9]{12,40}-?X?"),
    ("github", r"gh[pousr]_[A-Za-z0-9]{36,251}|github_pat_[A-Za-z0-9]{22}_[A-Za-z0-9]{59}"),
    ("gitlab", r"gl(?:pat|dt|ft|soat|rt|cbt|ptt|agent|imt|oas|ffct)-[\w-]{20,300}(?:\.[\w-]{2,20}){0,3}"),
    ("gitlab", r"GR1348941[\w-]{20,50}"),
    ("google", r"AIza[\w-]{35}(?![\w-])|GOCSPX-[\w-]{28}(?![\w-])|ya29\.[\w-]{40,400}"),
    ("grafana", r"gl(?:c|sa)_[A-Za-z0-9+/_=]{32,400}"),
    ("groq", r"gsk_[A-Za-z0-9]{50,60}"),
    ("hashicorp", r"hv[bsr]\.[\w-]{24,300}|[A-Za-z0-9]{14}\.atlasv1\.[\w=-]{60,70}"),
    ("heroku", r"HRKU-[\w-]{36,80}"),
    ("hugging-face", r"(?:hf|api_org)_[A-Za-z]{34}(?![A-Za-z])"),
    ("launchdarkly", r"(?:api|sdk|mob)-[a-f0-9]{8}(?:-[a-f0-9]{4}){3}-[a-f0-9]{12}"),
    ("linear", r"lin_(?:api|oauth)_[A-Za-z0-9]{32,64}"),
    ("mailgun", r"(?:key|pubkey)-[a-f0-9]{32}(?![a-f0-9])"),
    ("new-relic", r"NR(?:AK|JS|II)-[A-Za-z0-9-]{19,32}"),
    ("notion", r"ntn_[A-Za-z0-9]{40,50}|secret_[A-Za-z0-9]{43}(?![A-Za-z0-9])"),
    ("npm", r"npm_[A-Za-z0-9]{36}(?![A-Za-z0-9])"),
    ("openai", r"sk-(?:proj|svcacct|admin)-[\w-]{20,200}|sk-[A-Za-z0-9]{20}T3BlbkFJ[A-Za-z0-9]{20}"),
    ("perplexity", r"pplx-[A-Za-z0-9]{48}"),
    ("planetscale", r"pscale_(?:tkn|pw|oauth)_[\w.=-]{32,64}"),
    ("postman", r"PMAK-[a-f0-9]{24}-[a-f0-9]{34}"),
    ("pulumi", r"pul-[a-f0-9]{40}"),
    ("razorpay", r"rzp_live_[A-Za-z0-9]{14,24}"),
    ("replicate", r"r8_[A-Za-z0-9]{37}"),
    ("rubygems", r"rubygems_[a-f0-9]{48}"),
    ("sentry", r"sntr[yu]s?_[A-Za-z0-9+/=_-]{40,400}"),
    ("shopify", r"shp(?:at|ca|pa|ss)_[a-fA-F0-9]{32}"),
    ("slack", r"xapp-\d-[A-Z0-9]{8,16}-\d{8,16}-[a-z0-9]{30,100}|xox[abeoprs](?:\.xox[bp])?-[A-Za-z0-9-]{20,300}"),
    ("sonar", r"sq[apu]_[a-f0-9]{40}"),
    ("square", r"(?:sq0(?:atp|csp)-[\w-]{22,60}|EAAA[\w-]{60})"),
    ("stripe", r"(?:sk|rk)_(?:live|test)_[A-Za-z0-9]{16,247}|whsec_[A-Za-z0-9+/]{32,64}={0,2}"),
    ("supabase", r"sbp_[a-f0-9]{40}|sb_secret_[\w-]{20,60}"),
    ("token", r"eyJ[\w-]{8,4096}\.eyJ[\w-]{8,4096}(?:\.[\w-]{0,4096})?"),
    ("xai", r"xai-[A-Za-z0-9]{70,90}"),
)
"""Kind and form, where the form alone is proof. Read from the vendors' own pages on their key formats."""
_PREFIXED = re.compile("(?<![\\w-])(?:" + "|".join(f"(?P<k{i}>{form})" for i, (_, form) in enumerate(PREFIXED)) + ")")
_LONG = re.compile(r"[\w+/=.~-]{20}")
_RUN = re.compile(r"[\w-]*")

_ASSIGNED = re.compile(
    r"""(?P<name>passw(?:or)?d|passphrase|pwd|secret|credential|token
          |(?:api|auth|access|private|encryption|signing|account|client|service|master|license|storage)[_-]?key)
        (?P<rest>[\w-]{0,40})["'`]?\]?
        (?:\s{0,8}:\s{0,4}[A-Za-z][\w.\[\]?]{0,30}(?=\s{0,8}=))?      # a type: `password: str = "..."`
        (?:\s{0,8}(?::=|=>|={1,3}|!==?|:)|(?<=d|t|n)\()\s{0,8}[@bru]{0,2}
        (?P<quote>["'`])(?P<value>[^"'`\s]{8,300})(?P=quote)""",
    re.IGNORECASE | re.VERBOSE,
)
_UNQUOTED = re.compile(
    r"""(?P<name>passw(?:or)?d|passphrase|pwd|secret|credential|token|(?:api|auth|access|private|encryption|account)[_.-]?key)
        (?P<rest>[\w-]{0,40})\s{0,8}[=:]\s{0,8}(?P<value>[^"'`\s;,()]{8,300})(?=\s*(?:$|\#))""",
    re.IGNORECASE | re.VERBOSE,
)
_INSIDE = (
    ("password", re.compile(r"[a-z][a-z0-9+.-]{1,20}://[^\s:/?#@\"'`<>]{0,100}:([^\s:/@\"'`<>]{6,200})@[\w\[]", re.IGNORECASE)),
    ("password", re.compile(r"\b(?:password|pwd)=([^;\"'\s&]{6,200});", re.IGNORECASE)),
    ("password", re.compile(r"<(?:\w{0,20}password|passwd)>([^<\s]{8,200})</", re.IGNORECASE)),
    ("password", re.compile(r"(?:\s-u|--user)[ =][\"']?[\w.@-]{1,60}:([^\s\"':]{6,200})", re.IGNORECASE)),
    ("secret", re.compile(r"--(?:password|token|api-key|secret)[= ][\"']?([^\s\"'$<]{8,200})", re.IGNORECASE)),
    ("token", re.compile(r"\b(?:bearer|basic|_authtoken=)\s{0,3}([\w.~+/-]{20,1000}={0,2})", re.IGNORECASE)),
    ("heroku", re.compile(r"heroku[\w .:='\"-]{0,30}([0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12})", re.IGNORECASE)),
    ("private-key", re.compile(r"-----BEGIN [A-Z0-9 ]{0,30}PRIVATE KEY(?: BLOCK)?-----([^\"'`<>]{20,20000}?)(?:-----END|[\"'`]|$)")),
)
_HINTS = ("pass", "pwd", "secret", "key", "token", "credential", "bearer", "basic", "://", "-u", "--user", "heroku")

_CONFIGURATION = frozenset(
    ".cfg .conf .config .env .envrc .ini .netrc .npmrc .properties .pypirc .tfvars .toml .yaml .yml .sh .bash .zsh".split()
)
_NOT_THE_VALUE = re.compile(
    r"(?:hash|digest|id|ids|names?|fields?|path|file|filename|dir|url|uri|endpoint|type|policy|length|len|regex|pattern"
    r"|label|placeholder|hint|error|message|msg|help|text|title|prompt|input|params?|header|env|var|ref|arn|version|ttl"
    r"|expir\w*|count|limit|format|column|prefix|suffix|reset|reuse|class|selector|template|key_?ref)$",
    re.IGNORECASE,
)
_PUBLIC = re.compile(r"(?:public|publishable)[_-]?$", re.IGNORECASE)
_WORDS = re.compile(r"[A-Z]?[a-z]+|[A-Z]+")
_PLACEHOLDER_WORDS = frozenset(
    "a abc abcd abcdef access admin and api app auth bar basic baz bearer change client correct credential credentials db "
    "default demo dev development dummy env example fake foo for guest here hello hunter in incorrect insert invalid is it "
    "key local login me mock my mysql new none not null old only pass passphrase passwd password pg placeholder postgres "
    "private prod public put pw pwd qwerty redacted replace root sample secret secure service set some staging string "
    "super test testing tests the this to todo token user username value very with world wrong x xx xxx xxxx y your z".split()
)
_SURELY_PLACEHOLDER = re.compile(
    r"example|placeholder|change_?-?me|dummy|redacted|your[_-]|[x*.\u2022]{4}|0{6}|1234567|abcdefg|deadbeef|<secret:", re.IGNORECASE
)
_PRETENDED = re.compile(r"(?<![a-z])(?:test|fake|mock|sample|invalid)(?![a-z])", re.IGNORECASE)
_COMPUTED = re.compile(r"^(?:[$%<{\[@/(]|\./|https?:|arn:|vault:|op://|env:|ssm:|file:|sha\d+-)|\$\{|\{\{|\$\(|<%|%\(|#\{|\(\)|\\[dws]")
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


@cache
def _plugins() -> tuple[tuple[str, Any], ...]:
    """The detectors of detect-secrets that give whole values in linear time. Importing them costs 0.15 s, so: when needed.

    Left out: those that yield only a part of the value (GitHub, GitLab, Stripe, JWT), those that take quadratic time (npm,
    OpenAI, basic auth), and those that are wrong more often than right (keyword, entropy, public IP). Ours stand above.
    """
    from detect_secrets.plugins import (  # noqa: PLC0415
        artifactory, aws, azure_storage_key, cloudant, discord, ibm_cloud_iam, ibm_cos_hmac, mailchimp, pypi_token,
        sendgrid, slack, softlayer, telegram_token, twilio,
    )  # fmt: skip

    return (
        ("artifactory", artifactory.ArtifactoryDetector()),
        ("aws", aws.AWSKeyDetector()),
        ("azure", azure_storage_key.AzureStorageKeyDetector()),
        ("cloudant", cloudant.CloudantDetector()),
        ("discord", discord.DiscordBotTokenDetector()),
        ("ibm", ibm_cloud_iam.IbmCloudIamDetector()),
        ("ibm", ibm_cos_hmac.IbmCosHmacDetector()),
        ("mailchimp", mailchimp.MailchimpDetector()),
        ("pypi", pypi_token.PypiTokenDetector()),
        ("sendgrid", sendgrid.SendGridDetector()),
        ("slack", slack.SlackDetector()),
        ("softlayer", softlayer.SoftlayerDetector()),
        ("telegram", telegram_token.TelegramBotTokenDetector()),
        ("twilio", twilio.TwilioKeyDetector()),
    )


def find_secrets(text: str, *, configuration: bool = False) -> tuple[Match, ...]:
    """The secrets of one line, in order, none over another. In `configuration` a value needs no quotes around it."""
    long, lowered = _LONG.search(text), text.lower()
    found: list[Match] = []
    if long:
        found += _prefixed(text)
        found += _by_plugins(text)
    if any(hint in lowered for hint in _HINTS):
        found += _inside(text)
        found += _assigned(text, _UNQUOTED if configuration else _ASSIGNED)
        if configuration:
            found += _assigned(text, _ASSIGNED)
    return _apart(found)


def private_key_lines(lines: Sequence[str], path: str) -> Iterator[list[tuple[int, int, int]]]:
    """The bodies of private keys: for each key its lines as (index, start, end). A first character (`+-\\ `) is no text.

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
    """The part of a line of a hunk that would be a key's, without quotes, `\\n` and operators around it."""
    text = raw[1:].rstrip(_AROUND_CODE).removesuffix("\\n")
    inner = text.lstrip(_AROUND_CODE)
    start = 1 + len(text) - len(inner)
    return start, start + len(inner)


def is_configuration(path: str) -> bool:
    """Whether a file of this name holds `NAME=value` rather than expressions."""
    name = PurePosixPath(path).name.lower()
    return name.startswith((".env", "dockerfile")) or PurePosixPath(name).suffix in _CONFIGURATION or name in _CONFIGURATION


def _apart(found: list[Match]) -> tuple[Match, ...]:
    """Of matches that overlap, the one that was found first: surest evidence comes first."""
    kept: list[Match] = []
    for match in found:
        if all(match.end <= other.start or match.start >= other.end for other in kept):
            kept.append(match)
    return tuple(sorted(kept, key=lambda match: match.start))


def _prefixed(text: str) -> Iterator[Match]:
    for match in _PREFIXED.finditer(text):
        value, kind = match.group(), PREFIXED[int((match.lastgroup or "k0")[1:])][0]
        if not _pretended(value):
            yield Match(kind, match.start(), match.end())


def _by_plugins(text: str) -> Iterator[Match]:
    """A plugin yields values, not places: each is looked up, and must not be the middle of something longer."""
    for kind, plugin in _plugins():
        for raw in plugin.analyze_string(text):
            value = raw.strip(" \t\"'=:")
            start = text.find(value)
            end = _RUN.match(text, start + len(value)).end()  # type: ignore[union-attr]  # `*` matches everywhere
            inner = start > 0 and (text[start - 1].isalnum() or text[start - 1] in "+/")
            if not inner and any(map(str.isdigit, value)) and not _pretended(value):
                yield Match(kind, start, end)


def _inside(text: str) -> Iterator[Match]:
    """Values at a place where only secrets stand: the password of a URL, a bearer token, a key written on one line."""
    for kind, form in _INSIDE:
        for match in form.finditer(text):
            value = match.group(1)
            sure = kind in ("private-key", "heroku") and not _SURELY_PLACEHOLDER.search(value)
            if sure or (_plausible(value) and (kind != "token" or _entropy(value) >= MIN_ENTROPY)):
                yield Match(kind, *match.span(1))


def _assigned(text: str, form: re.Pattern[str]) -> Iterator[Match]:
    """Literals behind a name that says what they are."""
    for match in form.finditer(text):
        name, value = match["name"].lower(), match["value"]
        kind = next((kind for part, kind in _KIND_OF_NAME if part in name), "password")
        if _NOT_THE_VALUE.search(match["rest"]) or _PUBLIC.search(text, 0, match.start()) or not _plausible(value):
            continue
        if kind == "password" or (len(value) >= 12 and (kind != "token" or len(value) >= 20) and _entropy(value) >= MIN_ENTROPY):
            yield Match(kind, *match.span("value"))


_KIND_OF_NAME = (("secret", "secret"), ("credential", "secret"), ("token", "token"), ("key", "key"))
MIN_ENTROPY = 3.0
"""Bits a character, over the value. Random hexadecimal has 3.3 from 16 characters on, words written together about 2.8."""


def _plausible(value: str) -> bool:
    """Whether somebody could have chosen this as a secret: neither a placeholder, nor computed, nor an identifier."""
    mixed = any(map(str.isalpha, value)) and any(ch.isdigit() or ch in "!@#$%^&*+=~?" for ch in value)
    if not mixed or _COMPUTED.search(value) or _SURELY_PLACEHOLDER.search(value):
        return False
    if _UUID.fullmatch(value) or _IDENTIFIER.fullmatch(value) or len(set(value)) < 5:
        return False
    return not _PLACEHOLDER_WORDS.issuperset(word.lower() for word in _WORDS.findall(value))


def _pretended(value: str) -> bool:
    """Whether a value has a vendor's form and yet says itself that it is none."""
    return bool(_SURELY_PLACEHOLDER.search(value) or _PRETENDED.search(value, 8)) or _entropy(value) < MIN_ENTROPY


def _entropy(value: str) -> float:
    """Shannon's, in bits a character."""
    return -sum(n / len(value) * math.log2(n / len(value)) for n in Counter(value).values())
