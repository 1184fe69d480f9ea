"""What GitHub shows no text of is binary by git's own test, or it was hidden."""

from collections.abc import Mapping
from pathlib import Path

import pytest
from hub.memory import MemoryForge
from hub.store import Entry
from hub.world import World

from reviewbot.change import Diff, File
from reviewbot.sources.binary import MAX_TESTED_BYTES, MAX_TESTED_FILES, hidden_text
from reviewbot.sources.trees import tree_of_forge

Content = bytes | Entry | None


@pytest.fixture
def world(tmp_path: Path) -> World:
    return World(tmp_path / "world")


def hidden(world: World, old: Mapping[str, Content], new: Mapping[str, Content], *files: File) -> set[str]:
    forge = MemoryForge(world)
    base, head = world.commit(None, old), world.commit(None, new)
    return set(hidden_text(Diff(files=files), tree_of_forge(forge, base), tree_of_forge(forge, head)))


def blobs_read(world: World) -> int:
    return sum("/blobs/" in request.path for request in world.requests)


EDITED = File(path="f", old_path="f", status="modified", binary=True)
ADDED = File(path="f", old_path=None, status="added", binary=True)
DELETED = File(path="f", old_path="f", status="deleted", binary=True)
RENAMED = File(path="f", old_path="g", status="renamed", binary=True)


@pytest.mark.parametrize(
    ("file", "old", "new", "found"),
    [
        (EDITED, {"f": b"text"}, {"f": b"more"}, True),
        (EDITED, {"f": b"\0"}, {"f": b"more"}, False),
        (EDITED, {"f": b"text"}, {"f": b"x\0"}, False),
        (EDITED, {"f": b"text"}, {"f": b"x" * 7_999 + b"\0"}, False),
        (EDITED, {"f": b"text"}, {"f": b"x" * 8_000 + b"\0"}, True),
        (EDITED, {"f": b"text"}, {"f": b""}, True),
        (ADDED, {}, {"f": b"text"}, True),
        (ADDED, {}, {"f": b"\0"}, False),
        (DELETED, {"f": b"text"}, {}, True),
        (DELETED, {"f": b"\0"}, {}, False),
        (RENAMED, {"g": b"text"}, {"f": b"more"}, True),
        (RENAMED, {"g": b"\0"}, {"f": b"more"}, False),
    ],
)
def test_a_file_is_hidden_when_no_side_of_it_is_binary(
    world: World, file: File, old: Mapping[str, Content], new: Mapping[str, Content], found: bool
):
    assert hidden(world, old, new, file) == ({"f"} if found else set())


def test_one_binary_side_is_enough_to_read(world: World):
    hidden(world, {"f": b"text"}, {"f": b"\0"}, EDITED)
    assert blobs_read(world) == 1


def test_a_file_shown_as_text_is_not_read(world: World):
    assert hidden(world, {"f": b"text"}, {"f": b"more"}, EDITED.model_copy(update={"binary": False})) == set()
    assert blobs_read(world) == 0


def test_a_large_file_is_not_fetched_and_not_taken_for_binary(world: World):
    """Else one text file over the limit, hidden by a line of `.gitattributes`, would be read by nobody."""
    assert hidden(world, {}, {"f": b"x" * (MAX_TESTED_BYTES + 1)}, ADDED) == {"f"}
    assert blobs_read(world) == 0


def test_a_link_is_not_followed(world: World):
    assert hidden(world, {}, {"f": Entry("120000", b"g"), "g": b"text"}, ADDED) == set()


def test_a_file_that_is_not_there_is_left_alone(world: World):
    assert hidden(world, {}, {"g": b"text"}, ADDED) == set()


def test_no_more_than_a_few_files_are_tested_and_the_rest_is_not_taken_for_binary(world: World):
    names = [f"f{number}" for number in range(MAX_TESTED_FILES + 5)]
    files = [ADDED.model_copy(update={"path": name}) for name in names]
    assert hidden(world, {}, dict.fromkeys(names, b"\0"), *files) == set(names[MAX_TESTED_FILES:])
    assert blobs_read(world) <= MAX_TESTED_FILES
