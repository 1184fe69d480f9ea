import pytest
from hub.memory import MemoryForge
from hub.scene import AFTER, BEFORE, Scene, small_scene
from hypothesis import given, settings
from hypothesis import strategies as st

from reviewbot.errors import Refused
from reviewbot.forge.model import Thread


@pytest.fixture(scope="module")
def kept(tmp_path_factory: pytest.TempPathFactory) -> Scene:
    """One for all examples."""
    return small_scene(tmp_path_factory.mktemp("scene"))


def posted(scene: Scene, *place: int | str, **more: int | str) -> Thread:
    """The thread of a comment at this place."""
    scene.forge.post_review(scene.number, scene.at(*place, **more))
    return thread(scene)


def thread(scene: Scene) -> Thread:
    return scene.forge.conversation(scene.number).threads[-1]


def refused(scene: Scene, *place: int | str, **more: int | str) -> bool:
    """Whether GitHub refuses this anchor; nothing is made then."""
    before = len(scene.world.writes)
    try:
        scene.forge.post_review(scene.number, scene.at(*place, **more))
    except Refused as refusal:
        return refusal.reason == "anchor" and len(scene.world.writes) == before
    return False


@pytest.mark.parametrize(
    ("line", "side"),
    [(10, "RIGHT"), (7, "RIGHT"), (13, "RIGHT"), (10, "LEFT"), (30, "LEFT"), (33, "LEFT"), (32, "RIGHT")],
)
def test_a_line_stands_on_the_side_that_its_hunk_numbers(scene: Scene, line: int, side: str) -> None:
    assert not refused(scene, line, side)


@pytest.mark.parametrize(("line", "side"), [(6, "RIGHT"), (14, "LEFT"), (33, "RIGHT"), (26, "LEFT"), (0, "RIGHT")])
def test_a_line_outside_every_hunk_of_its_side_is_refused(scene: Scene, line: int, side: str) -> None:
    assert refused(scene, line, side)


@pytest.mark.parametrize("path", ["README.md", "old.py", "moved.py", "new.py "])
def test_a_path_without_lines_in_the_diff_is_refused(scene: Scene, path: str) -> None:
    assert refused(scene, 1, path=path)


def test_a_removed_file_takes_comments_on_the_left_only(scene: Scene) -> None:
    assert not refused(scene, 1, "LEFT", path="gone.py")
    assert refused(scene, 1, "RIGHT", path="gone.py")


def test_several_lines_stand_in_one_hunk(scene: Scene) -> None:
    assert not refused(scene, 12, start=9)
    assert refused(scene, 12, start=12)
    assert refused(scene, 9, start=12)
    assert refused(scene, 28, start=9)
    assert refused(scene, 12, start=6)


@settings(max_examples=25, deadline=None)
@given(line=st.integers(0, 42), side=st.sampled_from(["LEFT", "RIGHT"]))
def test_exactly_the_lines_that_git_shows_can_be_commented(kept: Scene, line: int, side: str) -> None:
    scene = kept
    old, new, shown = 0, 0, set()
    for text in scene.world.store.diff(scene.base, scene.head).decode().split("diff --git")[1].splitlines():
        if text.startswith("@@"):
            old, new = (int(word[1:].split(",")[0]) for word in text.split()[1:3])
        elif old:
            shown |= {("LEFT", old)} if text[0] in " -" else set()
            shown |= {("RIGHT", new)} if text[0] in " +" else set()
            old, new = old + (text[0] in " -"), new + (text[0] in " +")
    assert refused(scene, line, side) == ((side, line) not in shown)


def test_a_line_moves_with_what_is_pushed_above_it(scene: Scene) -> None:
    assert posted(scene, 10).line == 10
    scene.push([b"first\n", *AFTER])
    assert (thread(scene).line, thread(scene).outdated) == (11, False)


def test_a_line_that_is_changed_is_outdated(scene: Scene) -> None:
    posted(scene, 10)
    scene.push([*AFTER[:9], b"TEN\n", *AFTER[10:]])
    assert (thread(scene).line, thread(scene).outdated) == (None, True)


def test_a_line_whose_change_is_taken_back_leaves_the_diff(scene: Scene) -> None:
    posted(scene, 28)
    scene.push([*AFTER[:9], *BEFORE[9:]])
    assert (thread(scene).line, thread(scene).outdated) == (None, True)


def test_a_removed_line_stays_while_it_is_removed(scene: Scene) -> None:
    posted(scene, 30, "LEFT")
    scene.push([b"first\n", *AFTER])
    assert (thread(scene).line, thread(scene).outdated) == (30, False)


def test_a_line_is_found_again_after_a_force_push_and_in_a_renamed_file(scene: Scene) -> None:
    posted(scene, 10)
    lines = b"".join([b"first\n", *AFTER])
    sha = scene.world.commit(scene.base, {"app.py": None, "renamed.py": lines})
    scene.world.push(scene.number, sha)
    assert (thread(scene).line, thread(scene).outdated) == (11, False)


def test_a_deleted_file_leaves_its_threads_outdated(scene: Scene) -> None:
    posted(scene, 10)
    scene.world.push(scene.number, scene.world.commit(scene.head, {"app.py": None}))
    assert thread(scene).outdated


def test_a_comment_on_an_earlier_commit_stands_in_the_diff_of_that_commit(scene: Scene) -> None:
    scene.push([*AFTER[:9], b"TEN\n", *AFTER[10:]])
    scene.forge.post_review(scene.number, scene.at(10))
    assert thread(scene).outdated
    assert MemoryForge(scene.world).pull(scene.number).head_sha != scene.head
