"""Code around a change that helps to judge it, found in the tree of its head. Pure given that tree.

Who sees three lines around each hunk cannot know what a function does before it, what it calls, or who relies on it.
Shown are, the most useful first: the functions and classes around the hunks, the callers of what the change promises
otherwise, the definitions of what it calls, other callers, tests, and names of files beside it. One order for all
lenses: their prompts share one cached prefix, and each lens asks first what the code around a hunk does.

Only code is shown, and never a line twice or one that the diff shows. Knows nothing of git or of prompts.
"""

import posixpath
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from functools import cache
from itertools import accumulate, islice
from typing import Literal, NamedTuple, Protocol

from reviewbot.change.detectors import KEY_BEGINS
from reviewbot.change.kinds import is_generated, is_test
from reviewbot.change.model import Diff, Excerpt, File
from reviewbot.change.symbols import is_readable, mentions_of, promises_of
from reviewbot.change.syntax import Block, blocks_at
from reviewbot.change.uses import Hit, Place, Uses

MAX_FILES = 40
"""Changed files whose surroundings are read, and as many others; of twice as many the names are looked up."""
MAX_TEXT = 2_000_000
"""Characters of the changed files that are read, and as many of the others."""
MAX_WORDS = 20
"""Names of one use that are searched for. More are a rewrite, whose surroundings no prompt holds."""
MAX_EDGES = 60
"""Places of one file whose surroundings are looked up."""
MAX_WHOLE = 60
"""Lines of a function that is shown whole around a hunk; of a longer one its signature and the part around."""
AROUND = 12
"""Lines on either side of a hunk in a long function."""
MAX_BESIDE = 30
"""Names of files in one folder, of as many folders at most as MAX_FOLDERS."""
MAX_FOLDERS = 5
COST, LINE_COST = 40, 6
"""Bytes that telling where an excerpt stands takes, beside its path and symbol, and that numbering a line does."""

Kind = Literal["enclosing", "definition", "caller", "tree"]


class PinnedTree(Protocol):
    """The files of one commit or tree object, which nobody can change while they are read (THREATS S05).

    Each look may raise BadInput, where the tree cannot be read: then there is no context, and that has to be said.
    """

    def paths(self) -> Sequence[str]:
        """Regular files; no symbolic link and no submodule is one."""
        ...

    def read(self, *paths: str) -> Mapping[str, str]:
        """The text of those that are there, are text and are not too large."""
        ...

    def search(self, words: Sequence[str], near: Sequence[str]) -> Mapping[str, Sequence[Hit]]:
        """Where each whole word stands, in files that end as one of `near` does, or as others of its language."""
        ...

    def files_with(self, words: Sequence[str]) -> Mapping[str, Collection[str]]:
        """The files in which each whole word stands, whatever they are; no word of which that is not known for sure."""
        ...

    def stop(self) -> None:
        """Called from another thread: a look under way ends soon, and no further one is answered."""
        ...


class _Wanted(NamedTuple):
    """Lines to show. Those that are shown already are left out later."""

    kind: Kind
    about: str
    path: str
    lines: tuple[int, ...]
    names: tuple[str, ...] = ()
    """Of the functions and classes it is part of."""


