"""What the keys of vendors look like: forms that are proof enough without a name in front of them.

Two sources: forms read from the vendors' own pages, and those detectors of detect-secrets that give whole values in
linear time. Knows nothing of diffs, nor of whether a key still opens anything: nothing is verified, nothing leaves the
process. Every form is bounded and begins where a word does, so a line costs time in proportion to its length
(THREATS S28).
"""

import base64
import re
from collections.abc import Iterator
from functools import cache
from typing import Any, NamedTuple


class Match(NamedTuple):
    """A secret value at `text[start:end]`."""

    kind: str
    start: int
    end: int


PREFIXED: tuple[tuple[str, str], ...] = (
    ("age", r"AGE-SECRET-KEY-1[0-9A-Z]{58}"),
    ("anthropic", r"sk-ant-[\w-]{20,200}"),
    ("artifactory", r"AKC[A-Za-z0-9]{20,80}"),
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
    ("flutterwave", r"FLWSECK-[a-f0-9]{12,40}-?X?"),
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
_PREFIXED = re.compile(rf"(?<![\w-])(?:{'|'.join(f'(?P<k{i}>{form})' for i, (_, form) in enumerate(PREFIXED))})")
_BASE64 = re.compile(r"(?<![\w+/=.-])[A-Za-z0-9+/]{24,}+={0,2}(?![\w+/=-])")
_PRIVATE_KEY = re.compile(r"-----BEGIN [A-Z0-9 ]{0,30}PRIVATE KEY")
_RUNS = re.compile(r"[\w./+=:~-]{20,}")
"""Where a key can stand: none is shorter, and none holds another character."""
_RUN = re.compile(r"[\w-]*")
_PLACEHOLDER = re.compile(
    r"example|placeholder|change_?-?me|dummy|redacted|your[_-]|[x*.\u2022]{4}|<secret:",
    re.IGNORECASE,
)
_PRETENDED = re.compile(r"(?<![a-z])(?:test|fake|mock|sample|invalid)(?![a-z])", re.IGNORECASE)
MIN_DISTINCT = 4
"""Characters behind the first four. A form is proof enough of a key, unless somebody leant on one letter."""


def vendor_keys(text: str) -> Iterator[Match]:
    """Keys of known vendors in one line."""
    runs = [run.span() for run in _RUNS.finditer(text)]
    if runs:
        yield from _prefixed(text, runs)
        yield from _by_plugins(text)


def encoded_keys(text: str) -> Iterator[Match]:
    """Keys of known vendors, and private keys, that stand in one line as base64, as in the manifest of a secret."""
    for run in _BASE64.finditer(text):
        plain = _decoded(run.group())
        found = next(vendor_keys(plain), None) if plain else None
        if found or _PRIVATE_KEY.search(plain):
            yield Match(found.kind if found else "private-key", run.start(), run.end())


def _decoded(run: str) -> str:
    """The text that base64 stands for; empty where it stands for no text."""
    whole = run.rstrip("=")
    try:
        plain = base64.b64decode(whole + "=" * (-len(whole) % 4)).decode("ascii")
    except ValueError:
        return ""
    return plain if plain.replace("\n", "").replace("\r", "").isprintable() else ""


def _prefixed(text: str, runs: list[tuple[int, int]]) -> Iterator[Match]:
    for match in (match for run in runs for match in _PREFIXED.finditer(text, *run)):
        value, kind = match.group(), PREFIXED[int((match.lastgroup or "k0")[1:])][0]
        if not _pretended(value):
            yield Match(kind, match.start(), match.end())


def _by_plugins(text: str) -> Iterator[Match]:
    """A plugin yields values, not places: each is looked up, and must not be the middle of something longer."""
    for kind, marks, plugin in _plugins():
        if not any(mark in text for mark in marks):
            continue
        for value in {raw.strip(" \t\"'=:"): None for raw in plugin.analyze_string(text)}:
            start = text.find(value)
            end = _RUN.match(text, start + len(value)).end()  # type: ignore[union-attr]  # `*` matches everywhere
            inner = start > 0 and (text[start - 1].isalnum() or text[start - 1] in "+/")
            if not inner and any(map(str.isdigit, value)) and not _pretended(value):
                yield Match(kind, start, end)


@cache
def _plugins() -> tuple[tuple[str, tuple[str, ...], Any], ...]:
    """The detectors of detect-secrets that give whole values in linear time: kind, what must stand in the line, plugin.

    Left out: those that yield only a part of the value (GitHub, GitLab, Stripe, JWT), those that take quadratic time
    (npm, OpenAI, basic auth) or as long as all others together (IBM: the names in front of its keys give them away),
    and those that are wrong more often than right (keyword, entropy, public IP, Artifactory).
    """
    from detect_secrets.plugins import (  # noqa: PLC0415  costs 0.1 s, and most lines look like no key at all
        aws,
        azure_storage_key,
        cloudant,
        discord,
        mailchimp,
        pypi_token,
        sendgrid,
        slack,
        softlayer,
        telegram_token,
        twilio,
    )

    return (
        ("aws", ("AKIA", "ASIA", "A3T", "ABIA", "ACCA", "aws", "AWS", "Aws"), aws.AWSKeyDetector()),
        ("azure", ("AccountKey=",), azure_storage_key.AzureStorageKeyDetector()),
        ("cloudant", ("cl", "CL", "Cl"), cloudant.CloudantDetector()),
        ("discord", (".",), discord.DiscordBotTokenDetector()),
        ("mailchimp", ("-us",), mailchimp.MailchimpDetector()),
        ("pypi", ("pypi-",), pypi_token.PypiTokenDetector()),
        ("sendgrid", ("SG.",), sendgrid.SendGridDetector()),
        ("slack", ("xox", "hooks.slack.com"), slack.SlackDetector()),
        ("softlayer", ("sl", "SL", "softlayer", "SOFTLAYER"), softlayer.SoftlayerDetector()),
        ("telegram", (":",), telegram_token.TelegramBotTokenDetector()),
        ("twilio", ("AC", "SK"), twilio.TwilioKeyDetector()),
    )


def is_placeholder(value: str) -> bool:
    """Whether a value says of itself that something else belongs there."""
    return bool(_PLACEHOLDER.search(value))


def _pretended(value: str) -> bool:
    """Whether a value has a vendor's form and yet was made up. The first characters are the vendor's: `sk_test_`."""
    return is_placeholder(value) or bool(_PRETENDED.search(value, 4)) or len(set(value[4:])) < MIN_DISTINCT
