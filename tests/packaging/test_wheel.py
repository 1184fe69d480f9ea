"""What is installed is what stands in the repository: prompts, rules and schemas are part of the wheel."""

import subprocess
import sys
import zipfile
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]


@pytest.fixture(scope="module")
def wheel(tmp_path_factory: pytest.TempPathFactory) -> Path:
    out = tmp_path_factory.mktemp("wheel")
    command = [sys.executable, "-m", "build", "--wheel", "--no-isolation", "--outdir", str(out), str(ROOT)]
    subprocess.run(command, check=True, capture_output=True)
    return next(out.glob("*.whl"))


def tracked(folder: str) -> set[str]:
    listed = subprocess.run(["git", "ls-files", folder], check=True, capture_output=True, text=True, cwd=ROOT).stdout
    return set(listed.splitlines())


def test_the_wheel_holds_the_package_and_the_prompts_and_nothing_else(wheel: Path) -> None:
    names = {name for name in zipfile.ZipFile(wheel).namelist() if ".dist-info/" not in name}
    prompts = {name.replace("prompts/", "reviewbot/_prompts/", 1) for name in tracked("prompts")}
    assert names == tracked("reviewbot") | prompts


def test_an_installed_wheel_reviews_without_the_checkout(wheel: Path, tmp_path: Path) -> None:
    zipfile.ZipFile(wheel).extractall(tmp_path / "site")
    code = "import reviewbot.council.prompt as p; print(p.prompts_root()); print(len(p.load_lenses()))"
    command = [sys.executable, "-c", f"import sys; sys.path.insert(0, {str(tmp_path / 'site')!r}); {code}"]
    lines = subprocess.run(command, check=True, capture_output=True, text=True, cwd=tmp_path).stdout.split()
    assert lines == [str(tmp_path / "site" / "reviewbot" / "_prompts"), "3"]
