"""HTML that is safe by the way it is made: what goes into `tag` is escaped, but for what came out of it.

Text is other people's: its hidden characters are written out, as everywhere (`report.safe`). Knows nothing of what
stands on a page.
"""

from collections.abc import Sequence
from html import escape
from typing import Final

from reviewbot.report.safe import visible_line

STYLE: Final = """
:root { color-scheme: light dark; --line: color-mix(in srgb, currentColor 15%, transparent);
  --soft: color-mix(in srgb, currentColor 62%, transparent); --good: light-dark(#1a7f37, #3fb950);
  --bad: light-dark(#cf222e, #f85149); --busy: light-dark(#9a6700, #d29922); --link: light-dark(#0550ae, #79b8ff) }
body { font: 15px/1.5 system-ui, sans-serif; max-width: 76rem; margin: 0 auto; padding: 1.5rem;
  background: light-dark(#fff, #0d1117); color: light-dark(#1f2328, #e6edf3) }
h1 { font-size: 1.25rem; margin: 0 0 1.25rem } h2 { font-size: 1rem; margin: 2rem 0 .5rem }
a { color: var(--link); text-decoration: none } a:hover { text-decoration: underline }
.figures { display: flex; flex-wrap: wrap; gap: .75rem; margin-bottom: 1.5rem }
.figures div { border: 1px solid var(--line); border-radius: .5rem; padding: .6rem 1rem; min-width: 7.5rem }
.figures b { display: block; font-size: 1.4rem; font-variant-numeric: tabular-nums }
.figures span, .soft { color: var(--soft) }
nav { display: flex; flex-wrap: wrap; gap: .25rem 1rem; margin-bottom: .75rem } nav b { font-weight: 600 }
.wide { overflow-x: auto } table { border-collapse: collapse; width: 100% }
td.long { min-width: 11rem } td.last { min-width: 20rem }
th { text-align: left; font-weight: 500; color: var(--soft); white-space: nowrap }
th, td { padding: .35rem 1rem .35rem 0; border-bottom: 1px solid var(--line); vertical-align: top }
td { overflow-wrap: anywhere } td.short { white-space: nowrap; font-variant-numeric: tabular-nums }
dl { display: grid; grid-template-columns: max-content 1fr; gap: .25rem 1.5rem; margin: 0 }
dt { color: var(--soft) } dd { margin: 0; overflow-wrap: anywhere }
.good { color: var(--good) } .bad { color: var(--bad) } .busy { color: var(--busy) }
@media (max-width: 40rem) {
  body { padding: 1rem } th { display: none }
  tr { display: block; padding: .5rem 0; border-bottom: 1px solid var(--line) }
  table, tbody, td, td.long, td.last { display: block; min-width: 0; padding: 0; border: 0 } td:empty { display: none }
  td.short { white-space: normal } td[data-name]::before { content: attr(data-name) " "; color: var(--soft) }
  dl { grid-template-columns: 1fr; gap: 0 } dd { margin-bottom: .4rem } .figures div { flex: 1; min-width: 6rem }
}
form { display: flex; gap: .5rem; max-width: 30rem } input { flex: 1; min-width: 0 }
input, button { font: inherit; padding: .4rem .7rem; border: 1px solid var(--line); border-radius: .4rem }
"""
SHORT: Final = 28
"""Characters of a cell that are not wrapped; our own elements never are."""


class Html(str):
    """Text in which everything that is not ours is escaped."""

    __slots__ = ()


def tag(name: str, /, *inside: object, **attributes: str) -> Html:
    """An element. What is inside, and the attributes' values, are escaped; what is `Html` already is."""
    given = "".join(f' {key.strip("_").replace("_", "-")}="{escape(value)}"' for key, value in attributes.items())
    if name in {"input", "meta"}:
        return Html(f"<{name}{given}>")
    return Html(f"<{name}{given}>{''.join(map(_escaped, inside))}</{name}>")


def _escaped(part: object) -> str:
    return part if isinstance(part, Html) else escape(visible_line(str(part)))


def document(title: str, top: Sequence[object], *body: Html) -> str:
    """A whole page in our style, with nothing in it that is fetched from elsewhere. `top` stands above the body."""
    head = tag(
        "head",
        tag("meta", charset="utf-8"),
        tag("meta", name="viewport", content="width=device-width, initial-scale=1"),
        tag("title", f"{title} - reviewbot"),
        tag("style", Html(STYLE)),
    )
    return f"<!doctype html>{tag('html', head, tag('body', tag('h1', *top), *body), lang='en')}"


def table(heads: Sequence[str], rows: Sequence[Sequence[object]]) -> Html:
    """Short cells stay on one line; the last column takes what is left. On a phone each cell has a line of its own."""
    if not rows:
        return tag("p", "None.", class_="soft")
    head = tag("tr", *(tag("th", name) for name in heads))
    body = [
        tag("tr", *map(_cell, heads, row[:-1]), tag("td", row[-1], data_name=heads[-1], class_="last")) for row in rows
    ]
    return tag("div", tag("table", head, *body), class_="wide")


def _cell(name: str, cell: object) -> Html:
    is_short = isinstance(cell, Html) or len(str(cell)) <= SHORT
    return tag("td", cell, data_name=name, class_="short" if is_short else "long")


def facts(*pairs: tuple[str, object]) -> Html:
    """What is known of one thing, each with its name."""
    return tag("dl", *(tag(name, text) for pair in pairs for name, text in zip(("dt", "dd"), pair, strict=True)))
