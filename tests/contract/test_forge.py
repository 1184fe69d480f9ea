"""One set of questions about reading, put to every forge: the fake in memory, and the real adapter over HTTP.

What they have in common is GitHub's (THREATS section 2). `test_forge_posts` asks about writing, and `live/test_forge`
puts what can be asked there to a real repository.
"""

import base64
import subprocess
from pathlib import Path

import pytest
from contract.forge_scene import AFTER, APP, BEFORE, CHANGED_FILES, LATIN, TOKEN, Scene, at, over_http
from hub import contracts
from hub.faults import answer, drop, fail
from hub.rejection import primary_limit, secondary_limit
from hub.store import Entry, git_environment
from hub.world import BOT, PERSON

from reviewbot.change import parse_diff
from reviewbot.errors import Limited, NoAccess, TooLarge, Unreachable
from reviewbot.forge.model import Check


def test_a_pull_request_is_told_as_it_stands(scene: Scene) -> None:
    pull = scene.forge.pull(scene.number)
    assert (pull.address.repository, pull.address.number) == (scene.forge.repository, scene.number)
    assert (pull.title, pull.body, pull.state, pull.draft) == ("Ten and fifty", "As agreed.", "open", False)
    assert (pull.base_sha, pull.base_ref, pull.head_sha) == (scene.base, "main", scene.head)
    assert (pull.changed_files, pull.additions, pull.deletions) == (CHANGED_FILES, 14, 3)
    assert not pull.from_fork
    assert not pull.author_is_bot


def test_drafts_forks_and_bots_are_told_apart(scene: Scene) -> None:
    number = scene.world.open_pull(
        "main", scene.head, fork=True, draft=True, author="dependabot[bot]", body=None
    ).number
    pull = scene.forge.pull(number)
    assert (pull.from_fork, pull.draft, pull.author_is_bot, pull.body) == (True, True, True, "")


def test_who_the_author_is_to_the_repository_is_githubs_word(scene: Scene) -> None:
    scene.world.pulls[scene.number].association = "FIRST_TIMER"
    assert scene.forge.pull(scene.number).author_association == "FIRST_TIMER"


def test_open_pull_requests_are_found_by_their_head_also_those_of_forks(scene: Scene) -> None:
    of_fork = scene.world.open_pull("main", scene.head, fork=True, author="mallory").number
    closed = scene.world.open_pull("main", scene.head)
    closed.state = "closed"
    assert sorted(scene.forge.pulls_at(scene.head)) == [scene.number, of_fork]
    assert scene.forge.pulls_at("0" * 40) == ()


def test_a_fork_and_an_author_that_are_gone_are_no_obstacle(scene: Scene) -> None:
    gone = scene.world.open_pull("main", scene.head, fork=True)
    gone.head_repository = gone.author = None
    pull = scene.forge.pull(gone.number)
    assert (pull.head_repository_id, pull.from_fork) == (None, True)


def test_the_diff_begins_at_the_merge_base_though_the_base_moved_on(scene: Scene) -> None:
    later = scene.world.commit(scene.base, {"app.py": b"".join([b"line zero\n", *APP])})
    scene.world.branch("main", later)
    assert scene.forge.pull(scene.number).base_sha == later
    assert scene.forge.merge_base(later, scene.head) == scene.base
    assert scene.forge.diff(scene.number) == scene.world.store.diff(scene.base, scene.head)


def test_a_diff_is_the_bytes_that_git_prints(scene: Scene) -> None:
    head = scene.world.commit(scene.head, {"latin.txt": b"\xe9t\xe9\n", 'odd "name"\n.txt': b"x\n"})
    scene.world.push(scene.number, head)
    diff = scene.forge.diff(scene.number)
    assert diff == scene.world.store.diff(scene.base, head)
    assert b"\xe9t\xe9" in diff
    assert {file.path for file in parse_diff(diff).files} >= {"app.py", "latin.txt", 'odd "name"\n.txt', "new_name.py"}


def test_what_changed_since_a_commit_is_a_diff_of_its_own(scene: Scene) -> None:
    newer = scene.world.commit(scene.head, {"new.py": None})
    assert scene.forge.compare(scene.head, newer) == scene.world.store.diff(scene.head, newer)
    assert scene.forge.compare(scene.head, scene.head) == b""


def test_a_diff_beyond_what_github_gives_is_too_large_and_not_empty(scene: Scene) -> None:
    scene.world.limits = scene.world.limits._replace(diff_files=3)
    with pytest.raises(TooLarge):
        scene.forge.diff(scene.number)
    with pytest.raises(TooLarge):
        scene.forge.compare(scene.base, scene.head)
    scene.world.limits = scene.world.limits._replace(diff_files=300, diff_lines=20)
    with pytest.raises(TooLarge):
        scene.forge.diff(scene.number)


