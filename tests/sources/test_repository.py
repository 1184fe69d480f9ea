"""Nothing a repository or its person configured runs, and what must hold of it holds."""

import os
import shutil
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest
from sources.checkout import Checkout, added, everything_in, files

from reviewbot.errors import BadRange
from reviewbot.sources import Selection, read_worktree
from reviewbot.sources.repository import open_repository

HOOKS = ("post-index-change", "pre-commit", "post-checkout", "reference-transaction", "pre-auto-gc")


def programs(canary: Path) -> dict[str, str]:
    """Every setting by which git can be told to run a program, or nearly."""
    run = str(canary)
    return {
        "core.fsmonitor": run,
        "diff.external": run,
        "diff.evil.textconv": run,
        "diff.evil.command": run,
        "filter.evil.clean": run,
        "filter.evil.smudge": run,
        "filter.evil.required": "true",
        "filter.e=v il.clean": run,
        "filter.slow.process": run,
        "filter.slow.required": "true",
        "core.pager": run,
        "pager.diff": run,
        "pager.log": run,
        "pager.config": run,
        "core.editor": run,
        "core.sshCommand": run,
        "core.askPass": run,
        "core.alternateRefsCommand": run,
        "gpg.program": run,
        "log.showSignature": "true",
        "credential.helper": f"!{run}",
        "diff.tool": run,
        "merge.evil.driver": run,
        "interactive.diffFilter": run,
        "gc.auto": "1",
        "uploadpack.packObjectsHook": run,
        "remote.origin.uploadpack": run,
        "submodule.recurse": "true",
        **{f"alias.{command}": f"!{run}" for command in ("diff", "add", "config", "rev-parse", "ls-tree")},
    }


@pytest.fixture
def rigged(checkout: Checkout, canary: Path) -> Checkout:
    """A checkout whose hooks and attributes lead to the canary."""
    for name in HOOKS:
        hook = checkout.write(f".git/hooks/{name}", canary.read_bytes())
        hook.chmod(0o755)
        (hook.parent / "CANARY").unlink(missing_ok=True)
    checkout.write(".gitattributes", "*.py filter=evil diff=evil merge=evil\n*.txt filter=slow\n*.md filter=e=v il\n")
    for name in ("kept.py", "slow.txt", "odd.md"):
        checkout.write(name, "touched\n")
    return checkout


def review_every_way(checkout: Checkout) -> None:
    assert set(files(checkout.review())) == {".gitattributes", "kept.py", "slow.txt", "odd.md"}
    assert added(checkout.review(), "kept.py") == ["touched"]
    assert checkout.review(staged=True).diff.files == ()
    assert checkout.review("main..main").diff.files == ()


def test_nothing_the_repository_configures_runs(rigged: Checkout, canary: Path, sang: Callable[[], bool]):
    rigged.configure(programs(canary))
    review_every_way(rigged)
    assert not sang()
    assert not (rigged.root / ".git" / "hooks" / "CANARY").exists()


def test_nothing_the_person_configures_runs(rigged: Checkout, canary: Path, sang: Callable[[], bool], home: Path):
    hooks = home / "hooks"
    hooks.mkdir()
    for name in HOOKS:
        (hooks / name).write_bytes(canary.read_bytes())
        (hooks / name).chmod(0o755)
    rigged.configure(programs(canary) | {"core.hooksPath": str(hooks)}, home / ".gitconfig")
    review_every_way(rigged)
    assert not sang()
    assert not (hooks / "CANARY").exists()


def test_nothing_the_environment_names_runs(
    rigged: Checkout, canary: Path, sang: Callable[[], bool], monkeypatch: pytest.MonkeyPatch
):
    for name in ("GIT_EXTERNAL_DIFF", "GIT_PAGER", "PAGER", "GIT_EDITOR", "GIT_SSH_COMMAND", "GIT_ASKPASS"):
        monkeypatch.setenv(name, str(canary))
    monkeypatch.setenv("GIT_CONFIG_COUNT", "1")
    monkeypatch.setenv("GIT_CONFIG_KEY_0", "core.fsmonitor")
    monkeypatch.setenv("GIT_CONFIG_VALUE_0", str(canary))
    review_every_way(rigged)
    assert not sang()


def test_nothing_a_submodule_configures_runs(
    checkout: Checkout, submodule: Checkout, canary: Path, sang: Callable[[], bool]
):
    submodule.configure(programs(canary))
    submodule.write(".gitattributes", "* filter=evil diff=evil\n")
    submodule.write("in.py", "j\n")
    assert checkout.review().diff.files == ()
    assert not sang()


