"""The only place that runs a program: git, with fixed flags, in an environment of our own (THREATS S31, S32).

Knows how git is called and what its refusals mean for a person. Knows nothing of reviews, and not which repository.
"""

import os
import re
import shutil
import signal
import subprocess
import tempfile
import threading
import time
from collections.abc import Callable, Mapping
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

from reviewbot.errors import BadInput, BadRange

DIFF_FLAGS = (
    "--no-color",
    "--no-ext-diff",
    "--no-textconv",
    "--src-prefix=a/",
    "--dst-prefix=b/",
    "--full-index",
    "-M",
    "-O/dev/null",
    "--submodule=short",
    "--no-relative",
    "--ignore-submodules=none",
    "-U3",
    "--inter-hunk-context=0",
)
"""How every diff is printed, whatever the user's or the repository's configuration says (THREATS section 4).

Not `--text`: our diffs run in a bare repository without attributes, so "Binary files differ" can only come from git's
own test, a NUL in the first 8,000 bytes. With `--text` an image would arrive as lines.
"""
MINIMUM_VERSION = (2, 34)
"""`git add --sparse` is of 2.34, GIT_CONFIG_GLOBAL of 2.32, GIT_CONFIG_COUNT of 2.31 (git's release notes)."""
SECONDS = 300.0
"""No call of git may take longer."""

_INHERITED = ("PATH", "TMPDIR", "SUDO_UID", "SYSTEMROOT")
"""SUDO_UID: under sudo, git takes the person behind it for the owner."""
HOME = ("HOME", "XDG_CONFIG_HOME", "USERPROFILE")
"""Where git looks for a person's ignore patterns and attributes."""
CONFIGURATION = ("GIT_CONFIG_GLOBAL", "GIT_CONFIG_SYSTEM", "GIT_CONFIG_NOSYSTEM")
"""Where git looks for a person's and a machine's configuration."""
_FIXED = {
    "GIT_CONFIG_SYSTEM": os.devnull,
    "GIT_CONFIG_NOSYSTEM": "1",
    "GIT_CONFIG_GLOBAL": os.devnull,
    "GIT_ATTR_NOSYSTEM": "1",
    "GIT_ALLOW_PROTOCOL": "none",  # unlike protocol.allow, above what a repository says of one protocol
    "GIT_TERMINAL_PROMPT": "0",
    "GIT_NO_REPLACE_OBJECTS": "1",
    "GIT_NO_LAZY_FETCH": "1",
    "GIT_OPTIONAL_LOCKS": "0",
    "LC_ALL": "C",
}


@dataclass(frozen=True, slots=True)
class Output:
    """How one call of git ended. Bytes as git wrote them."""

    code: int
    out: bytes
    err: bytes


@dataclass(frozen=True, slots=True)
class Git:
    """A place to run git in: a directory, and the whole environment of the calls made there."""

    directory: Path
    environment: Mapping[str, str]
    stop: threading.Event | None = None
    """Once it is set, a call under way is killed within a tenth of a second, and raises."""

    def call(self, *arguments: str, stdin: bytes = b"") -> Output:
        """Run git, whatever its exit code.

        Raises BadInput where git is not installed, takes longer than `SECONDS` or is stopped, or the directory cannot
        be entered.
        """
        program, ends = self._program(), time.monotonic() + SECONDS
        try:
            process = subprocess.Popen(  # noqa: S603  the arguments are ours; revisions stand behind --end-of-options
                [program, *arguments],
                cwd=self.directory,
                env=dict(self.environment),
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                stderr=subprocess.PIPE,
            )
        except OSError as error:
            raise _unusable(error, program) from error
        with process:
            given: bytes | None = stdin
            while self._goes_on(ends):
                try:
                    out, err = process.communicate(given, timeout=SECONDS if self.stop is None else 0.1)
                except subprocess.TimeoutExpired:
                    given = None  # what is left of it is sent by the next call
                else:
                    return Output(process.returncode, out, err)
            process.kill()
        why = "was stopped" if self.stopped else f"did not end within {SECONDS:.0f} seconds"
        raise BadInput(f"git {arguments[0]}", why, "review less at once: `--staged` or a range A..B")

    @property
    def stopped(self) -> bool:
        return self.stop is not None and self.stop.is_set()

    def call_while(self, wanted: Callable[[int], bool], *arguments: str) -> Output:
        """Run git while `wanted`, which is asked ten times a second with the bytes printed so far.

        Then it is killed with all it started, and what it printed until then is given with the code of the signal.
        Raises BadInput as `call` does.
        """
        program, ends, err = self._program(), time.monotonic() + SECONDS, None
        with tempfile.TemporaryFile() as printed:
            try:
                process = subprocess.Popen(  # noqa: S603  the arguments are ours, words are letters and digits
                    [program, *arguments],
                    cwd=self.directory,
                    env=dict(self.environment),
                    stdin=subprocess.DEVNULL,
                    stdout=printed,
                    stderr=subprocess.PIPE,
                    start_new_session=True,  # its own group, to be killed with the program that talks to a server
                )
            except OSError as error:
                raise _unusable(error, program) from error
            try:
                while err is None and self._goes_on(ends) and wanted(os.fstat(printed.fileno()).st_size):
                    with suppress(subprocess.TimeoutExpired):
                        _, err = process.communicate(timeout=0.1)
            finally:
                if err is None:
                    with suppress(ProcessLookupError, PermissionError):  # it has just ended
                        os.killpg(process.pid, signal.SIGKILL)
                    process.wait()
            if process.stderr:
                process.stderr.close()
            printed.seek(0)
            return Output(process.returncode, printed.read(), err or b"")

    def _goes_on(self, ends: float) -> bool:
        return time.monotonic() < ends and not self.stopped

    def _program(self) -> str:
        program = shutil.which("git", path=self.environment.get("PATH"))
        if program is None:
            raise BadInput(
                "git",
                "is not installed, or not on PATH",
                "install git, or review a patch file: `reviewbot check --diff FILE`",
            )
        return program

    def read(self, *arguments: str, stdin: bytes = b"") -> bytes:
        """What git prints. Raises BadRange, with what its refusal means, where the exit code is not 0."""
        output = self.call(*arguments, stdin=stdin)
        if output.code:
            raise refusal(arguments[0], output.err)
        return output.out

    def line(self, *arguments: str) -> str:
        """The one line git prints, without its line feed (a path may hold others)."""
        return os.fsdecode(self.read(*arguments).removesuffix(b"\n"))

    def settings(self, pattern: str) -> list[tuple[str, str | None]]:
        """Configuration keys that match, with their values; None for a key that stands alone, which means true."""
        output = self.call("config", "--null", "--includes", "--get-regexp", pattern)
        if output.code not in {0, 1}:  # 1: no key matches
            raise refusal("config", output.err)
        entries = (os.fsdecode(entry).partition("\n") for entry in output.out.split(b"\0") if entry)
        return [(key, value if equals else None) for key, equals, value in entries]

    def with_environment(self, **variables: str) -> "Git":
        """The same place, where these variables say more."""
        return Git(self.directory, {**self.environment, **variables}, self.stop)

    def with_stop(self, stop: threading.Event) -> "Git":
        """The same place, where setting the event ends every call."""
        return Git(self.directory, self.environment, stop)


