"""Names that would act if a shell, git or a page took them for more than names (THREATS S10)."""

import re
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest
from e2e.pushes import Pushes, draft
from hub.server import HubServer
from report.markdown_page import nodes, plain_text

CANARY = "canary"
NAMES = tuple(
    f"{name}.py"
    for name in (
        f"$(touch {CANARY})", f"`touch {CANARY}`", "-rf", "--upload-pack=touch", f"; touch {CANARY} #", "a\nb", "a\tb",
        "::set-output name=x::y", "@octo", "[x](javascript:alert(1))", "<img src=x>", "caf\u00e9", "\u202egnp",
    )
)  # fmt: skip


@pytest.fixture
def pull(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Pushes]:
    """A pull request of such files, too large for the API, so that git itself is asked for it."""
    (tmp_path / "here").mkdir()
    monkeypatch.chdir(tmp_path / "here")
    body = "import db\n\n\ndef find(name):\n    return db.execute('SELECT * FROM t WHERE n=' + name)\n"
    pull = Pushes(
        tmp_path / "world", {"README": "x\n"}, dict.fromkeys(NAMES, body), title=f"$(touch {CANARY}) @octo/team"
    )
    pull.world.limits = pull.world.limits._replace(diff_files=1, patch_lines=1)
    pull.world.pulls[pull.number].head_ref = f"$(touch {CANARY})"
    with HubServer(pull.world) as hub:
        pull.world.address = hub.url
        yield pull


def test_no_name_is_run_and_every_file_is_reviewed(pull: Pushes) -> None:
    done = pull.review(models=("rules/builtin",))
    assert {finding.path for finding in done.report.findings} == set(NAMES)
    assert list(Path.cwd().iterdir()) == []
    assert not list(Path(pull.root).rglob(CANARY))


def test_no_name_acts_on_the_pull_request(pull: Pushes) -> None:
    pull.hear(
        *(draft(f"In {name}", name, "    return db.execute('SELECT * FROM t WHERE n=' + name)", 5) for name in NAMES)
    )
    bodies = [pull.conversation.comments[0].body, *(thread.remarks[0].body for thread in pull.threads)]
    for body in bodies:
        words = " ".join(plain_text(body))
        assert not re.search(r"@octo|^::|\u202e", words)
        assert not [
            node for node in nodes(body) if node.type == "image" or ("<img" in node.content and "html" in node.type)
        ]
        hrefs = [node.attrGet("href") for node in nodes(body) if node.type == "link_open"]
        assert [href for href in hrefs if not str(href).startswith("http")] == []


def test_git_is_given_no_name_of_the_author(pull: Pushes, monkeypatch: pytest.MonkeyPatch) -> None:
    """The audit hook sees every process that is started, and with which words."""
    started: list[list[str]] = []
    real = subprocess.Popen.__init__

    def noted(self: subprocess.Popen[bytes], args: list[str], *rest: object, **more: object) -> None:
        started.append([str(word) for word in args])
        real(self, args, *rest, **more)

    monkeypatch.setattr(subprocess.Popen, "__init__", noted)
    pull.review(models=("rules/builtin",))
    ours = [words for words in started if "http-backend" not in words]
    assert {Path(words[0]).name for words in ours} == {"git"}
    assert not any(CANARY in word or "upload-pack" in word for words in ours for word in words)
