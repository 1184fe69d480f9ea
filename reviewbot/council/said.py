"""What members said, without the secrets of the change: a scanner read the repository itself (THREATS S25). Pure.

Only values that have a name by now go. Knows nothing of what a secret looks like, or of what a finding is worth.
"""

from collections.abc import Callable
from typing import Any

from reviewbot.change.redact import Values
from reviewbot.council.model import Review

_WHERE = frozenset({"path"})
"""A name of the diff, by which a finding is looked up."""
_SAID = ("detail", "raw", "drafts", "could_not_judge", "verdicts")


def without_secrets(review: Review, values: Values) -> Review:
    """The review with the names of secrets in all its words, quotes included: the diff has these names too."""
    if not len(values):
        return review
    words = review.model_dump(include=set(_SAID))
    again = Review.model_validate({"seat": review.seat, "state": review.state} | _mapped(words, values.hide))
    return review.model_copy(update={name: getattr(again, name) for name in _SAID})


def _mapped(said: Any, hide: Callable[[str], str]) -> Any:
    if isinstance(said, str):
        return hide(said)
    if isinstance(said, dict):
        return {name: value if name in _WHERE else _mapped(value, hide) for name, value in said.items()}
    return tuple(_mapped(item, hide) for item in said) if isinstance(said, (list, tuple)) else said
