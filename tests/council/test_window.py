"""How much a model holds, from the price list."""

from reviewbot.council.window import context_window
from reviewbot.settings import VENDORS


def test_every_model_that_sits_by_itself_is_known() -> None:
    names = [f"{name}/{model}" for name, vendor in VENDORS.items() for model in vendor[2:]]
    assert all((context_window(name) or 0) >= 200_000 for name in names)


def test_a_model_nobody_knows_has_no_window() -> None:
    assert context_window("google/gemini-999") is None
    assert context_window("house/blend") is None
