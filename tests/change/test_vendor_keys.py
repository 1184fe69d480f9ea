import base64
import random
import string
import time

import pytest

from reviewbot.change.vendor_keys import encoded_keys, vendor_keys

ALNUM = string.ascii_letters + string.digits
LOWER = string.ascii_lowercase + string.digits
UPPER = string.ascii_uppercase + string.digits
HEX = "0123456789abcdef"

FORMS: dict[str, tuple[tuple[str | tuple[str, int], ...], ...]] = {
    "age": (("AGE-SECRET-KEY-1", (UPPER, 58)),),
    "anthropic": (("sk-ant-api03-", (ALNUM, 93)),),
    "artifactory": (("AKC", (ALNUM, 60)),),
    "atlassian": (("ATATT3", (ALNUM, 180)),),
    "aws": (("AKIA", (UPPER, 16)), ("ASIA", (UPPER, 16)), ('aws_secret_key = "', (ALNUM, 40), '"')),
    "azure": (("AccountKey=", (ALNUM, 86), "=="), ((ALNUM, 3), "8Q~", (ALNUM, 34))),
    "cargo": (("cio", (ALNUM, 32)),),
    "databricks": (("dapi", (HEX, 32)),),
    "digitalocean": (("dop_v1_", (HEX, 64)),),
    "discord": (("https://discord.com/api/webhooks/", (string.digits, 18), "/", (ALNUM, 68)),),
    "docker": (("dckr_pat_", (ALNUM, 27)),),
    "doppler": (("dp.pt.", (ALNUM, 43)),),
    "dynatrace": (("dt0c01.", (UPPER, 24), ".", (UPPER, 64)),),
    "easypost": (("EZAK", (ALNUM, 54)),),
    "facebook": (("EAA", (ALNUM, 120)),),
    "figma": (("figd_", (ALNUM, 40)),),
    "github": (("ghp_", (ALNUM, 36)), ("ghs_", (ALNUM, 36)), ("github_pat_", (ALNUM, 22), "_", (ALNUM, 59))),
    "gitlab": (("glpat-", (ALNUM, 20)), ("glrt-", (ALNUM, 20)), ("GR1348941", (ALNUM, 20))),
    "google": (("AIza", (ALNUM, 35)), ("GOCSPX-", (ALNUM, 28)), ("ya29.", (ALNUM, 120))),
    "grafana": (("glsa_", (ALNUM, 32), "_", (HEX, 8)),),
    "groq": (("gsk_", (ALNUM, 52)),),
    "hashicorp": (("hvs.", (ALNUM, 90)), ((ALNUM, 14), ".atlasv1.", (ALNUM, 67))),
    "hugging-face": (("hf_", (string.ascii_letters, 34)),),
    "launchdarkly": (("sdk-", (HEX, 8), "-", (HEX, 4), "-", (HEX, 4), "-", (HEX, 4), "-", (HEX, 12)),),
    "linear": (("lin_api_", (ALNUM, 40)),),
    "mailchimp": (((HEX, 32), "-us12"),),
    "mailgun": (("key-", (HEX, 32)),),
    "new-relic": (("NRAK-", (UPPER, 27)),),
    "notion": (("ntn_", (ALNUM, 46)),),
    "npm": (("npm_", (ALNUM, 36)),),
    "openai": (("sk-proj-", (ALNUM, 120)), ("sk-", (ALNUM, 20), "T3BlbkFJ", (ALNUM, 20))),
    "perplexity": (("pplx-", (ALNUM, 48)),),
    "planetscale": (("pscale_tkn_", (ALNUM, 43)),),
    "postman": (("PMAK-", (HEX, 24), "-", (HEX, 34)),),
    "pulumi": (("pul-", (HEX, 40)),),
    "pypi": (("pypi-AgEIcHlwaS5vcmc", (ALNUM, 160)),),
    "razorpay": (("rzp_live_", (ALNUM, 14)),),
    "replicate": (("r8_", (ALNUM, 37)),),
    "rubygems": (("rubygems_", (HEX, 48)),),
    "sendgrid": (("SG.", (ALNUM, 22), ".", (ALNUM, 43)),),
    "sentry": (("sntrys_", (ALNUM, 60)),),
    "shopify": (("shpat_", (HEX, 32)),),
    "slack": (
        ("xoxb-", (string.digits, 12), "-", (string.digits, 12), "-", (ALNUM, 24)),
        ("https://hooks.slack.com/services/T", (UPPER, 8), "/B", (UPPER, 8), "/", (ALNUM, 24)),
    ),
    "sonar": (("squ_", (HEX, 40)),),
    "square": (("sq0csp-", (ALNUM, 43)),),
    "stripe": (("sk_live_", (ALNUM, 24)), ("rk_live_", (ALNUM, 99)), ("whsec_", (ALNUM, 32))),
    "supabase": (("sbp_", (HEX, 40)),),
    "telegram": (((string.digits, 9), ":AA", (ALNUM, 33)),),
    "token": (("eyJ", (ALNUM, 33), ".eyJ", (ALNUM, 77), ".", (ALNUM, 43)),),
    "twilio": (("SK", (HEX, 32)),),
    "xai": (("xai-", (ALNUM, 80)),),
}
"""Kind to examples, made when the tests run: no file of ours looks to anybody's scanner as if it held a key."""


