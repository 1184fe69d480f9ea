"""Text that tries to do something, for property tests."""

from hypothesis import strategies as st

_PIECES = (
    *"`~*_[]()<>!#&|\\@:/-+=.$1a \n\t\r", "``", "```", "~~~", "\n\n", "    ", "\x1b[31m", "\x1b]8;;http://e.x\x07",
    "\x9b2J", "\u202e", "\u200b", "\u2028", "\x85", "\U000e0041", "\ufe0f", "\udcff", "\u754c", "e\u0301", "\U0001f600",
    "![a](http://e.x/?q)", "[a](javascript:b)", "[a]: http://e.x", "<img src=x>", "<!-- m -->", "</details>",
    "http://e.x", "www.e.x", "a@b.cc", "@org/team", "owner/repo#12", "closes #3", "GH-4", "0123abc", "/approve",
    "::error::", "##[add-mask]", "&lt;", "&#64;x", "[bold red]", "[/]", "\n# head", "\n---", "\n- item", "\n1. item",
    "\n> q", "\n| a | b |\n|---|---|\n",
)  # fmt: skip

hostile_text = st.lists(st.sampled_from(_PIECES), max_size=12).map("".join) | st.text(st.characters(), max_size=40)
"""Pieces of markup, escape codes and commands in any order, and any characters at all, lone surrogates among them."""