def _unusable(error: OSError, program: str) -> BadInput:
    what = error.strerror or "cannot be used"
    return BadInput(str(error.filename or program), what, "name a directory of a git repository")


def environment(*personal: str, **variables: str) -> dict[str, str]:
    """The whole environment of a call. Of the process's own: what git needs to run, and the variables in `personal`."""
    inherited = {name: os.environ[name] for name in (*_INHERITED, *personal) if name in os.environ}
    return {name: value for name, value in _FIXED.items() if name not in personal} | inherited | variables


def configured(settings: Mapping[str, str]) -> dict[str, str]:
    """Variables that make these settings win over every configuration file.

    `-c` would cut a key at its first `=`, and a filter driver may be named with one.
    """
    variables = {"GIT_CONFIG_COUNT": str(len(settings))}
    for number, (key, value) in enumerate(settings.items()):
        variables |= {f"GIT_CONFIG_KEY_{number}": key, f"GIT_CONFIG_VALUE_{number}": value}
    return variables


def require_version(git: Git) -> None:
    """Raise BadInput where git is older than `MINIMUM_VERSION`: it would not understand our environment."""
    said = git.line("version")
    found = re.search(r"(\d+)\.(\d+)", said)
    if found is None or (int(found[1]), int(found[2])) < MINIMUM_VERSION:
        needed = ".".join(map(str, MINIMUM_VERSION))
        raise BadInput("git", f"`{said}` is too old", f"install git {needed} or later")


_MEANINGS = (
    (
        r"not a git repository",
        "there is no git repository here",
        "run it inside one, or review a patch: `git diff | reviewbot check --diff -`",
    ),
    (
        r"Permission denied",
        "something here cannot be read",
        "make it readable or ignore it, or review `--staged` or a range A..B",
    ),
    (
        r"does not have a commit checked out",
        "a repository inside this one has no commits",
        "commit in it, or ignore it in .gitignore",
    ),
    (
        r": unmerged \(",
        "the index holds unmerged paths",
        "resolve them with `git add`, or review the work tree without `--staged`",
    ),
    (
        r"unable to (?:read|find)|[Cc]ould not (?:read|fetch)|(?:bad|missing|invalid) (?:object|blob|tree)|not allowed",
        "an object is missing: the clone is partial, shallow or damaged",
        "let git fetch it by running `git diff` over the same range once; `git fsck` names what is damaged",
    ),
)


def refusal(command: str, stderr: bytes) -> BadRange:
    """What git's refusal means for a person, in one line, with git's own words where they say which."""
    words = [line.strip() for line in stderr.decode("utf-8", "replace").splitlines() if line.strip()]
    text = "\n".join(words)
    owner = re.search(r"(?:dubious ownership in repository at |unsafe repository \()'(.*)'", text)  # git before 2.38
    if owner:
        return BadRange(
            owner[1],
            "belongs to another user, and git refuses it",
            f"if you trust it: git config --global --add safe.directory '{owner[1]}'",
        )
    for pattern, what, remedy in _MEANINGS:
        said = next((line for line in words if re.search(pattern, line)), None)
        if said is not None:
            return BadRange("git", f"{what} ({_bare(said)})", remedy)
    said = next((line for line in words if line.startswith(("fatal:", "error:"))), " ".join(words) or "no reason given")
    return BadRange(f"git {command}", _bare(said), "mend what git names, then run it again")


def _bare(line: str) -> str:
    return re.sub(r"^(?:fatal|error|warning): ", "", line)
