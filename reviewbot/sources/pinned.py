"""The files of one tree object, read through git: `change.context.PinnedTree` where no work tree is.

The file system is never asked, no symbolic link and no submodule is followed, and what is not in the tree is not there
(THREATS S05). One call of git lists, one reads many blobs, one searches all words; each is bounded in bytes, and the
search in seconds. Knows nothing of what the files are looked at for.
"""

import os
import re
import threading
import time
from collections.abc import Iterator, Mapping, Sequence
from functools import cached_property
from itertools import accumulate

from reviewbot.change.symbols import LANGUAGES, ending_of
from reviewbot.change.uses import Hit
from reviewbot.sources.git import Git, Output, refusal
from reviewbot.sources.trees import REGULAR, Entry, listed

MAX_FILE_BYTES = 200_000
"""A larger file was written by a tool, or nobody reads it."""
MAX_READ_FILES = 100
"""Of one call of `read`."""
MAX_SEARCHED_BYTES = 100_000_000
"""Of the files that one search looks at. Of a larger repository these are the files nearest to the change."""
MAX_FOUND_BYTES = 8_000_000
"""Of the lines that one search finds."""
MAX_HIT = 300
"""Characters of a line that was found."""
SEARCH_SECONDS = 5.0
_WORD = re.compile(r"\w+", re.ASCII)
_NUL = b"\0"


class GitTree:
    """A tree as `git` has it. It must know no server: a file that a partial clone left out is not there."""

    def __init__(self, git: Git, tree: str, stop: threading.Event | None = None) -> None:
        """`stop` is set by `stop()`, or by who shares it."""
        self._stop = stop or threading.Event()
        self._git = git.with_environment(GIT_LITERAL_PATHSPECS="0").with_stop(self._stop)
        self._tree = tree

    def stop(self) -> None:
        """Called from another thread: git is killed, and every further look raises BadInput."""
        self._stop.set()

    @cached_property
    def _entries(self) -> Mapping[str, Entry]:
        found = self._git.read("ls-tree", "-r", "-z", "-l", "--full-tree", "--end-of-options", self._tree)
        entries = map(listed, found.split(_NUL)[:-1])
        return {entry.path: entry for entry in entries if entry.mode in REGULAR}

    def paths(self) -> Sequence[str]:
        """Regular files; no symbolic link and no submodule is one."""
        return tuple(self._entries)

    def read(self, *paths: str) -> Mapping[str, str]:
        """The text of those that are there, are text and are not too large; bytes that are no UTF-8 are replaced."""
        entries = [self._entries[path] for path in dict.fromkeys(paths) if path in self._entries]
        small = [entry for entry in entries if entry.size <= MAX_FILE_BYTES][:MAX_READ_FILES]
        if not small:
            return {}
        asked = "".join(f"{entry.sha}\n" for entry in small).encode("ascii")
        blobs = dict(_blobs(self._git.read("cat-file", "--batch", "--buffer", stdin=asked)))
        contents = {entry.path: blobs[entry.sha] for entry in small if entry.sha in blobs}
        return {path: content.decode("utf-8", "replace") for path, content in contents.items() if _NUL not in content}

    def search(self, words: Sequence[str], near: Sequence[str]) -> Mapping[str, Sequence[Hit]]:
        """Where each whole word stands, in files of the languages of `near`, in git's order.

        What is found first, where that is more than anybody reads, or the repository too large to search in time.
        """
        sought, where = _words_of(words), self._where(near)
        if not sought or not where:
            return {}
        output = self._grep(sought, "-n", where=where)
        hits: dict[str, list[Hit]] = {word: [] for word in sought}
        for hit in self._hits(output.out[:MAX_FOUND_BYTES]):
            for word in dict.fromkeys(_WORD.findall(hit.text)):
                if word in hits:
                    hits[word].append(hit)
        return hits

    def files_with(self, words: Sequence[str]) -> Mapping[str, frozenset[str]]:
        """The files in which each whole word stands, in all text of the tree.

        Where not all of it could be searched, for time, size or files that are not there, a word that was not found is
        left out.
        """
        sought = _words_of(words)
        if not sought:
            return {}
        output = self._grep(sought, "-o")
        found: dict[str, set[str]] = {word: set() for word in sought}
        before = len(self._tree) + 1
        for row in output.out[:MAX_FOUND_BYTES].split(b"\n")[:-1]:
            name, _, word = row.partition(_NUL)
            found.get(word.decode("ascii", "replace"), set()).add(os.fsdecode(name[before:]))
        whole = output.code in {0, 1} and len(output.out) <= MAX_FOUND_BYTES and not _unread_code(output.err)
        return {word: frozenset(paths) for word, paths in found.items() if paths or whole}

    def _grep(self, words: Sequence[str], *flags: str, where: Sequence[str] = ()) -> Output:
        """Lines with one of the words, which are letters and digits, so nothing of them is a pattern or an option."""
        ends = time.monotonic() + SEARCH_SECONDS
        output = self._git.call_while(
            lambda printed: printed <= MAX_FOUND_BYTES and time.monotonic() < ends,
            *("grep", "-z", *flags, "-I", "-w", "-E", "--no-color", "--full-name"),
            *("-e", f"({'|'.join(words)})", self._tree, "--", *where),
        )
        if output.code > 1 and not output.out:  # 1: nothing was found
            raise refusal("grep", output.err)
        return output

    def _hits(self, printed: bytes) -> Iterator[Hit]:
        """A line each: the tree and the path, the number, the text. The last one may be cut."""
        before = len(self._tree) + 1
        for row in printed.split(b"\n")[:-1]:
            name, _, rest = row.partition(_NUL)
            number, _, text = rest.partition(_NUL)
            if number.isdigit():
                yield Hit(os.fsdecode(name[before:]), int(number), text[:MAX_HIT].decode("utf-8", "replace"))

    def _where(self, near: Sequence[str]) -> list[str]:
        """Patterns of paths to search: all files of the languages, or those in folders around `near`."""
        languages = {LANGUAGES.get(ending_of(path)) for path in near} - {None}
        endings = [ending for ending, language in LANGUAGES.items() if language in languages]
        sizes = _sizes(entry for entry in self._entries.values() if ending_of(entry.path) in endings)
        folders = _scopes(near, sizes)
        return [f":(glob){_escaped(folder)}**/*{ending}" for folder in folders for ending in endings]