@pytest.fixture
def promised(checkout: Checkout, tmp_path: Path, canary: Path) -> Checkout:
    """A partial clone that sets the canary off when it fetches what it misses."""
    checkout.git("config", "uploadpack.allowFilter", "true")
    checkout.git("clone", "--quiet", "--filter=blob:none", f"file://{checkout.root}", str(tmp_path / "partial"))
    made = Checkout(tmp_path / "partial", "--quiet")
    made.git("config", "remote.origin.url", f"ext::touch {canary.parent / 'CANARY'}")
    made.git("config", "protocol.ext.allow", "always")
    return made


def test_a_partial_clone_fetches_nothing(promised: Checkout, sang: Callable[[], bool]):
    missing = "0123456789" * 4
    promised.git("update-index", "--add", "--cacheinfo", f"100644,{missing},gone.py")
    with pytest.raises(BadRange, match=rf"an object is missing.*{missing}"):
        promised.review(staged=True)
    promised.git("config", "core.autocrlf", "true")  # to convert line ends, git reads what the index has
    promised.write("gone.py", "one\r\n")
    assert added(promised.review(), "gone.py") == ["one"]
    assert not sang()
    subprocess.run(["git", "cat-file", "-e", missing], cwd=promised.root, check=False, capture_output=True, timeout=60)
    assert sang()


def test_the_canary_would_have_sung(checkout: Checkout, canary: Path, sang: Callable[[], bool]):
    checkout.git("config", "filter.evil.clean", str(canary))
    checkout.write(".gitattributes", "*.py filter=evil\n")
    checkout.write("kept.py", "touched\n")
    checkout.git("add", "--all")
    assert sang()


def test_only_git_is_run(rigged: Checkout, canary: Path):
    rigged.configure(programs(canary))
    for name in (".rubocop.yml", "conftest.py", "setup.py", "Makefile", ".pre-commit-config.yaml", "sitecustomize.py"):
        rigged.write(name, f"import os; os.system({str(canary)!r})\n")
    script = """
import sys
from pathlib import Path
started = []
sys.addaudithook(lambda event, args: started.append(args[0]) if event in
                 {"subprocess.Popen", "os.exec", "os.posix_spawn", "os.system", "os.fork", "os.forkpty"} else None)
from reviewbot.sources import Selection, read_worktree
read_worktree(Path.cwd(), Selection())
print(sorted({Path(str(name)).name for name in started}))
"""
    source = str(Path(sys.modules["reviewbot"].__path__[0]).parent)
    done = subprocess.run(
        [sys.executable, "-c", script],
        cwd=rigged.root,
        check=True,
        capture_output=True,
        text=True,
        env={**os.environ, "PYTHONPATH": source, "PYTHONSAFEPATH": "1"},
    )
    assert done.stdout == "['git']\n"


def test_no_repository_is_explained(tmp_path: Path):
    with pytest.raises(BadRange, match=r"there is no git repository here.*--diff -"):
        read_worktree(tmp_path, Selection())


def test_a_bare_repository_has_ranges_only(checkout: Checkout, tmp_path: Path):
    checkout.commit("Second", second__py="2\n")
    checkout.git("clone", "--quiet", "--bare", str(checkout.root), str(tmp_path / "bare"))
    with pytest.raises(BadRange, match=r"there is no work tree here; .*name a range"):
        read_worktree(tmp_path / "bare", Selection())
    with pytest.raises(BadRange, match="there is no work tree here"):
        read_worktree(tmp_path / "bare", Selection.from_words(None, None, staged=True))
    change = read_worktree(tmp_path / "bare", Selection.from_words("main^..main", None, staged=False))
    assert list(files(change)) == ["second.py"]


def test_inside_the_git_directory_there_is_no_work_tree(checkout: Checkout):
    with pytest.raises(BadRange, match="there is no work tree here"):
        read_worktree(checkout.root / ".git", Selection())


