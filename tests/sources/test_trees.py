"""Only what stands in the commit's own tree is found, through git and through a forge alike (THREATS S05)."""

from pathlib import Path

import pytest
from hub.memory import MemoryForge
from hub.store import Entry as Made
from hub.world import World

from reviewbot.sources.git import Git, environment
from reviewbot.sources.trees import Entry, Tree, tree_of_forge, tree_of_git

FILES = {
    "top.md": b"top\n",
    "run.sh": Made("100755", b"run\n"),
    "docs/a.md": b"a\n",
    "docs/b.md": b"bb\n",
    "docs/deep/c.md": b"c\n",
    "link": Made("120000", b"docs"),
    "outside": Made("120000", b"/etc"),
    "sub": Made("160000", b"1" * 40),
}


@pytest.fixture
def world(tmp_path: Path) -> World:
    return World(tmp_path / "world")


@pytest.fixture(params=["git", "forge"])
def tree(request: pytest.FixtureRequest, world: World) -> Tree:
    commit = world.commit(None, FILES)
    if request.param == "forge":
        return tree_of_forge(MemoryForge(world), commit)
    place = world.store.path
    return tree_of_git(Git(place, environment(GIT_DIR=str(place), GIT_LITERAL_PATHSPECS="1")), commit)


def test_what_stands_at_a_path_is_told_before_it_is_read(tree: Tree):
    found = tree.entries("top.md", "docs/deep/c.md", "run.sh")
    assert {path: (entry.mode, entry.size) for path, entry in found.items()} == {
        "top.md": ("100644", 4),
        "docs/deep/c.md": ("100644", 2),
        "run.sh": ("100755", 4),
    }
    assert tree.blob(found["docs/deep/c.md"]) == b"c\n"


def test_a_path_with_a_slash_at_its_end_lists_the_folder(tree: Tree):
    assert {path: entry.mode for path, entry in tree.entries("docs/").items()} == {
        "docs/a.md": "100644",
        "docs/b.md": "100644",
        "docs/deep": "040000",
    }


def test_links_and_submodules_are_seen_and_not_followed(tree: Tree):
    assert {path: entry.mode for path, entry in tree.entries("link", "outside", "sub").items()} == {
        "link": "120000",
        "outside": "120000",
        "sub": "160000",
    }
    assert tree.entries("link/a.md", "link/", "outside/hostname", "sub/in.py") == {}


DEEP = "a/" * 9_000 + "a"
NOWHERE = ["missing", "docs/missing", "top.md/x", "missing/", ".git/config", "-r", "a\nb", "*.md", ":(top)", DEEP]


@pytest.mark.parametrize("path", NOWHERE)
def test_what_is_not_in_the_tree_is_not_found(tree: Tree, path: str):
    assert tree.entries(path) == {}


def test_no_path_finds_nothing(tree: Tree):
    assert tree.entries() == {}


def test_a_forge_is_asked_for_a_folder_once(world: World):
    tree = tree_of_forge(MemoryForge(world), world.commit(None, FILES))
    tree.entries("docs/deep/c.md", "docs/a.md", "docs/b.md", "docs/", "docs/missing")
    tree.entries("docs/b.md")
    assert len(world.requests) == 3


def test_a_file_is_listed_without_being_read(world: World):
    tree = tree_of_forge(MemoryForge(world), world.commit(None, {"big": b"x" * 100_000}))
    assert tree.entries("big")["big"] == Entry("100644", tree.entries("big")["big"].sha, 100_000, "big")
    assert not [request for request in world.requests if "/blobs/" in request.path]