@pytest.mark.parametrize("page_size", [100, 3, 1])
def test_the_files_are_all_listed_whatever_the_page_holds(scene: Scene, page_size: int) -> None:
    files = {file.path: file for file in scene.forge.files(scene.number, page_size=page_size)}
    assert {path: file.status for path, file in files.items()} == {
        "app.py": "modified",
        "gone.py": "removed",
        "new.py": "added",
        "new_name.py": "renamed",
    }
    assert (files["new_name.py"].old_path, files["app.py"].old_path) == ("old_name.py", None)
    assert (files["app.py"].additions, files["app.py"].deletions) == (2, 2)
    assert files["app.py"].patch is not None
    assert files["app.py"].patch.startswith("@@ -7,7 +7,7 @@")
    assert files["new_name.py"].patch is None


def test_small_pages_show_the_patches_that_a_large_one_leaves_out(scene: Scene) -> None:
    scene.world.limits = scene.world.limits._replace(patch_lines=10)

    def shown(page_size: int) -> set[str]:
        files = scene.forge.files(scene.number, page_size=page_size)
        return {file.path for file in files if file.patch is not None}

    assert shown(1) == {"app.py", "gone.py", "new.py"}
    assert shown(100) < shown(1)


def test_a_tree_shows_what_is_directly_in_it_and_follows_no_link(scene: Scene) -> None:
    root = {entry.name: entry for entry in scene.forge.tree(scene.base)}
    modes = {name: entry.mode for name, entry in root.items()}
    assert modes == {
        "app.py": "100644", "old_name.py": "100644", "gone.py": "100644", "latin.txt": "100644", "docs": "040000",
        "tool": "100755", "link": "120000",
    }  # fmt: skip
    assert [entry.name for entry in scene.forge.tree(root["docs"].sha)] == ["guide.md"]
    assert scene.forge.blob(root["link"].sha) == b"docs/guide.md"
    assert root["latin.txt"].size == len(LATIN)
    assert root["docs"].size == 0


def test_a_blob_is_its_bytes(scene: Scene) -> None:
    everything = bytes(range(256)) * 40
    commit = scene.world.commit(scene.base, {"all.bin": everything, "empty": b"", "module": Entry("160000", b"a" * 40)})
    tree = {entry.name: entry for entry in scene.forge.tree(commit)}
    assert scene.forge.blob(tree["all.bin"].sha) == everything
    assert scene.forge.blob(tree["empty"].sha) == b""
    assert scene.forge.blob(tree["latin.txt"].sha) == LATIN
    assert (tree["module"].mode, tree["module"].size) == ("160000", 0)


def test_git_itself_may_fetch_with_the_access_it_is_given(scene: Scene) -> None:
    access = scene.forge.git_access()
    words = ["-c", f"http.extraHeader=Authorization: {access.authorization}"] if access.authorization else []
    listed = subprocess.run(
        ["git", *words, "ls-remote", access.url, f"refs/pull/{scene.number}/head"],
        env=git_environment(scene.world.store.path), capture_output=True, text=True, check=True,
    ).stdout  # fmt: skip
    assert listed.split()[0] == scene.head
    if access.authorization:
        kind, _, credentials = access.authorization.partition(" ")
        assert (kind.lower(), base64.b64decode(credentials)) == ("basic", b"x-access-token:" + TOKEN.encode())


def test_what_is_not_there_is_no_access(scene: Scene) -> None:
    with pytest.raises(NoAccess):
        scene.forge.pull(999)
    with pytest.raises(NoAccess):
        scene.forge.blob("0" * 40)
    with pytest.raises(NoAccess):
        scene.forge.tree("0" * 40)
    with pytest.raises(NoAccess):
        scene.open("no such token").pull(scene.number)


def test_a_suspended_installation_reads_nothing_and_does_not_knock_on(scene: Scene) -> None:
    scene.world.state = "suspended"
    with pytest.raises(NoAccess):
        scene.forge.pull(scene.number)
    assert len(scene.world.requests) <= 2


def test_a_renamed_repository_is_read_under_its_old_name(scene: Scene) -> None:
    scene.world.rename("octo/store")
    assert scene.forge.pull(scene.number).head_sha == scene.head
    assert scene.forge.diff(scene.number) == scene.world.store.diff(scene.base, scene.head)


@pytest.mark.parametrize("fault", [fail(502), drop(), fail(500)], ids=["502", "a dropped connection", "500"])
def test_a_read_is_tried_again(scene: Scene, fault: object) -> None:
    scene.world.faults.add("GET", "/pulls/", fault, times=2)
    assert scene.forge.pull(scene.number).head_sha == scene.head


def test_a_read_that_never_has_an_answer_is_unreachable(scene: Scene) -> None:
    scene.world.faults.add("GET", "/pulls/", fail(502), times=float("inf"))
    with pytest.raises(Unreachable):
        scene.forge.pull(scene.number)


def test_a_limit_is_waited_for_and_one_that_outlasts_our_patience_is_said(scene: Scene) -> None:
    scene.world.faults.add("GET", "/pulls/", answer(secondary_limit(retry_after=30)))
    began = scene.clock.now()
    assert scene.forge.pull(scene.number).head_sha == scene.head
    assert scene.clock.now() - began >= 30
    scene.world.faults.add("GET", "/pulls/", answer(primary_limit(scene.clock.now() + 3_600)), times=float("inf"))
    with pytest.raises(Limited):
        scene.forge.pull(scene.number)