def test_a_repository_of_another_owner_is_refused_until_it_is_trusted(
    checkout: Checkout, home: Path, monkeypatch: pytest.MonkeyPatch
):
    git = shutil.which("git")
    wary = home / "bin" / "git"  # the real one, told to take every directory for somebody else's
    wary.parent.mkdir()
    wary.write_text(f'#!/bin/sh\nGIT_TEST_ASSUME_DIFFERENT_OWNER=1 exec {git} "$@"\n')
    wary.chmod(0o755)
    monkeypatch.setenv("PATH", str(wary.parent), prepend=os.pathsep)
    checkout.write("new.py")
    with pytest.raises(BadRange) as caught:
        checkout.review()
    command = caught.value.remedy.removeprefix("if you trust it: ")
    assert command == f"git config --global --add safe.directory '{checkout.root}'"
    subprocess.run(["sh", "-c", command], check=True, cwd=home)
    assert list(files(checkout.review())) == ["new.py"]


def test_a_pre_commit_hook_reviews_what_is_being_committed(checkout: Checkout, tmp_path: Path):
    source = str(Path(sys.modules["reviewbot"].__path__[0]).parent)
    hook = checkout.write(
        ".git/hooks/pre-commit",
        f"""#!/bin/sh
env | grep ^GIT_ > '{tmp_path}/hook'
PYTHONPATH='{source}' '{sys.executable}' -c '
from pathlib import Path
from reviewbot.sources import Selection, read_worktree
change = read_worktree(Path.cwd(), Selection.from_words(None, None, True))
print(*(file.path for file in change.diff.files))' >> '{tmp_path}/seen'
""",
    )
    hook.chmod(0o755)
    checkout.write("one.py")
    checkout.write("two.py")
    checkout.git("add", "one.py", "two.py")
    checkout.git("commit", "--quiet", "--message", "Only one", "--", "one.py")
    checkout.git("commit", "--quiet", "--message", "The rest")
    assert (tmp_path / "seen").read_text() == "one.py\ntwo.py\n"
    assert "GIT_INDEX_FILE" in (tmp_path / "hook").read_text()


def test_the_variables_of_a_hook_count(checkout: Checkout, tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    checkout.write("new.py")
    monkeypatch.setenv("GIT_DIR", str(checkout.root / ".git"))
    monkeypatch.setenv("GIT_WORK_TREE", str(checkout.root))
    assert list(files(read_worktree(tmp_path, Selection()))) == ["new.py"]
    monkeypatch.setenv("GIT_DIR", ".git")
    monkeypatch.setenv("GIT_WORK_TREE", ".")
    assert list(files(checkout.review())) == ["new.py"]
    monkeypatch.delenv("GIT_WORK_TREE")
    assert list(files(checkout.review())) == ["new.py"]


def test_an_index_of_another_name_counts(checkout: Checkout, monkeypatch: pytest.MonkeyPatch):
    checkout.write("new.py")
    monkeypatch.setenv("GIT_INDEX_FILE", ".git/other")
    checkout.git("read-tree", "HEAD")
    checkout.git("add", "new.py")
    assert list(files(checkout.review(staged=True))) == ["new.py"]
    monkeypatch.delenv("GIT_INDEX_FILE")
    assert checkout.review(staged=True).diff.files == ()


@pytest.mark.parametrize(
    "name", ["# hash", 'quo"te', "back\\slash", "co:lon", "two\nlines", "\N{SNOWMAN}", "latin\udce9"]
)
def test_a_repository_may_stand_in_any_folder(tmp_path: Path, name: str):
    checkout = Checkout(tmp_path / name)
    checkout.commit("First", kept__py="one\n")
    checkout.write("kept.py", "two\n")
    change = checkout.review()
    assert (added(change, "kept.py"), change.description) == (["two"], "uncommitted work on main")


def test_the_bare_repository_has_no_configuration_but_its_own(checkout: Checkout, home: Path):
    (home / ".gitconfig").write_text("[diff]\n\tnoprefix = true\n\tcontext = 9\n[core]\n\tquotePath = false\n")
    checkout.git("config", "diff.noprefix", "true")
    with open_repository(checkout.root) as repository:
        assert {key for key, _ in repository.bare.settings("")} <= {
            "core.repositoryformatversion",
            "core.filemode",
            "core.bare",
            "core.ignorecase",
            "core.precomposeunicode",
        }


def test_nothing_is_left_behind(checkout: Checkout, tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    place = tmp_path / "scratch"
    place.mkdir()
    monkeypatch.setattr("tempfile.tempdir", str(place))
    before = everything_in(checkout.root)
    checkout.review()
    with pytest.raises(BadRange):
        checkout.review(base="gone")
    assert list(place.iterdir()) == []
    assert everything_in(checkout.root) == before