def gather(
    diff: Diff,
    tree: PinnedTree,
    *,
    room_bytes: int,
    left_out: Callable[[str], bool] = lambda _path: False,
    cleaned: Callable[[str, str], str] = lambda text, _path: text,
) -> tuple[Excerpt, ...]:
    """Excerpts of at most `room_bytes`, the most useful first. `left_out` tells which paths no model may be shown.

    `cleaned` takes the secrets out of a whole file: an excerpt may hold a value and not the name that tells it.

    The same diff and tree give the same excerpts. Raises BadInput where the tree cannot be read.
    """
    there = frozenset(tree.paths())

    @cache
    def visible(path: str) -> bool:
        return path in there and path.isprintable() and not left_out(path)

    code = (file for file in _by_use(diff.files) if is_readable(file.path) and not left_out(file.path))
    known = list(islice(code, 2 * MAX_FILES))
    changed = [file for file in known if visible(file.path)][:MAX_FILES]
    texts = _texts(tree, (file.path for file in changed), cleaned)
    enclosing = [_around(file, texts[file.path]) for file in changed if file.path in texts]
    words = _words(known, {wanted.path: wanted.names for wanted in enclosing})
    hits = tree.search(words.all, [file.path for file in known]) if words.all else {}
    shown = _shown(diff)
    uses = Uses(
        hits,
        visible=lambda path: is_readable(path) and visible(path),
        shown=shown,
        near=[file.path for file in known],
    )
    broken = [place for word in words.promised for place in uses.callers(word)]
    broken += [place for word in words.fields for place in uses.callers(word, field=True)]
    called = [place for word in words.mentioned for place in uses.definitions(word)]
    affected = [place for word in words.symbols for place in uses.callers(word, most=2)]
    places = sorted((*broken, *called, *affected), key=lambda place: is_test(place.path))
    others = dict.fromkeys(place.path for place in places if place.path not in texts)
    texts |= _texts(tree, list(others)[:MAX_FILES], cleaned)
    ranked = [
        *(wanted for wanted in enclosing if not is_test(wanted.path)),
        *(_at(place, texts[place.path]) for place in places if place.path in texts),
        *(wanted for wanted in enclosing if is_test(wanted.path)),
    ]
    return _chosen(ranked, texts, shown, _beside(diff, there, visible), room_bytes)


def _by_use(files: Iterable[File]) -> list[File]:
    """Code before tests; what a tool wrote has no surroundings worth reading."""
    return sorted((file for file in files if not is_generated(file.path)), key=lambda file: is_test(file.path))


class _Words(NamedTuple):
    promised: tuple[str, ...]
    """Their definition itself changed: who uses them may break."""
    fields: tuple[str, ...]
    """The same of a class or a module."""
    mentioned: tuple[str, ...]
    symbols: tuple[str, ...]
    """What they do changed."""

    @property
    def all(self) -> tuple[str, ...]:
        return tuple(dict.fromkeys((*self.promised, *self.fields, *self.mentioned, *self.symbols)))


def _words(files: Sequence[File], enclosing: Mapping[str, Sequence[str]]) -> _Words:
    code = [file for file in files if not is_test(file.path)]
    promises = [promises_of(file) for file in code]
    promised = _first(name for found in promises for name in found.names)
    fields = _first(name for found in promises for name in found.fields)
    mentioned = _first(name for file in files for name in mentions_of(file))
    symbols = _first(name for file in code for name in enclosing.get(file.path, ()) if name not in promised)
    return _Words(promised, fields, mentioned, symbols)


def _first(names: Iterable[str]) -> tuple[str, ...]:
    """Without those that every second file has: `__init__`, `id`."""
    telling = (name for name in names if len(name) > 3 and not name.startswith("__") and name.isascii())
    return tuple(dict.fromkeys(telling))[:MAX_WORDS]


def _texts(tree: PinnedTree, paths: Iterable[str], cleaned: Callable[[str, str], str]) -> dict[str, str]:
    """A file with a private key is left out whole: a part of the key alone would not look like one (THREATS S25)."""
    texts = tree.read(*paths)
    kept = {path: text for path, text in texts.items() if not KEY_BEGINS.search(text)}
    sizes = accumulate(map(len, kept.values()))
    few = {path: text for (path, text), size in zip(kept.items(), sizes, strict=True) if size <= MAX_TEXT}
    return {path: cleaned(text, path) for path, text in few.items()}


def _shown(diff: Diff) -> dict[str, set[int]]:
    """Lines of the new side that the diff itself shows."""
    return {
        file.path: {line.new for hunk in file.hunks for line in hunk.lines if line.new is not None}
        for file in diff.files
    }


def _around(file: File, text: str) -> _Wanted:
    """The functions and classes around the changed lines of a file."""
    edges = tuple(dict.fromkeys(_edges(file)))[:MAX_EDGES]
    lines, names = set[int](), dict[str, None]()
    for line, blocks in blocks_at(file.path, text, edges).items():
        for outer in blocks[:-1]:
            lines.update(range(outer.start, min(outer.head, outer.start + 2) + 1))
        if blocks:
            lines.update(_part(blocks[-1], line))
            names[blocks[-1].name] = None
    return _Wanted("enclosing", ", ".join(list(names)[:5]), file.path, tuple(sorted(lines)), tuple(names))


