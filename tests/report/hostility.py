"""Text that tries to do something: the forms by what they attempt, and mixtures of them for property tests."""

import random
from collections.abc import Iterator

from hypothesis import strategies as st

IMAGES = (
    "![a](http://e.x/?q)", "![a](https://e.x/a.png)", "![](http://e.x)", "![a](<http://e.x/a b>)", "!\\[a](http://e.x)",
    "![a](//e.x/i)", "![a](/i.png)", "![a](i.png)", '![a](http://e.x "t")', "![a](http://e.x 't')",
    "![a](http://e.x (t))", "![a][b]\n\n[b]: http://e.x/i", "![b][]\n\n[b]: http://e.x/i", "![b]\n\n[b]: http://e.x/i",
    "[![a](http://e.x/i)](http://e.x)", "[![a][b]](http://e.x)\n\n[b]: i", "![![a](b)](c)", "!![a](http://e.x)",
    "!\u200b[a](http://e.x)", "![a](data:image/png;base64,AA)", "![a](https://cwe.mitre.org/i.png)",
    "!![CWE](https://cwe.mitre.org/data/definitions/79.html)", "![a]( <http://e.x> )", "<img src=x>",
    "<IMG SRC='http://e.x'/>", "<img\nsrc=x>", "<img src=http://e.x onerror=alert(1)>",
    "<picture><source srcset=x></picture>", "<svg onload=alert(1)>", "<svg><image href='http://e.x'/></svg>",
    "<video poster=http://e.x></video>", "<image src=x>", "<input type=image src=x>", "<object data=x>",
    "<embed src=x>", "<iframe src=http://e.x>", "<body background=x>", "<p style='background:url(http://e.x)'>",
    "&lt;img src=x&gt;", "&#60;img src=x&#62;", "&#x3c;img src=x>", "\\<img src=x>", "<!-- --><img src=x>",
    "```\n```<img src=x>", "`<img src=x>", ":octocat:", "```mermaid\ngraph TD; A[<img src=x>]\n```",
    "```math\n\\includegraphics{x}\n```", "$`\\href{x}{y}`$", "```geojson\n{}\n```",
)  # fmt: skip
"""Ways to make a browser fetch a picture, whose address can tell what it knows (THREATS S13)."""

ADDRESSES = (
    "https://evil.example/login", "http://evil.example", "HTTPS://EVIL.EXAMPLE", "www.evil.example",
    "WWW.evil.example/x", "<https://evil.example>", "<http://evil.example/?a=b&c>", "[fix guide](https://evil.example)",
    "[a](<https://evil.example>)", '[a](https://evil.example "read this, agent")', "[a](https://evil.example 'x')",
    "[a]( https://evil.example )", "[a](//evil.example)", "[a](\\\\evil.example)", "[a](/login)", "[a](login)",
    "[a](../../settings)", "[a](#x)", "[a](?x)", "[a](javascript:alert%281%29)", "[a](JaVaScRiPt:alert`1`)",
    "[a](java\tscript:x)", "[a](javascript&colon;x)", "[a](data:text/html;base64,PHM+)", "[a](vbscript:x)",
    "[a](file:///etc/passwd)", "[a](mailto:a@evil.example)", "[a](x-apple.systempreferences:x)", "[a](vscode://file/x)",
    "<javascript:alert(1)>", "<mailto:a@b.cc>", "mailto:a@b.cc", "ftp://evil.example/x", "xmpp:a@b.cc",
    "a@evil.example", "<a@evil.example>", "https://cwe.mitre.org@evil.example/",
    "https://cwe.mitre.org:443@evil.example/", "https://cwe.mitre.org.evil.example/",
    "https://cwe.mitre.org%2eevil.example/", "https://cwe.mitre.org\\@evil.example/",
    "https://evil.example/https://cwe.mitre.org/", "https://evil.example#https://cwe.mitre.org/",
    "https://cwe.mitre.org:8443/", "http://cwe.mitre.org/", "https://cwe.mitre.org", "//cwe.mitre.org/x",
    "https://CWE.mitre.org/", "https://cwe.m\u0456tre.org/", "https://xn--cwe-mitre-7za.org/", "https://owasp.org.ru/",
    "https://owasp.org/?next=https://evil.example", "https://owasp.org/../x", "https://owasp.org/%2e%2e/x",
    "https://owasp.org/a/..", "https://owasp.org/a%2f..%2fb", "https://owasp.org/a%5c..", "https://owasp.org/a\\..\\b",
    "https://notowasp.org/", "https://1.2.3.4/", "https://0x7f.1/", "http://[::1]/",
    "[a][b]\n\n[b]: https://evil.example", "[b]\n\n[b]: https://evil.example 'title'",
    "[a][]\n\n[a]: <https://evil.example>", "[^1]\n\n[^1]: https://evil.example", "<a href=https://evil.example>a</a>",
    "<a href='javascript:x'>a</a>", "[[a](https://evil.example)](https://owasp.org/)",
    "[https://owasp.org/](https://evil.example)", "[a\n](https://evil.example)", "[`a`](https://evil.example)",
    "h\u200bttps://evil.example", "https:\u2215\u2215evil.example",
)  # fmt: skip
"""Ways to lead a reader elsewhere (THREATS S22)."""

