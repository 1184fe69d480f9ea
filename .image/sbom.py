# ruff: noqa: INP001  a script, not a package
"""What is in the image besides Debian's packages, as a CycloneDX 1.6 document on standard output.

    python .image/sbom.py

All of it stands in requirements.txt: name, version, the hash of each wheel that may have been taken, and what needs it.
The same requirements give the same bytes: there is no clock and no chance in it.
"""

import json
import re
import sys
import tomllib
from pathlib import Path
from typing import NamedTuple

ROOT = Path(__file__).parents[1]
PROJECT = "reviewbot (pyproject.toml)"


class Part(NamedTuple):
    """A package that is installed. `needed_by` holds names; empty where only the build asked for it."""

    name: str
    version: str
    hashes: tuple[str, ...]
    needed_by: tuple[str, ...]

    @property
    def purl(self) -> str:
        return f"pkg:pypi/{self.name}@{self.version}"


def read_requirements(text: str) -> tuple[Part, ...]:
    """The parts, as `.image/renew` writes them. Raises ValueError for a line that is not understood."""
    blocks = re.split(r"\n(?=\S)", text.strip())
    return tuple(_read(block) for block in blocks if not block.startswith("#"))


def _read(block: str) -> Part:
    shape = r"([a-z0-9-]+)==(\S+)((?: \\\n +--hash=sha256:[0-9a-f]{64})+)(?:\n +# via (.+))?"
    found = re.fullmatch(shape, block.strip())
    if found is None:
        raise ValueError(f"not a hashed requirement: {block[:80]!r}")
    needed_by = [name for name in (found[4] or "").split(", ") if name and not name.startswith("-c ")]
    return Part(found[1], found[2], tuple(re.findall(r"[0-9a-f]{64}", found[3])), tuple(needed_by))


def bill(version: str, parts: tuple[Part, ...]) -> dict[str, object]:
    """The document: reviewbot of this version, its parts, and who needs whom."""
    project = f"pkg:pypi/reviewbot@{version}"
    needs: dict[str, list[str]] = {project: [], **{part.purl: [] for part in parts}}
    refs = {PROJECT: project, **{part.name: part.purl for part in parts}}
    for part in parts:
        for name in part.needed_by or (PROJECT,):
            needs[refs[name]].append(part.purl)
    return {
        "bomFormat": "CycloneDX",
        "specVersion": "1.6",
        "version": 1,
        "metadata": {
            "lifecycles": [{"phase": "build"}],
            "component": _component(project, "application", "reviewbot", version),
        },
        "components": [
            {**_component(part.purl, "library", part.name, part.version), "externalReferences": [_wheels(part)]}
            for part in parts
        ],
        "dependencies": [{"ref": ref, "dependsOn": sorted(needed)} for ref, needed in needs.items()],
    }


def _component(purl: str, kind: str, name: str, version: str) -> dict[str, str]:
    return {"type": kind, "bom-ref": purl, "name": name, "version": version, "purl": purl}


def _wheels(part: Part) -> dict[str, object]:
    """Where it came from. One of the hashes is that of the wheel: which one depends on the machine."""
    hashes = [{"alg": "SHA-256", "content": content} for content in part.hashes]
    return {"type": "distribution", "url": part.purl, "hashes": hashes}


def main() -> None:
    version = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]["version"]
    parts = read_requirements((ROOT / ".image" / "requirements.txt").read_text())
    json.dump(bill(version, parts), sys.stdout, indent=1)
    sys.stdout.write("\n")


if __name__ == "__main__":
    main()
