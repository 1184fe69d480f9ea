"""Git's smart HTTP over the world's repository, by git's own `http-backend`: fetches only.

A private repository wants a token.
"""

import base64
import binascii
import subprocess
from email.message import Message
from typing import Final

from hub.call import Reply
from hub.permissions import require
from hub.rejection import Rejection
from hub.store import git_environment
from hub.world import World

ASK: Final = Reply(401, b"Authentication required\n", {"WWW-Authenticate": 'Basic realm="GitHub"'})


def answer(world: World, method: str, rest: str, *, query: str, headers: Message, body: bytes) -> Reply:
    """`rest` is what follows `.git`: "/info/refs", "/git-upload-pack"."""
    if "git-receive-pack" in rest + query:
        return Reply(403, b"The fake takes no pushes\n")
    if not may_fetch(world, headers.get("Authorization")):
        return ASK
    asked = {
        "GIT_PROJECT_ROOT": str(world.store.path.parent),
        "GIT_HTTP_EXPORT_ALL": "1",
        "PATH_INFO": f"/{world.store.path.name}{rest}",
        "REQUEST_METHOD": method,
        "QUERY_STRING": query,
        "CONTENT_TYPE": headers.get("Content-Type", ""),
        "CONTENT_LENGTH": str(len(body)),
        "HTTP_CONTENT_ENCODING": headers.get("Content-Encoding", ""),
        "GIT_PROTOCOL": headers.get("Git-Protocol", ""),
        "REMOTE_ADDR": "127.0.0.1",
    }
    done = subprocess.run(
        ["git", "http-backend"],
        input=body,
        env=git_environment(world.store.path) | asked,
        capture_output=True,
        check=False,
    )
    return _reply(done.stdout)


def may_fetch(world: World, authorization: str | None) -> bool:
    """Whether this header opens the repository. A wrong token opens nothing, not even a public one."""
    if authorization is None:
        return not world.repository.private
    scheme, _, secret = authorization.partition(" ")
    try:
        if scheme.lower() == "basic":
            secret = base64.b64decode(secret, validate=True).decode().partition(":")[2]
        require(world.grant(secret), "read", "contents")
    except (binascii.Error, UnicodeDecodeError, Rejection):
        return False
    return True


def _reply(output: bytes) -> Reply:
    """A CGI program's headers and body."""
    head, _, body = output.partition(b"\r\n\r\n")
    headers = dict(line.split(": ", 1) for line in head.decode().split("\r\n") if line)
    status = int(headers.pop("Status", "200 OK").split()[0])
    return Reply(status, body, headers)
