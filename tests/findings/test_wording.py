import pytest
from findings.samples import finding

from reviewbot.findings.wording import consequences_in, words_in


@pytest.mark.parametrize(
    ("text", "times"),
    [
        ("You should consider a test for this handler", 0),
        ("The name reads badly and needs a comment", 0),
        ("It returns the first row", 1),
        ("When the list is empty it throws", 2),
        ("The wrong key is used instead, causing a crash, leading to lost orders", 4),
        ("Wherever it whenever it thrower", 0),
    ],
)
def test_what_happens_and_when_is_told_from_advice(text: str, times: int) -> None:
    assert consequences_in(finding(text, body="")) == times


@pytest.mark.parametrize(("words", "counted"), [(0, 8), (8, 8), (20, 20), (400, 50)])
def test_words_are_counted_within_bounds(words: int, counted: int) -> None:
    assert words_in(finding("", body="word " * words)) == counted
