"""Parts of a conversation for tests: what we or others wrote, signed by us or not."""

from forge.posting_scene import PATH

from reviewbot.forge.marks import Mark, Signer
from reviewbot.forge.model import Remark, Thread

SIGNER = Signer((b"key",), "4001#7")


def remark(mark: Mark | None, number: int = 1, **more: object) -> Remark:
    values: dict[str, object] = {
        "id": number, "node_id": str(number), "body": SIGNER.sign(mark, "Said.") if mark else "Said.", "ours": True,
        "author": "reviewbot", "author_is_bot": True, "created": "2026-11-21T10:00:00Z", "url": f"https://hub/{number}",
    }  # fmt: skip
    return Remark.model_validate(values | more)


def thread(*remarks: Remark, resolved: bool = False, number: int = 1) -> Thread:
    return Thread(id=f"T{number}", path=PATH, line=3, resolved=resolved, outdated=False, remarks=remarks)