def test_nothing_was_said_yet(scene: Scene) -> None:
    conversation = scene.forge.conversation(scene.number)
    assert (conversation.threads, conversation.comments, conversation.reviews) == ((), (), ())


def test_what_people_say_is_not_ours_whatever_they_write(scene: Scene) -> None:
    ours = scene.forge.post_comment(scene.number, "A review.")
    scene.world.account("mallory")
    scene.world.say(scene.number, "mallory", "A review.")
    scene.world.say(scene.number, "helper[bot]" if scene.world.account("helper[bot]") else None, "Beep.")
    scene.world.say(scene.number, None, "I was here.")
    comments = scene.forge.conversation(scene.number).comments
    assert [comment.id == ours.id for comment in comments] == [comment.ours for comment in comments]
    assert [comment.ours for comment in comments] == [True, False, False, False]
    assert [comment.author_is_bot for comment in comments] == [True, False, True, False]
    assert [comment.author for comment in comments][1::2] == ["mallory", ""]
    assert [comment.body for comment in comments] == ["A review.", "A review.", "Beep.", "I was here."]


def test_a_long_conversation_is_read_to_its_end(scene: Scene) -> None:
    for n in range(203):
        scene.world.say(scene.number, "ada", f"Comment {n}")
    scene.forge.post_review(scene.number, scene.review(at(10), at(50), *(at(n, "new.py") for n in range(1, 13))))
    first = scene.forge.conversation(scene.number).threads[0].remarks[0]
    person = scene.open(PERSON)
    for n in range(104):
        person.reply(scene.number, first.id, f"Reply {n}")
    conversation = scene.forge.conversation(scene.number)
    assert [comment.body for comment in conversation.comments] == [f"Comment {n}" for n in range(203)]
    assert len(conversation.threads) == 14
    assert [remark.body for remark in conversation.threads[0].remarks][1:] == [f"Reply {n}" for n in range(104)]


def test_reactions_are_counted_for_and_against(scene: Scene) -> None:
    said = scene.forge.post_comment(scene.number, "A review.")
    for login, content in [("a", "+1"), ("b", "heart"), ("c", "-1"), ("d", "confused"), ("e", "+1"), ("e", "eyes")]:
        scene.world.account(login)
        scene.world.react(said.id, login, content)
    comment = scene.forge.conversation(scene.number).comments[0]
    assert (comment.up, comment.down) == (3, 2)


def test_only_people_with_write_access_may_write_and_a_fault_is_no_answer(scene: Scene) -> None:
    allowed = {}
    for permission in ("admin", "maintain", "write", "triage", "read", "none"):
        scene.world.account(permission, permission)
        allowed[permission] = scene.forge.may_write(permission)
    assert [permission for permission, may in allowed.items() if may] == ["admin", "maintain", "write"]
    assert not scene.forge.may_write("nobody-of-this-name")
    assert not scene.forge.may_write("../../../user")
    scene.world.faults.add("GET", "/permission", fail(502), times=float("inf"))
    with pytest.raises(Unreachable):
        scene.forge.may_write("admin")


@pytest.mark.skipif(not contracts.available(), reason=contracts.WHY)
def test_on_an_enterprise_server_everything_is_asked_below_its_prefix(tmp_path: Path) -> None:
    """Whatever the port can do once; the fake answers nothing outside `/api` (THREATS G34)."""
    with over_http(tmp_path, "/api/v3") as scene:
        forge, number = scene.forge, scene.number
        pull = forge.pull(number)
        assert forge.merge_base(pull.base_sha, pull.head_sha) == scene.base
        assert forge.diff(number) == forge.compare(scene.base, scene.head)
        assert len(forge.files(number, page_size=2)) == CHANGED_FILES
        assert {forge.blob(entry.sha) for entry in forge.tree(scene.base) if entry.name == "latin.txt"} == {LATIN}
        assert forge.git_access().url.endswith(f"/{forge.repository}.git")
        assert forge.may_write("ada")
        forge.post_review(number, scene.review(at(10)))
        (thread,) = forge.conversation(number).threads
        forge.reply(number, thread.remarks[0].id, "And?")
        scene.open(BOT).resolve(thread.id)
        said = forge.post_comment(number, "First.")
        forge.react(forge.edit_comment(said.id, "Second.").id, "eyes")
        assert not forge.drop_pending_review(number)
        check = Check(head_sha=scene.head, external_id="key", title="t", summary="s", conclusion="neutral")
        assert forge.put_check(check, None) in scene.world.checks
        conversation = forge.conversation(number)
        assert [(thread.resolved, len(thread.remarks)) for thread in conversation.threads] == [(True, 2)]
        assert [comment.body for comment in conversation.comments] == ["Second."]


def test_the_files_of_the_scene_are_those_of_the_pull_request(scene: Scene) -> None:
    """Guards the questions above: each of the changes is one that git sees."""
    assert set(AFTER) <= set(BEFORE) | {"new.py", "new_name.py"}
    assert len(scene.world.store.changes(scene.base, scene.head)) == CHANGED_FILES
