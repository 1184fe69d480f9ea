"""Which comments make GitHub refuse a review, when it does not say (THREATS G12).

Halving: whoever is alone among those of which one must be bad is it. Every question is a real post, and what is taken
is posted, so no call is spent on asking only. Knows neither comments nor GitHub.
"""

from collections.abc import Collection
from typing import Generic, NamedTuple, TypeVar

T = TypeVar("T")


class Search(NamedTuple, Generic[T]):
    """What is known between two posts. One culprit of 20 is found in at most 7 of them, two in at most 12."""

    suspects: tuple[T, ...]
    later: tuple[T, ...] = ()
    """Of which nothing is known, posted when the culprit among the suspects is found."""
    proved: bool = False
    """There is a culprit among the suspects."""
    culprits: tuple[T, ...] = ()

    @property
    def batch(self) -> tuple[T, ...]:
        """What to post next; empty when nothing is left."""
        return self.suspects[: self._half]

    @property
    def rest(self) -> tuple[T, ...]:
        """What is neither posted nor a culprit."""
        return *self.suspects, *self.later

    @property
    def _half(self) -> int:
        return len(self.suspects) // 2 if self.proved else len(self.suspects)

    def taken(self) -> "Search[T]":
        """The batch is posted: if there is a culprit, it is among the suspects that were held back."""
        return _judged(self._replace(suspects=self.suspects[self._half :]))

    def refused(self) -> "Search[T]":
        """Nothing of the batch is posted: there is a culprit in it, and nothing is known of what was held back."""
        held = self.suspects[self._half :]
        return _judged(self._replace(suspects=self.batch, later=(*held, *self.later), proved=True))

    def without(self, found: Collection[T]) -> "Search[T]":
        """Begun again without some that were found out in another way."""
        return Search(tuple(one for one in self.rest if one not in found), culprits=self.culprits)


def _judged(search: Search[T]) -> Search[T]:
    if search.proved and len(search.suspects) == 1:
        return Search(search.later, culprits=(*search.culprits, *search.suspects))
    return search
