"""HTML in which other people's text stays text."""

from html.parser import HTMLParser

import pytest

from reviewbot.report.elements import document, facts, table, tag

HOSTILE = [
    "<script>alert(1)</script>",
    '"><img src=x onerror=alert(1)>',
    "</td></table>",
    "&lt;b&gt;",
    "' onfocus='x",
    "<!--",
]


class Read(HTMLParser):
    """Which tags and which text a browser would find."""

    def __init__(self, html: str) -> None:
        super().__init__()
        self.tags: list[str] = []
        self.attributes: list[tuple[str, str | None]] = []
        self.text = ""
        self.feed(html)
        self.close()

    def handle_starttag(self, name, attributes):
        self.tags.append(name)
        self.attributes += attributes

    def handle_data(self, data):
        self.text += data


@pytest.mark.parametrize("text", HOSTILE)
def test_text_stays_text_wherever_it_stands(text):
    made = tag("div", text, tag("b", text), title=text)
    read = Read(made)
    assert read.tags == ["div", "b"]
    assert read.text == text + text
    assert read.attributes == [("title", text)]


@pytest.mark.parametrize("text", HOSTILE)
def test_a_page_of_hostile_text_has_only_our_tags(text):
    read = Read(document(text, (text,), facts((text, text)), table([text, text], [[text, text]])))
    ours = ["html", "head", "meta", "meta", "title", "style", "body", "h1", "dl", "dt", "dd", "div", "table", "tr"]
    assert read.tags == [*ours, "th", "th", "tr", "td", "td"]
    assert read.text.count(text) == 8


def test_hidden_characters_are_written_out():
    assert tag("b", "a\u202eb\nc") == "<b>a&lt;U+202E&gt;b&lt;U+000A&gt;c</b>"


def test_an_empty_table_says_so():
    assert tag("p", "None.", class_="soft") == table(["a"], [])
