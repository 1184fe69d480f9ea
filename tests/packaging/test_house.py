"""The rules of the house that a reader feels: small files, short functions, nothing of anybody's machine."""

import ast
import subprocess
from collections.abc import Iterator
from pathlib import Path

ROOT = Path(__file__).parents[2]
SOURCES = sorted((ROOT / "reviewbot").rglob("*.py"))
MAX_FILE = 300
MAX_FUNCTION = 40


def test_a_file_is_one_thing_and_says_what_it_knows() -> None:
    wrong = [f"{path.relative_to(ROOT)}: {what}" for path in SOURCES for what in faults(path.read_text())]
    assert wrong == []


def faults(text: str) -> Iterator[str]:
    module = ast.parse(text)
    if not ast.get_docstring(module):
        yield "does not say what it knows"
    if len(text.splitlines()) > MAX_FILE:
        yield "is too long"
    for node in ast.walk(module):
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
            first = node.body[0].end_lineno if ast.get_docstring(node) else node.lineno
            if node.end_lineno - (first or 0) > MAX_FUNCTION:
                yield f"{node.name} is too long"


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
