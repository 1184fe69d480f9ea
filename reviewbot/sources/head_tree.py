"""The files of a pull request's head, fetched through git when somebody first looks at them, and never checked out.

A temporary repository takes one commit without its history and without large files, and is deleted. What is read, is
read in a second repository that knows neither the server nor the token, so nothing else can be fetched by looking.
Where that fails there is no context, which is said, and the review goes on.
"""

import tempfile
import threading
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from functools import cached_property
from pathlib import Path

from reviewbot.change.context import PinnedTree
from reviewbot.change.uses import Hit
from reviewbot.errors import BadInput, ReviewbotError
from reviewbot.forge.model import GitAccess
from reviewbot.sources.fetch import fetch_commit, format_of
from reviewbot.sources.pinned import MAX_FILE_BYTES, GitTree
from reviewbot.sources.repository import bare_repository


@contextmanager
def open_head(access: Callable[[], GitAccess], head: str) -> Iterator[PinnedTree]:
    """The head commit. Nothing of it is fetched before it is looked at; `access` is asked then, for a fresh token."""
    with tempfile.TemporaryDirectory(prefix="reviewbot-") as directory:
        yield _Head(Path(directory).resolve(), access, head)


class _Head:
    """A tree that is fetched at most once: where that failed, every look is told so, and nobody tries again."""

    def __init__(self, place: Path, access: Callable[[], GitAccess], head: str) -> None:
        self._place, self._access, self._head = place, access, head
        self._stop = threading.Event()

    def stop(self) -> None:
        """Called from another thread: git is killed, whether it fetches or looks."""
        self._stop.set()

    def paths(self) -> Sequence[str]:
        return self._tree().paths()

    def read(self, *paths: str) -> Mapping[str, str]:
        return self._tree().read(*paths)

    def search(self, words: Sequence[str], near: Sequence[str]) -> Mapping[str, Sequence[Hit]]:
        return self._tree().search(words, near)

    def files_with(self, words: Sequence[str]) -> Mapping[str, frozenset[str]]:
        return self._tree().files_with(words)

    def _tree(self) -> GitTree:
        if isinstance(self._fetched, BadInput):
            raise self._fetched
        return self._fetched

    @cached_property
    def _fetched(self) -> GitTree | BadInput:
        server = self._place / "fetched"
        server.mkdir()
        try:
            objects = fetch_commit(server, self._access(), self._head, file_bytes=MAX_FILE_BYTES, stop=self._stop)
            bare = bare_repository(self._place, objects=str(objects), object_format=format_of(self._head))
        except ReviewbotError as error:
            return BadInput(error.who, error.what, error.remedy)
        return GitTree(bare, self._head, self._stop)
