import re

import pytest
from report.hostility import ADDRESSES

from reviewbot.report.links import SITES, defanged, is_address, is_allowed

SOURCE = "https://git.example/o/r/blob/0123456789abcdef0123456789abcdef01234567/"
URL = re.compile(r"[a-z]+://[^\s()<>]+|//[^\s()<>]+", re.IGNORECASE)


@pytest.mark.parametrize("site", SITES, ids=lambda site: site.prefix)
def test_every_prefix_ends_behind_the_host_and_says_why_it_is_here(site):
    assert re.fullmatch(r"https://[a-z.-]+/(?:[\w-]+/)*", site.prefix)
    assert site.reason


@pytest.mark.parametrize(
    "url",
    [
        "https://go.dev/play/p/AbCdEfGhIjK", "https://go.dev/issue/12345", "https://go.dev/s/x",
        "https://www.php.net/manual/en/function.md5.php", "https://www.typescriptlang.org/play#code/MYewdg",
        "https://developer.mozilla.org/en-US/play", "https://datatracker.ietf.org/doc/draft-evil-00",
        "https://owasp.org/slack/invite", "https://nodejs.org/en/x", "https://www.rfc-editor.org/redirect",
    ],
)  # fmt: skip
def test_what_anybody_may_write_or_what_leads_elsewhere_is_not_linked(url):
    assert not is_allowed(url)


@pytest.mark.parametrize(
    "url",
    [
        "https://cwe.mitre.org/data/definitions/89.html",
        "https://owasp.org/Top10/A03_2021-Injection/",
        "https://www.rfc-editor.org/rfc/rfc6749#section-4.1",
        "https://docs.python.org/3/library/decimal.html#decimal.Decimal",
        "https://developer.mozilla.org/en-US/docs/Web/HTTP/Headers/Content-Security-Policy",
        "https://go.dev/ref/spec#Conversions",
    ],
)
def test_pages_that_explain_may_be_linked(url):
    assert is_allowed(url)


@pytest.mark.parametrize("text", ADDRESSES)
def test_no_hostile_address_may_be_linked(text):
    candidates = {text, text.strip("<>"), *URL.findall(text)} - {"https://owasp.org/"}
    assert not [url for url in candidates if is_allowed(url, SOURCE)]


@pytest.mark.parametrize(
    ("rest", "allowed"),
    [
        ("a.py", True), ("a/b%20c.py#L1-L2", True), ("", True), ("a/../../x", False), ("./x", False),
        ("a?raw=1", False), ("%2e%2e/x", False), ("%2E./x", False), ("a%2Fb", False), ("a%5cb", False), ("a b", False),
        ("a\\b", False), ("a@b", False),
    ],
)  # fmt: skip
def test_a_link_to_the_reviewed_files_stays_below_them(rest, allowed):
    assert is_allowed(SOURCE + rest, SOURCE) is allowed
    assert not is_allowed(SOURCE + rest)


@pytest.mark.parametrize("source", ["", "/", "https:", SOURCE.rstrip("/"), "x/"])
def test_an_address_that_is_none_allows_nothing(source):
    assert not is_allowed("https://git.example/o/r", source)
    assert not is_allowed("https:/x", source)


@pytest.mark.parametrize(
    ("url", "holds"),
    [
        ("https://git.example/o/r/pull/7#discussion_r1", True), ("http://127.0.0.1:80/o/r/pull/7#issuecomment-1", True),
        ("http://[::1]:80/x", True), ("javascript:alert(1)", False), ("https://a.b/c>d", False),
        ("https://a.b/(x)", False),
        ("https://a.b/c d", False), ("https://a@b.c/d", False), ("", False), ("https://a.b/\n", False),
    ],
)  # fmt: skip
def test_an_address_of_the_forge_can_stand_in_a_link_or_is_not_used(url, holds):
    assert is_address(url) is holds


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("https://a.b.c/d.e?f.g", "https://a[.]b[.]c/d.e?f.g"), ("//a.b", "//a[.]b"),
        ("www.a.b/c.d", "www[.]a[.]b/c.d"),
        ("https://u.v@a.b:80", "https://u[.]v@a[.]b:80"), ("file.py", "file.py"),
        ("http://a.b,http://c.d", "http://a[.]b,http://c[.]d"),
    ],
)  # fmt: skip
def test_the_dots_of_a_host_are_written_so_that_nothing_links_it(text, shown):
    assert defanged(text) == shown