CALLS = (
    "@octocat", "@org/team", "see @octocat.", "(@octocat)", "@@octocat", "x@octocat", "\\@octocat", "&#64;octocat",
    "&commat;octocat", "\uff20octocat", "\ufe6boctocat", "@\u200boctocat", "@octo\u00adcat", "**@octocat**",
    "*@octocat*", "_@octocat_", "~~@octocat~~", "[@octocat](x)", "[x](@octocat)", "<a href=x>@octocat</a>",
    "<b>@octocat</b>", "`@` octocat", "`a`@octocat", "@`octocat`", "\n@octocat", "- @octocat", "1. @octocat",
    "> @octocat", "# @octocat", "| @octocat |", "\t@octocat", "    @octocat", "#1", "see #12.", "(#1)", "\\#1",
    "&#35;1", "&num;1", "\uff031", "\ufe5f1", "owner/repo#1", "GH-1", "gh-12", "closes #1", "Fixes: #1",
    "resolves owner/repo#1", "close GH-1", "closes https://git.example/o/r/issues/1", "fixed\n#1", "#1#2", "x#1",
    "[#1](x)", "*#1*", "- #1", "#\u00a01 #1", "owner@0123abc", "owner/repo@0123abcd", "0123abc",
    "0123456789abcdef0123456789abcdef01234567", "0123abc...4567def", "(deadbeef)", "DEADBEEF", "user:branch", "a@b.cc",
    "first.last+tag@evil.example", "<a@b.cc>", "@\u0430dmin", "/approve", "  /approve", "\t/approve", "\n/lgtm",
    "/lgtm cancel", "/hold", "/azp run", "/retest", "/ok-to-test", "/assign @octocat", "text\n/merge", "- /approve",
    "1. /approve", "```\n/approve\n```", "```sh\n  /merge now\n```", "~~~\n/close\n~~~", "`/approve`", "`x` \n/approve",
    "> /approve", "\\/approve", "/reviewbot dismiss 0", "\u2028/approve", "\r/approve", "a\\\n/approve",
    "@dependabot merge", "@dependabot squash and merge", "`@dependabot merge`", "```\n@dependabot merge\n```",
    "```\nok @claude do it\n```", "@bors r+", "bors r+", "bors merge", "```\nbors r+\n```", "`run @mergifyio rebase`",
    "@claude fix", "@copilot push", "@codex do", "@rustbot label", "##[error]x", "::error::x",
    "<!-- reviewbot:1 e30 AAAA -->", "`<!-- reviewbot:1 e30 AAAA -->`", "```\n<!--reviewbot x-->\n```",
    "<!--\treviewbot", "<!-- REVIEWBOT", "&lt;!-- reviewbot", "-->", "<!-- m -->", "<!--", "</details>", "</sub>",
    "<details>",
)  # fmt: skip
"""Ways to notify people, to link back, and to command programs that read along (THREATS S19 to S21)."""

MARKUP = (
    *"`~*_[]()<>!#&|\\@:/-+=.$1a \n\t\r", "``", "```", "~~~", "\n\n", "    ", "\x1b[31m", "\x1b]8;;http://e.x\x07",
    "\x9b2J", "\u202e", "\u200b", "\u2028", "\x85", "\U000e0041", "\ufe0f", "\udcff", "\u754c", "e\u0301", "\U0001f600",
    "[a]: http://e.x", "[bold red]", "[/]", "\n# head", "\n---", "\n===", "\n- item", "\n1. item", "\n* item", "\n  - ",
    "\n> q", "\n> [!CAUTION]", "\n| a | b |\n|---|---|\n", "\n```suggestion\n", "\n````suggestion\n",
    "\n~~~suggestion\n", "\n   ```suggestion\n", "- ```suggestion\n", "```py\n", "```c++\n", "```a`b\n", "[ ] x",
    "- [x] done", "\\\n", "  \n", "&lt;", "&#64;x", "[CWE-79](https://cwe.mitre.org/data/definitions/79.html)",
    "https://owasp.org/Top10/", "(https://owasp.org/).", "**", " **a** ", "\n## ", "\u06cc\u200c\u06cc", "\u200d",
)  # fmt: skip
"""Pieces of Markdown, escape codes, hidden characters; and links that are allowed."""

PIECES = (*MARKUP, *IMAGES, *ADDRESSES, *CALLS)

hostile_text = st.lists(st.sampled_from(PIECES), max_size=12).map("".join) | st.text(st.characters(), max_size=40)
"""Pieces of markup, escape codes and commands in any order, and any characters at all, lone surrogates among them."""


def hostile_texts(count: int, seed: int = 0) -> Iterator[str]:
    """As `hostile_text`, the same ones each time, and a hundred times as fast. Half of each is glue between forms."""
    chance = random.Random(seed)  # noqa: S311  nothing is kept secret with it
    for _ in range(count):
        pieces = (chance.choice(MARKUP if chance.random() < 0.5 else PIECES) for _ in range(chance.randint(1, 8)))
        yield "".join(pieces)
