import pytest
from findings.samples import diff, file

from reviewbot.findings.paths import paths_of, resolve

PATHS = paths_of(
    diff(
        file(path="src/app/Main.py"),
        file(path="src/lib/main.py"),
        file(path="src/lib/orders/list.py"),
        file(path="README.md"),
        file(path="docs/README.md"),
        file(path="a/kept.py"),
        file(path="Makefile"),
        file(path="makefile"),
        file(path="new/name.py", old_path="old/name.py"),
        file(path="old/taken.py", old_path="elsewhere/first.py"),
        file(path="new/taken.py", old_path="old/taken.py"),
        file(path="one/copy.py", old_path="shared/source.py"),
        file(path="two/copy.py", old_path="shared/source.py"),
    )
)


@pytest.mark.parametrize(
    ("written", "meant"),
    [
        ("src/lib/orders/list.py", "src/lib/orders/list.py"),
        ("b/src/lib/orders/list.py", "src/lib/orders/list.py"),
        ("a/src/lib/orders/list.py", "src/lib/orders/list.py"),
        ("a/kept.py", "a/kept.py"),
        ("./src/lib/orders/list.py", "src/lib/orders/list.py"),
        ("src\\lib\\orders\\list.py", "src/lib/orders/list.py"),
        (" `src/lib/orders/list.py` ", "src/lib/orders/list.py"),
        ("orders/list.py", "src/lib/orders/list.py"),
        ("list.py", "src/lib/orders/list.py"),
        ("SRC/LIB/Orders/List.py", "src/lib/orders/list.py"),
        ("ORDERS\\LIST.PY", "src/lib/orders/list.py"),
        ("Main.py", "src/app/Main.py"),
        ("main.py", "src/lib/main.py"),
        ("readme.md", "README.md"),
        ("/home/me/shop/src/lib/orders/list.py", "src/lib/orders/list.py"),
        ("C:\\shop\\src\\lib\\orders\\list.py", "src/lib/orders/list.py"),
        ("old/name.py", "new/name.py"),
        ("old/taken.py", "old/taken.py"),
    ],
)
def test_a_path_is_mapped_to_the_one_file_it_can_mean(written: str, meant: str) -> None:
    assert resolve(written, PATHS) == meant


@pytest.mark.parametrize(
    "written",
    ["", "/", ".", "nowhere.py", "MAIN.PY", "MAKEFILE", "copy.py", "shared/source.py", "ist.py", "packages/README.md"],
)
def test_a_path_that_means_no_file_or_several_is_mapped_to_none(written: str) -> None:
    assert resolve(written, PATHS) is None


def test_a_name_is_known_as_prompts_write_it() -> None:
    odd, key = "a\u202epy.exe", f"keys/ghp_{'Zk3qRw' * 6}.py"
    paths = paths_of(diff(file(path=odd), file(path=key)))
    assert resolve("a<U+202E>py.exe", paths) == resolve(odd, paths) == odd
    assert resolve("keys/<SECRET:github:1>.py", paths) == key