def _part(block: Block, line: int) -> Iterator[int]:
    if block.end - block.start < MAX_WHOLE:
        yield from range(block.start, block.end + 1)
        return
    yield from range(block.start, block.head + 1)
    yield from range(max(block.start, line - AROUND), min(block.end, line + AROUND) + 1)


def _edges(file: File) -> Iterator[int]:
    """Where runs of changed lines begin and end, in the numbers of the new side."""
    for hunk in file.hunks:
        place, changing = hunk.new_start, False
        for line in hunk.lines:
            if (line.kind != " ") != changing:
                changing = not changing
                yield place if changing else max(1, place - 1)
            place = line.new + 1 if line.new is not None else place
        if changing:
            yield max(1, place - 1)


def _at(place: Place, text: str) -> _Wanted:
    """The lines to show of a definition or of a call."""
    blocks = blocks_at(place.path, text, [place.line])[place.line]
    return _Wanted(place.kind, place.about, place.path, place.lines(blocks, text.split("\n")))


def _beside(diff: Diff, there: frozenset[str], visible: Callable[[str], bool]) -> list[Excerpt]:
    """Names of the files in the folders of the changed ones."""
    changed = {file.path for file in diff.files}
    folders = list(dict.fromkeys(posixpath.dirname(file.path) for file in _by_use(diff.files)))[:MAX_FOLDERS]
    names = {folder: list[str]() for folder in folders}
    for path in there - changed:
        folder, _, name = path.rpartition("/")
        if folder in names and visible(path):
            names[folder].append(name)
    return [
        Excerpt(
            path=folder or ".", start_line=1, kind="tree", about="", text=" ".join(sorted(found)[:MAX_BESIDE]) + more
        )
        for folder, found in names.items()
        if found
        for more in [f" and {len(found) - MAX_BESIDE} more" if len(found) > MAX_BESIDE else ""]
    ]


def _chosen(
    ranked: Sequence[_Wanted],
    texts: Mapping[str, str],
    shown: Mapping[str, set[int]],
    beside: Sequence[Excerpt],
    room: int,
) -> tuple[Excerpt, ...]:
    """As many as there is room for. What stands around hunks takes half of it, and more where the others leave some."""
    used = {path: set(lines) for path, lines in shown.items()}
    pieces = [piece for wanted in ranked for piece in _pieces(wanted, texts[wanted.path], used)]
    pieces += beside
    kept, held_back, half = dict[int, Excerpt](), list[int](), room // 2
    for number, piece in enumerate(pieces):
        cost = _cost(piece)
        if piece.kind == "enclosing" and cost > half:
            held_back.append(number)
        elif cost <= room:
            kept[number], room = piece, room - cost
            half -= cost if piece.kind == "enclosing" else 0
    for number in held_back:
        if (cost := _cost(pieces[number])) <= room:
            kept[number], room = pieces[number], room - cost
    return tuple(kept[number] for number in sorted(kept))


def _cost(piece: Excerpt) -> int:
    return COST + LINE_COST * (piece.text.count("\n") + 1) + len(f"{piece.path}{piece.about}{piece.text}".encode())


def _pieces(wanted: _Wanted, text: str, used: dict[str, set[int]]) -> Iterator[Excerpt]:
    """The runs of wanted lines that nobody was shown yet."""
    rows, seen = text.split("\n"), used.setdefault(wanted.path, set())
    run = list[int]()
    for line in (*(line for line in wanted.lines if line not in seen and line <= len(rows)), 0):
        if run and line != run[-1] + 1:
            yield from _piece(wanted, rows, run)
            run = []
        run.append(line)
    seen.update(wanted.lines)


def _piece(wanted: _Wanted, rows: Sequence[str], run: Sequence[int]) -> Iterator[Excerpt]:
    """One run, without the blank lines at its ends; nothing where only brackets are left."""
    start, end = run[0], run[-1]
    while start <= end and not rows[start - 1].strip():
        start += 1
    while end >= start and not rows[end - 1].strip():
        end -= 1
    text = "\n".join(rows[start - 1 : end])
    if any(letter.isalnum() for letter in text):
        yield Excerpt(path=wanted.path, start_line=start, kind=wanted.kind, about=wanted.about, text=text)