def _words_of(words: Sequence[str]) -> list[str]:
    return [word for word in dict.fromkeys(words) if _WORD.fullmatch(word)]


def _unread_code(errors: bytes) -> bool:
    """Whether git names a file of code that it could not read: a fetch leaves large files out."""
    names = (line.partition(b":")[2].partition(b"': ")[0] for line in errors.splitlines())
    return any(ending_of(os.fsdecode(name)) in LANGUAGES for name in names)


def _blobs(printed: bytes) -> Iterator[tuple[str, bytes]]:
    """What `cat-file --batch` prints: a line with name, type and size, then the content and a line feed."""
    place = 0
    while place < len(printed):
        end = printed.index(b"\n", place)
        name, *facts = printed[place:end].decode("ascii", "replace").split(" ")
        place = end + 1
        if len(facts) == 2:  # else it is missing
            size = int(facts[1])
            yield name, printed[place : place + size]
            place += size + 1


def _sizes(entries: Iterator[Entry]) -> dict[str, int]:
    """Bytes below each folder, which is named with its slash; "" is the whole tree."""
    sizes = {"": 0}
    for entry in entries:
        for folder in _folders(entry.path):
            sizes[folder] = sizes.get(folder, 0) + entry.size
    return sizes


def _folders(path: str) -> list[str]:
    """The folders a file is in, the whole tree first."""
    return ["", *accumulate(f"{part}/" for part in path.split("/")[:-1])]


def _scopes(near: Sequence[str], sizes: Mapping[str, int]) -> list[str]:
    """The widest folders around `near` that may be searched together; each path widens its own in turn."""
    scopes = set[str]()
    for path in near:
        for folder in reversed(_folders(path)):
            wider = {folder, *(other for other in scopes if not other.startswith(folder))}
            if any(folder.startswith(other) for other in scopes):
                continue
            if sum(sizes.get(scope, 0) for scope in wider) > MAX_SEARCHED_BYTES:
                break
            scopes = wider
    return sorted(scopes)


def _escaped(folder: str) -> str:
    return re.sub(r"([\\*?\[])", r"\\\1", folder)
