"""Where an address in a SARIF log points, as a path of the repository, and how far that can be trusted.

Knows URIs, their bases and the folder we stand in; neither files nor the log around them.
"""

import posixpath
import re
from collections.abc import Mapping
from typing import Literal, NamedTuple
from urllib.parse import unquote

Match = Literal["name", "end", "end and code"]
"""How a file is known by a path: by all of it; or, where it is of another machine, by its end; and where nobody knows
what it is counted from, by its end and only if the code is the same."""
MAX_BASES = 5
"""How often the base of an address has a base itself."""


class Base(NamedTuple):
    """One of `originalUriBaseIds`."""

    uri: str
    base: str
    """The name of its own, or empty."""


class Place(NamedTuple):
    """A path; empty where there is none."""

    path: str
    match: Match = "name"


def locate(uri: str, base: str, bases: Mapping[str, Base], here: str) -> Place:
    """From the root of the repository, which `here` is taken for where a path lies under it."""
    path, name, from_root = plain(uri), base, ""
    for _ in range(MAX_BASES):
        if not name or not path or _is_rooted(path):
            break
        from_root = path if "ROOT" in name.upper() else from_root  # %SRCROOT%, as most tools call the repository's
        at = bases.get(name, Base("", ""))
        path, name = posixpath.join(plain(at.uri), path), at.base
    path = posixpath.normpath(path)
    if path == ".":
        return Place("")
    if path.startswith(f"{here}/"):
        return Place(path[len(here) + 1 :])
    if from_root or not _is_rooted(path):
        return Place(posixpath.normpath(from_root or path))
    return Place(path, "end and code" if base else "end")


def plain(uri: str) -> str:
    """A path: without scheme and host, its blanks and letters decoded, with forward slashes."""
    path = unquote(re.sub(r"^file:(//[^/]*)?", "", uri)).replace("\\", "/")
    return path[1:] if re.match(r"/[A-Za-z]:/", path) else path


def _is_rooted(path: str) -> bool:
    return path.startswith("/") or re.match(r"[A-Za-z]:/", path) is not None
