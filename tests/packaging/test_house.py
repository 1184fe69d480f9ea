"""The rules of the house that a reader feels: small files, short functions, nothing of anybody's machine."""

import ast
import subprocess
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
SOURCES = sorted((ROOT / "reviewbot").rglob("*.py"))
MAX_FILE = 300
MAX_FUNCTION = 40


@pytest.mark.parametrize("path", SOURCES, ids=lambda path: str(path.relative_to(ROOT)))
def test_a_file_is_one_thing(path: Path) -> None:
    text = path.read_text()
    assert len(text.splitlines()) <= MAX_FILE
    for node in ast.walk(ast.parse(text)):
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
            first = node.body[0].end_lineno if ast.get_docstring(node) else node.lineno
            assert node.end_lineno - (first or 0) <= MAX_FUNCTION, f"{node.name} is too long"


@pytest.mark.parametrize("path", SOURCES, ids=lambda path: str(path.relative_to(ROOT)))
def test_a_module_says_what_it_knows(path: Path) -> None:
    assert ast.get_docstring(ast.parse(path.read_text()))


def test_every_module_has_a_test_of_its_name() -> None:
    tests = {path.name for path in (ROOT / "tests").rglob("test_*.py")}
    bare = [path.name for path in SOURCES if not path.name.startswith("__") and f"test_{path.name}" not in tests]
    assert bare == []


def test_nothing_of_a_machine_or_a_registry_is_kept() -> None:
    listed = subprocess.run(["git", "ls-files", "-z"], check=True, capture_output=True, text=True, cwd=ROOT).stdout
    foreign = ("/ro" + "ot/", "/wo" + "rk/", "pythonhos" + "ted", "registry.npm" + "js")
    for name in filter(None, listed.split("\0")):
        text = (ROOT / name).read_bytes().decode("utf-8", "replace") if (ROOT / name).is_file() else ""
        assert not [word for word in foreign if word in text], name


def test_the_address_of_github_stands_in_one_module() -> None:
    """On an Enterprise Server every address is the operator's (THREATS G34)."""
    named = [path.name for path in SOURCES if "github.com" in path.read_text().replace("githubusercontent", "")]
    assert named == ["access.py"]
