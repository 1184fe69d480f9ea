"""A user's repository, opened so that nothing in it can run, change, or colour what is shown (THREATS S31, S32).

Two places to call git in. `user` is the repository itself, for questions that need its refs, index and files; what git
writes there lands in a directory of ours. `bare` is a temporary repository with the same objects and nothing else: no
configuration, attributes, hooks or home directory. Every diff and every page of the base commit is read in `bare`.

What a person's own configuration says about ignored files, line ends and trusted directories holds: else ignored files
would be shown to models, and every line of a CRLF checkout would look changed. The rest of it is never read.
"""

import os
import tempfile
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from reviewbot.sources.git import CONFIGURATION, HOME, Git, configured, environment, require_version

OVERRIDES: Mapping[str, str] = {
    "core.fsmonitor": "false",
    "core.hooksPath": "/dev/null",
    "core.safecrlf": "false",  # a warning about line ends must not become a refusal
    "core.splitIndex": "false",  # else git writes a shared index beside the user's
    "core.fsync": "none",  # what we write lives as long as we look at it
    "gc.auto": "0",
    "maintenance.auto": "false",
}
"""What the repository's own configuration cannot change."""
_PERSONAL = (
    "safe.directory",
    "core.excludesfile",
    "core.attributesfile",
    "core.autocrlf",
    "core.eol",
    "init.defaultbranch",
)
"""Settings of a person's or a machine's configuration that are honoured. None names a program."""
_HOOK = ("GIT_DIR", "GIT_WORK_TREE", "GIT_INDEX_FILE")
"""What git sets for its hooks."""


@dataclass(frozen=True, slots=True)
class Repository:
    """The two places to call git in, and what is known of the first."""

    user: Git
    bare: Git
    top: Path | None
    """Where the work tree begins; None where there is none."""
    index: Path
    """The user's index. Only ever read."""
    scratch: Path
    """A directory of ours that goes away with the repository."""
    shallow: bool


@contextmanager
def open_repository(where: Path) -> Iterator[Repository]:
    """Open the repository that `where` is in, or that a hook's GIT_DIR names.

    Raises BadRange where there is none or git refuses it, BadInput where git itself cannot be used.
    """
    with tempfile.TemporaryDirectory(prefix="reviewbot-") as directory:
        scratch = Path(directory).resolve()
        found = Git(
            where.absolute(),
            environment(
                *HOME,
                *_HOOK,
                GIT_CONFIG_GLOBAL=str(_personal_configuration(scratch)),
                **configured(OVERRIDES),
            ),
        )
        object_format, shallow = found.line("rev-parse", "--show-object-format", "--is-shallow-repository").split()
        bare = bare_repository(scratch, objects=_path(found, "objects"), object_format=object_format)
        top = _top(found)
        yield Repository(
            user=_pinned(found, top=top, objects=bare.directory / "objects"),
            bare=bare,
            top=top,
            index=Path(_path(found, "index")),
            scratch=scratch,
            shallow=shallow == "true",
        )


def _personal_configuration(scratch: Path) -> Path:
    """Write a configuration file of the `_PERSONAL` settings and no other."""
    git = Git(scratch, environment(*HOME, *CONFIGURATION, GIT_CEILING_DIRECTORIES=str(scratch.parent)))
    require_version(git)
    names = "|".join(name.replace(".", r"\.") for name in _PERSONAL)
    file = scratch / "config"
    text = "".join(_setting(key, value) for key, value in git.settings(f"^({names})$"))
    file.write_text(text, encoding="utf-8", errors="surrogateescape")
    return file


def _setting(key: str, value: str | None) -> str:
    section, _, name = key.partition(".")
    return f"[{section}]\n\t{name}{'' if value is None else f' = {_quoted(value)}'}\n"


def _quoted(text: str) -> str:
    """As git's configuration and `objects/info/alternates` both read it."""
    escaped = text.replace("\\", r"\\").replace('"', r"\"").replace("\n", r"\n")
    return f'"{escaped}"'


def _path(found: Git, name: str) -> str:
    return found.line("rev-parse", "--path-format=absolute", "--git-path", name)


def _top(found: Git) -> Path | None:
    """None in a bare repository, and inside the `.git` directory, where git refuses to say."""
    output = found.call("rev-parse", "--show-toplevel")
    return None if output.code else Path(os.fsdecode(output.out.removesuffix(b"\n")))


def _pinned(found: Git, *, top: Path | None, objects: Path) -> Git:
    """The same repository from its top, by absolute paths, with new objects kept out of it and all filters inert."""
    git = found.with_environment(
        GIT_DIR=found.line("rev-parse", "--absolute-git-dir"), GIT_OBJECT_DIRECTORY=str(objects)
    )
    if top is not None:
        git = Git(top, {**git.environment, "GIT_WORK_TREE": str(top)})
    drivers = sorted({key.rpartition(".")[0] for key, _ in git.settings(r"^filter\..*\.")})
    inert = {"clean": "", "smudge": "", "process": "", "required": "false"}
    nothing = {f"{driver}.{key}": value for driver in drivers for key, value in inert.items()}
    return git.with_environment(**configured({**OVERRIDES, **nothing}))


def bare_repository(scratch: Path, *, objects: str, object_format: str) -> Git:
    """A new repository in `scratch`, whose only content is a link to `objects` (gitrepository-layout, alternates)."""
    place = scratch / "bare"
    place.mkdir()
    git = Git(place, environment(GIT_DIR=str(place), GIT_LITERAL_PATHSPECS="1"))
    git.read("init", "--quiet", "--bare", "--template=", f"--object-format={object_format}")
    links = place / "objects" / "info" / "alternates"
    links.parent.mkdir(exist_ok=True)
    # quoted, because a path may begin with # or hold a line feed
    links.write_text(_quoted(objects) + "\n", encoding="utf-8", errors="surrogateescape")
    return git