def made(parts: tuple[str | tuple[str, int], ...], seed: int) -> tuple[str, str]:
    """A line of the form, and the random part of it that must go."""
    dice = random.Random(seed)  # noqa: S311  the same keys in every run
    pieces = [part if isinstance(part, str) else "".join(dice.choices(part[0], k=part[1])) for part in parts]
    fixed = {part for part in parts if isinstance(part, str)}
    return "".join(pieces), max((piece for piece in pieces if piece not in fixed), key=len)


@pytest.mark.parametrize(("kind", "parts"), [(kind, parts) for kind, forms in FORMS.items() for parts in forms])
def test_a_key_of_each_form_is_found_whole(kind, parts):
    for seed in range(5):
        line, secret = made(parts, seed)
        text = f"configure({line!r})" if '"' not in line else line
        found = [(match.kind, text[match.start : match.end]) for match in vendor_keys(text)]
        assert any(name == kind and secret in value for name, value in found), (text, found)


def test_more_than_forty_vendors_are_known():
    assert len(FORMS) > 40


@pytest.mark.parametrize(
    "text",
    [
        "key = 'AKIA" + "IOSFODNN7EXAMPLE'",
        "token: ghp_xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx",
        "slack('xoxb-test-token-for-the-suite-1')",
        'integrity = "sha512-' + "oD6vGHNfTuCnGbEpTJWL2Y1b0dDqFvkgmKb3pFtL2c" * 2 + '=="',
        "resolved = 'https://npm.example.com/left-pad/-/left-pad-1.3.0.tgz'",
        "id = '550e8400-e29b-41d4-a716-446655440000'",
        "sha = 'e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855'",
        "def test_a_very_long_name_of_a_test_that_says_what_happens(): ...",
    ],
)
def test_what_only_looks_like_a_key_is_not_one(text):
    assert list(vendor_keys(text)) == []


ATTACKS = ["eyJ", "eyJ-", "sk-", "AC", "xoxb-1-", "AKIA", "key-", "1:", "gl", "a.", "EAA/", "-----BEGIN "]


@pytest.mark.parametrize("attack", ATTACKS)
def test_no_line_takes_long(attack):
    text = (attack * 20_000)[:20_000]
    began = time.perf_counter()
    list(vendor_keys(text))
    assert time.perf_counter() - began < 5


def encoded(text: str) -> str:
    return base64.b64encode(text.encode()).decode()


@pytest.mark.parametrize("kind", ["github", "anthropic", "stripe", "aws"])
def test_a_key_in_base64_is_found_whole(kind):
    line, _ = made(FORMS[kind][0], 1)
    for text in (line, f"user:{line}", f"export KEY={line}\n"):
        value = encoded(text)
        assert [(match.kind, match.end - match.start) for match in encoded_keys(f"  token: {value}")] == [
            (kind, len(value))
        ]


def test_a_private_key_in_base64_is_found():
    key = encoded("-----BEGIN " + "PRIVATE KEY-----\n" + "MIIEvQIBADANBgkqhkiG9w0BAQEFAASC\n" * 4)
    assert [match.kind for match in encoded_keys(f'key: "{key}"')] == ["private-key"]


@pytest.mark.parametrize(
    "text",
    [
        f"data: {encoded('just a sentence that is long enough to be read')}",
        'integrity = "sha512-' + "oD6vGHNfTuCnGbEpTJWL2Y1b0dDqFvkgmKb3pFtL2c" * 2 + '=="',
        "import aVeryLongNameOfAClassThatLooksLikeBase64InAWay",
    ],
)
def test_base64_of_something_else_is_no_key(text):
    assert list(encoded_keys(text)) == []
