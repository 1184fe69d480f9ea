import pytest
from hub.memory import MemoryForge
from hub.scene import Scene
from hub.store import Entry

from reviewbot.errors import NoAccess, TooLarge


def many(scene: Scene, count: int, lines: int = 1) -> int:
    """A pull request that adds so many files of so many lines."""
    files: dict[str, bytes | Entry | None] = {f"f{number:05}.txt": b"x\n" * lines for number in range(count)}
    return scene.world.open_pull("main", scene.world.commit(scene.base, files)).number


def test_the_diff_begins_at_the_merge_base(scene: Scene) -> None:
    scene.world.branch("main", scene.world.commit(scene.base, {"app.py": b"all new\n", "more.py": b"\n"}))
    assert scene.forge.diff(scene.number) == scene.world.store.diff(scene.base, scene.head)
    assert scene.forge.merge_base("main", scene.head) == scene.base
    pull = scene.forge.pull(scene.number)
    assert (pull.base_sha, pull.changed_files) == (scene.world.branches["main"], 4)


def test_counts_and_files_agree_with_the_diff(scene: Scene) -> None:
    pull, files = scene.forge.pull(scene.number), scene.forge.files(scene.number)
    assert [(file.path, file.old_path, file.status) for file in files] == [
        ("app.py", None, "modified"), ("gone.py", None, "removed"), ("moved.py", "old.py", "renamed"),
        ("new.py", None, "added"),
    ]  # fmt: skip
    assert pull.additions == sum(file.additions for file in files) == 3
    assert pull.deletions == sum(file.deletions for file in files) == 3


def test_a_patch_is_hunks_without_a_final_line_feed(scene: Scene) -> None:
    patches = {file.path: file.patch for file in scene.forge.files(scene.number)}
    assert patches["gone.py"] == "@@ -1 +0,0 @@\n-gone"
    assert patches["new.py"] == "@@ -0,0 +1,2 @@\n+one\n+two\n\\ No newline at end of file"
    assert patches["moved.py"] is None


def test_bytes_that_are_no_utf8_are_replaced_in_a_patch_but_not_in_the_diff(scene: Scene) -> None:
    head = scene.world.commit(scene.base, {"latin.txt": b"caf\xe9\n", "image": b"\0\1"})
    number = scene.world.open_pull("main", head).number
    assert [file.patch for file in scene.forge.files(number)] == [None, "@@ -0,0 +1 @@\n+caf�"]
    assert b"+caf\xe9\n" in scene.forge.diff(number)


@pytest.mark.parametrize(("limits", "refused"), [({"diff_files": 3}, True), ({"diff_files": 4}, False)])
def test_a_diff_of_too_many_files_is_refused(scene: Scene, limits: dict[str, int], *, refused: bool) -> None:
    scene.world.limits = scene.world.limits._replace(**limits)
    reads = (lambda: scene.forge.diff(scene.number), lambda: scene.forge.compare("main", scene.head))
    for read in reads:
        if refused:
            with pytest.raises(TooLarge):
                read()
        else:
            assert read().startswith(b"diff --git")


def test_context_counts_against_the_limit_of_lines(scene: Scene) -> None:
    lines = scene.forge.diff(scene.number).count(b"\n")
    scene.world.limits = scene.world.limits._replace(diff_lines=lines)
    scene.forge.diff(scene.number)
    scene.world.limits = scene.world.limits._replace(diff_lines=lines - 1)
    with pytest.raises(TooLarge):
        scene.forge.diff(scene.number)


def test_files_beyond_the_last_that_is_listed_are_counted_only(scene: Scene) -> None:
    scene.world.limits = scene.world.limits._replace(listed_files=5)
    number = many(scene, 7)
    assert scene.forge.pull(number).changed_files == 7
    assert len(scene.forge.files(number, page_size=2)) == 5


def test_patches_beyond_the_lines_of_one_response_are_missing_without_a_mark(scene: Scene) -> None:
    scene.world.limits = scene.world.limits._replace(patch_lines=22)
    number = many(scene, 4, lines=10)
    rows = scene.forge.files(number)
    assert [(row.additions, row.patch is None) for row in rows] == [(10, False), (10, False), (0, True), (0, True)]
    assert {row.additions for row in scene.forge.files(number, page_size=2)} == {10}


def test_pages_are_asked_for_one_by_one(scene: Scene) -> None:
    number = many(scene, 5)
    scene.world.requests.clear()
    assert len(scene.forge.files(number, page_size=2)) == 5
    assert len(scene.world.requests) == 3


def test_a_head_that_lags_is_the_old_one_until_its_time(scene: Scene) -> None:
    pushed = scene.world.commit(scene.head, {"late.py": b"late\n"})
    scene.world.push(scene.number, pushed, seen_after=5)
    assert scene.forge.pull(scene.number).head_sha == scene.head
    assert b"late.py" not in scene.forge.diff(scene.number)
    scene.world.clock.sleep(5)
    assert scene.forge.pull(scene.number).head_sha == pushed
    assert b"late.py" in scene.forge.diff(scene.number)


def test_a_retargeted_pull_request_has_another_diff_at_the_same_head(scene: Scene) -> None:
    scene.world.branch("next", scene.world.commit(scene.base, {"app.py": b"", "gone.py": None}))
    before = scene.forge.pull(scene.number)
    scene.world.retarget(scene.number, "next")
    after = scene.forge.pull(scene.number)
    assert after.head_sha == before.head_sha
    assert after.base_sha != before.base_sha


def test_a_fork_is_told_from_the_repository(scene: Scene) -> None:
    fork = scene.world.open_pull("main", scene.head, fork=True, author="stranger")
    assert scene.forge.pull(fork.number).from_fork
    assert not scene.forge.pull(scene.number).from_fork
    fork.head_repository = None
    assert scene.forge.pull(fork.number).head_repository_id is None


def test_trees_and_blobs_are_read_without_following_links(scene: Scene) -> None:
    sha = scene.world.commit(scene.base, {"link": Entry("120000", b"app.py"), "sub": Entry("160000", b"1" * 40)})
    entries = {entry.name: entry for entry in scene.forge.tree(sha)}
    assert (entries["link"].mode, scene.forge.blob(entries["link"].sha)) == ("120000", b"app.py")
    assert (entries["sub"].mode, entries["sub"].sha) == ("160000", "1" * 40)
    assert entries["gone.py"].size == 5


def test_what_is_not_there_is_no_access(scene: Scene) -> None:
    forge = scene.forge
    other = MemoryForge(scene.world, "octo/other")
    reads = (
        lambda: forge.pull(99), lambda: forge.diff(99), lambda: forge.files(99), lambda: forge.tree("0" * 40),
        lambda: forge.blob("0" * 40), lambda: forge.merge_base("main", "nowhere"), lambda: other.pull(scene.number),
    )  # fmt: skip
    for read in reads:
        with pytest.raises(NoAccess):
            read()
