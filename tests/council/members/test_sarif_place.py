"""What an address in a SARIF log means: a file of another folder is never taken for one that only ends alike."""

import pytest

from reviewbot.council.members.sarif_place import Base, Place, locate

HERE = "/srv/shop"
BASES = {
    "SRC": Base("file:///srv/shop/src/", ""),
    "LIB": Base("lib/", "%SRCROOT%"),
    "%SRCROOT%": Base("file:///builds/shop/", ""),
    "OTHER": Base("file:///other/vendor/", ""),
    "LOOP": Base("x", "LOOP"),
}


@pytest.mark.parametrize(
    ("uri", "base", "place"),
    [
        ("src/a%20b.py", "", Place("src/a b.py")),
        ("src\\a.py", "", Place("src/a.py")),
        ("./src/../src//a.py", "", Place("src/a.py")),
        ("../a.py", "", Place("../a.py")),
        ("file:///srv/shop/vendor/src/a.py", "", Place("vendor/src/a.py")),
        ("/srv/shop/src/a.py", "OTHER", Place("src/a.py")),
        ("file:///C:/repo/src/a.py", "", Place("C:/repo/src/a.py", "end")),
        ("file://host/repo/src/a.py", "", Place("/repo/src/a.py", "end")),
        ("/srv/shopping/a.py", "", Place("/srv/shopping/a.py", "end")),
        ("a.py", "SRC", Place("src/a.py")),
        ("a.py", "%SRCROOT%", Place("a.py")),
        ("a.py", "LIB", Place("lib/a.py")),
        ("a.py", "OTHER", Place("/other/vendor/a.py", "end and code")),
        ("a.py", "UNKNOWN", Place("a.py")),
        ("a.py", "LOOP", Place("x/x/x/x/x/a.py")),
        ("", "SRC", Place("")),
        (".", "", Place("")),
    ],
)
def test_an_address_is_counted_from_the_root_of_the_repository(uri: str, base: str, place: Place) -> None:
    assert locate(uri, base, BASES, HERE) == place
