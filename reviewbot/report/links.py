"""Where a link of ours may lead: the reviewed files at the reviewed commit, and pages that explain a weakness.

A link in a review is trusted because the review is. So a model's link is one only below a prefix of this list; any
other address is shown as text that nothing opens (THREATS S22). Knows addresses and nothing of Markdown.
"""

import re
from typing import NamedTuple


class Site(NamedTuple):
    prefix: str
    """Scheme, host and a slash at least: what stands behind it can be neither port, nor user, nor another host."""
    reason: str


SITES = (
    Site("https://cwe.mitre.org/", "CWE: the names of weaknesses"),
    Site("https://owasp.org/Top10/", "OWASP: the ten weaknesses met most"),
    Site("https://owasp.org/API-Security/", "OWASP: the same of interfaces"),
    Site("https://owasp.org/www-community/", "OWASP: what a weakness is and how it is found, changed by review only"),
    Site("https://cheatsheetseries.owasp.org/", "OWASP: how a weakness is mended"),
    Site("https://www.rfc-editor.org/rfc/", "RFC: what a protocol guarantees; anybody may write a draft"),
    Site("https://nvd.nist.gov/vuln/detail/", "NVD: a known vulnerability, and how severe it is"),
    Site("https://docs.python.org/", "Python, by its makers"),
    Site("https://developer.mozilla.org/en-US/docs/", "the web, by the browsers' makers; not its playground"),
    Site("https://nodejs.org/api/", "Node.js, by its makers"),
    Site("https://nodejs.org/docs/", "Node.js, by its makers, of each version"),
    Site("https://www.typescriptlang.org/docs/", "TypeScript, by its makers; not its playground"),
    Site("https://go.dev/doc/", "Go, by its makers; other parts run and hold what anybody wrote"),
    Site("https://go.dev/ref/", "Go: the specification"),
    Site("https://go.dev/blog/", "Go: its makers on its use"),
    Site("https://doc.rust-lang.org/", "Rust, by its makers"),
    Site("https://docs.oracle.com/javase/", "Java, by its makers"),
    Site("https://kotlinlang.org/docs/", "Kotlin, by its makers"),
    Site("https://docs.swift.org/", "Swift, by its makers"),
    Site("https://docs.ruby-lang.org/", "Ruby, by its makers"),
    Site("https://learn.microsoft.com/en-us/dotnet/", ".NET, by its makers; other parts hold questions of users"),
    Site("https://www.postgresql.org/docs/", "PostgreSQL, by its makers"),
)
"""No page here is written by whoever likes to, and none sends its reader on to an address in its query."""

_BELOW = re.compile(r"(?:[\w.~+,=/-]|%(?!2[EF]|5C)[0-9A-F]{2})*(?:#[\w.=-]*+)?", re.ASCII | re.IGNORECASE)
"""The rest of an address, without a query: a slash or a dot that is spelled as a code could leave the prefix."""
_OURS = re.compile(r"https?://[\w.:\[\]-]++/(?:[\w./#~+,=?&-]|%[0-9A-F]{2})*", re.ASCII | re.IGNORECASE)
_AUTHORITY = re.compile(r"(?://|\bwww\.)[^\s/?#\\]*", re.IGNORECASE)


def is_allowed(url: str, source_url: str = "") -> bool:
    """Whether a link that somebody else wrote may be one. `source_url` is that of `Standing`; empty adds nothing."""
    prefixes = [site.prefix for site in SITES]
    if "://" in source_url and source_url.endswith("/"):
        prefixes.append(source_url)
    return any(url.startswith(prefix) and _stays_below(url[len(prefix) :]) for prefix in prefixes)


def is_address(url: str) -> bool:
    """Whether an address the forge gave us can stand in a Markdown link as it is."""
    return _OURS.fullmatch(url) is not None


def defanged(text: str) -> str:
    """The text with the dots of each host as `[.]`: mail programs make links of what GitHub leaves alone."""
    return _AUTHORITY.sub(lambda found: found[0].replace(".", "[.]"), text)


def _stays_below(rest: str) -> bool:
    path = rest.partition("#")[0]
    return _BELOW.fullmatch(rest) is not None and not {".", ".."} & {*path.split("/")}
