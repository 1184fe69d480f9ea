"""Changes of one file each that readers of diffs stumble over, to be put together into pull requests."""

from collections.abc import Iterable, Mapping
from typing import NamedTuple

from hub.store import Entry
from hub.world import World

Content = bytes | Entry | None
LINES = b"".join(b"line %d\n" % number for number in range(30))
EDITED = LINES.replace(b"line 4\n", b"line four\n").replace(b"line 25\n", b"")
PICTURE = b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR"


class Odd(NamedTuple):
    """What stands at the paths on both sides; None where nothing does."""

    old: Mapping[str, Content]
    new: Mapping[str, Content]


def _own(name: str) -> bytes:
    """Text like no other file's, so that git takes nothing for its new name."""
    return b"".join(b"%s %d\n" % (name.encode(), number) for number in range(9))


def _edit(path: str, old: Content = LINES, new: Content = EDITED) -> Odd:
    return Odd({path: old}, {path: new})


CERTAIN = {
    "a plain edit": _edit("plain.py"),
    "a quote and a backslash in the name": _edit('q"u\\ote.py'),
    "a tab in the name": _edit("t\tab.py"),
    "a line feed in the name": _edit("l\nf.py"),
    "a name like an option": _edit("-rf"),
    "a name like a command": _edit("$(touch x)`id`;'.py"),
    "a name like a header": _edit("x b/x"),
    "a name in Chinese": _edit("目录/文件.py"),
    "a name in emoji": _edit("🚀/✨.py"),
    "spaces": _edit(" two  spaces .py"),
    "CR LF": _edit("crlf.txt", LINES.replace(b"\n", b"\r\n"), EDITED.replace(b"\n", b"\r\n")),
    "lone CR": _edit("cr.txt", b"a\rb\n", b"a\rc\r\r\n"),
    "line separators in a line": _edit("ls.txt", b"a\xe2\x80\xa8b\x0c\n", b"a\xe2\x80\xa8c\x0b\xc2\x85\n"),
    "no final line feed before": _edit("before.txt", b"a\nb", b"a\nb\n"),
    "no final line feed after": _edit("after.txt", b"a\nb\n", b"a\nc"),
    "no final line feed at all": _edit("never.txt", b"a", b"b"),
    "lines like headers": _edit(
        "headers.txt", b"-- a/x\n", b"++ b/x\n@@ -1 +1 @@\n\\ No newline\ndiff --git a/x b/x\n"
    ),
    "empty lines": _edit("empty lines.txt", b"\n\n\n", b"\n\n\n\n"),
    "an added file": _edit("new.py", None, _own("new")),
    "a deleted file": _edit("gone.py", _own("gone"), None),
    "an empty added file": _edit("empty.py", None, b""),
    "an empty deleted file": _edit("was empty.py", b"", None),
    "a file emptied": _edit("emptied.py", LINES, b""),
    "a file filled": _edit("filled.py", b"", LINES),
    "an executable": _edit("run.sh", None, Entry("100755", _own("run"))),
    "another mode": _edit("mode.sh", LINES, Entry("100755", LINES)),
    "another mode and an edit": _edit("both.sh", LINES, Entry("100755", EDITED)),
    "an edit of an executable": _edit("edit.sh", Entry("100755", LINES), Entry("100755", EDITED)),
    "a link": _edit("link", None, Entry("120000", b"/etc/passwd")),
    "a link elsewhere": _edit("moved link", Entry("120000", b"here"), Entry("120000", b"../../there")),
    "a link removed": _edit("old link", Entry("120000", b"here"), None),
    "a submodule": _edit("sub", None, Entry("160000", b"1" * 40)),
    "a submodule at another commit": _edit("sub2", Entry("160000", b"1" * 40), Entry("160000", b"2" * 40)),
    "a rename": Odd({"from.py": _own("moved")}, {"from.py": None, "to.py": _own("moved")}),
    "a rename with an edit": Odd(
        {"old/e.py": _own("edit")}, {"old/e.py": None, 'new/"e".py': _own("edit") + b"more\n"}
    ),
    "a rename with another mode": Odd({"m 1": _own("m")}, {"m 1": None, "m 2": Entry("100755", _own("m"))}),
    "a picture": _edit("a.png", None, PICTURE),
    "another picture": _edit("b.png", PICTURE + b"1", PICTURE + b"2"),
    "a picture removed": _edit("c.png", b"\0removed", None),
    "text that becomes binary": _edit("d.bin", LINES, PICTURE + b"4"),
}
"""Each source gives the same for these."""
UNCERTAIN = {
    "latin-1": _edit("latin.txt", b"caf\xe9\n", b"caf\xe9s\n"),
    "a replacement character": _edit("replaced.txt", b"?\n", "\N{REPLACEMENT CHARACTER}\n".encode()),
    "a name that is not UTF-8": _edit("caf\udce9.py"),
    "a file that becomes a link": _edit("kind", LINES, Entry("120000", b"here")),
}
"""GitHub's list of files cannot be certain of these."""


def pull_of(world: World, changes: Iterable[Odd], **facts: str | bool) -> int:
    """Open a pull request of these changes against `main`, which has had a commit of its own since."""
    old: dict[str, Content] = {"README.md": b"read\n"}
    new: dict[str, Content] = {}
    for change in changes:
        old |= {path: content for path, content in change.old.items() if content is not None}
        new |= change.new
    base = world.commit(None, old)
    world.branch("main", world.commit(base, {"README.md": b"read me\n"}))
    return world.open_pull("main", world.commit(base, new), **facts).number
