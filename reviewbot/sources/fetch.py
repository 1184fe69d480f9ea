"""Commits of a repository elsewhere, fetched through git: the diff between two, or the files of one.

For a diff, both commits go without history or file contents into a temporary repository, then the contents of what
differs. Nothing is checked out, no hook runs, and of a person's configuration git sees nothing. The URL and
the token reach git through its environment, never through arguments (THREATS S10). Knows nothing of pull requests.
"""

import re
import tempfile
import threading
import time
from contextlib import suppress
from pathlib import Path
from urllib.parse import urlsplit

from reviewbot.errors import BadInput
from reviewbot.forge.model import GitAccess
from reviewbot.sources.git import DIFF_FLAGS, Git, configured, environment, refusal, require_version
from reviewbot.sources.repository import OVERRIDES

MAX_FETCHED_BYTES = 1_000_000_000
"""What both commits may take on disk before the contents of what differs are fetched."""
MAX_COMMIT_BYTES = 200_000_000
COMMIT_SECONDS = 60.0
"""What one commit may take on disk, compressed as git sends it, and how long that may last."""
MAX_DIFF_BYTES = 100_000_000
MAX_FILE_BYTES = 50_000_000
"""A larger file is binary to git, which then neither holds it in memory nor compares it (core.bigFileThreshold)."""
_FETCH_FLAGS = ("--quiet", "--no-tags", "--no-write-fetch-head", "--depth=1")
"""A server that knows no filters sends the contents with the trees."""
_SLOW = {"http.lowSpeedLimit": "1000", "http.lowSpeedTime": "30"}
"""Bytes a second, and the seconds after which git gives a slower answer up. `git.SECONDS` bounds every call."""
_NETWORK = ("HTTPS_PROXY", "https_proxy", "NO_PROXY", "no_proxy", "GIT_SSL_CAINFO", "SSL_CERT_FILE", "SSL_CERT_DIR")
"""Variables of the process that say how this machine reaches others (git-config, http.proxy; curl)."""
_LOOPBACK = {"localhost", "127.0.0.1", "::1"}
_REMEDY = "split the change, or review it in a clone: `reviewbot check BASE...HEAD`"


def fetch_diff(access: GitAccess, base: str, head: str) -> bytes:
    """What `git diff` prints between two commits, named by their full hashes; empty where nothing differs.

    Raises BadInput where git cannot be used, the server does not give both commits, or they are beyond our limits.
    """
    with tempfile.TemporaryDirectory(prefix="reviewbot-") as directory:
        place = Path(directory).resolve()
        git = _at(place, access, base, head)
        try:
            _begin(git, head)
            git.read("fetch", *_FETCH_FLAGS, "--filter=blob:none", "origin", base, head)
            _bounded(place, MAX_FETCHED_BYTES)
            printed = place / "diff"
            git.read("diff", *DIFF_FLAGS, f"--output={printed}", "--end-of-options", base, head, "--")
            _bounded(printed, MAX_DIFF_BYTES)
        except BadInput as error:
            raise BadInput("git fetch", error.what, _REMEDY) from error
        return printed.read_bytes()


def fetch_commit(
    place: Path, access: GitAccess, sha: str, *, file_bytes: int, stop: threading.Event | None = None
) -> Path:
    """Fetch one commit into the empty folder `place`, without larger files, and say where its objects are.

    Setting `stop` ends it.

    Raises BadInput where git cannot be used, the server does not give the commit, or it is beyond our limits.
    """
    ends = time.monotonic() + COMMIT_SECONDS
    git = _at(place, access, sha)
    if stop is not None:
        git = git.with_stop(stop)
    _begin(git, sha)
    flags = (*_FETCH_FLAGS, f"--filter=blob:limit={file_bytes}")

    def wanted(_printed: int) -> bool:  # a folder that is gone is one of a run that was interrupted
        return time.monotonic() < ends and place.exists() and _size(place) <= MAX_COMMIT_BYTES

    output = git.call_while(wanted, "fetch", *flags, "origin", sha)
    too_large = _size(place) > MAX_COMMIT_BYTES
    if output.code < 0 or too_large:
        bound = f"{MAX_COMMIT_BYTES:,} bytes" if too_large else f"{COMMIT_SECONDS:,.0f} seconds"
        raise BadInput("git fetch", f"the commit takes more than {bound}", _REMEDY)
    if output.code:
        raise refusal("fetch", output.err)
    return place / "objects"


def _at(place: Path, access: GitAccess, *shas: str) -> Git:
    """A folder to call git in, and one server to fetch from. Raises BadInput for what is no full hash of a commit."""
    for sha in shas:
        if not re.fullmatch(r"[0-9a-f]{40}|[0-9a-f]{64}", sha):
            raise BadInput("git fetch", f"{sha!r} is no full hash of a commit", _REMEDY)
    return Git(place, _environment(place, access))


def _begin(git: Git, sha: str) -> None:
    require_version(git)
    git.read("init", "--quiet", "--bare", "--template=", f"--object-format={format_of(sha)}")


def format_of(sha: str) -> str:
    """How a repository names the objects that such a hash is one of."""
    return "sha1" if len(sha) == 40 else "sha256"


def _environment(place: Path, access: GitAccess) -> dict[str, str]:
    """The whole environment of git: one remote, one protocol, and the token for that URL alone."""
    url = urlsplit(access.url)
    if url.scheme != "https" and not (url.scheme == "http" and url.hostname in _LOOPBACK):
        raise BadInput("git fetch", f"{url.scheme}:// would carry the token in clear", "use an https:// server")
    settings = {
        **OVERRIDES,
        **_SLOW,
        "core.bigFileThreshold": str(MAX_FILE_BYTES),
        "remote.origin.url": access.url,
        "http.followRedirects": "false",  # the header would follow to wherever a server points
    }
    if access.authorization is not None:
        settings |= {f"http.{access.url}.extraHeader": f"Authorization: {access.authorization}"}
    return environment(
        *_NETWORK,
        GIT_DIR=str(place),
        GIT_ALLOW_PROTOCOL=url.scheme,
        GIT_NO_LAZY_FETCH="0",  # contents are fetched by the diff that needs them
        **configured(settings),
    )


def _bounded(place: Path, limit: int) -> None:
    size = _size(place)
    if size > limit:
        raise BadInput("git fetch", f"the change takes {size:,} bytes, more than {limit:,}", _REMEDY)


def _size(place: Path) -> int:
    """Bytes of a file, or of all that is in a folder. git renames and deletes there while it fetches."""
    size = 0
    for path in (place, *place.rglob("*")):
        with suppress(FileNotFoundError):
            size += path.stat().st_size if path.is_file() else 0
    return size
