import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from reviewbot.council.members.fragment import completed


@pytest.mark.parametrize(
    ("text", "whole"),
    [
        ("f(a)\ng(b)", "f(a)\ng(b)"),
        (
            "        url,\n        verify=False,\n    )\n    done()",
            "    _(url,\n        verify=False,\n    )\n    done()",
        ),
        ("get(\n    url,\n    verify=False,", "get(\n    url,\n    verify=False,)"),
        ("get({\n  a: 1,", "get({\n  a: 1,"),
        ("get([\n  1,", "get([\n  1,])"),
        ("  a)\n  b)", "  _(_(a)\n  b)"),
        ("}\nfoo()", "}\nfoo()"),
        ("})\nfoo()", "})\nfoo()"),
        ("x = ')' # )\ny = \")\"", "x = ')' # )\ny = \")\""),
    ],
)
def test_a_call_that_was_cut_is_completed_and_a_block_is_not(text, whole):
    assert completed(text) == whole


@given(st.text("ab()[]{}'\"`#\n ", max_size=60))
@settings(max_examples=50, deadline=None)
def test_every_row_stays_where_it_was(text):
    before, after = text.split("\n"), completed(text).split("\n")
    assert len(before) == len(after)
    assert before[1:-1] == after[1:-1]
    assert before[0].strip() in after[0]
