"""Which part of a repository is to be reviewed, as a person names it on the command line. Asks git nothing."""

from typing import Literal, Self

from reviewbot.errors import BadRange
from reviewbot.facts import Fact


class Selection(Fact):
    """What to review. The default is everything since the merge base with the default branch, uncommitted included."""

    head: Literal["work tree", "index", "commit"] = "work tree"
    """Where the new side is: the files as they stand, what is staged, or the commit named by `until`."""
    since: str | None = None
    """The revision on the old side. None: the default branch for a work tree, HEAD for the index."""
    until: str = "HEAD"
    from_merge_base: bool = True
    """Start where the two sides parted, so that what others did since is not shown as undone."""

    @classmethod
    def from_words(cls, range: str | None, base: str | None, staged: bool) -> Self:  # noqa: A002  DESIGN 4.1's word
        """Read `[RANGE] [--base REF] [--staged]`. Raises BadRange for two of them, or a range that is not one."""
        given = [
            name
            for name, there in (("RANGE", range is not None), ("--base", base is not None), ("--staged", staged))
            if there
        ]
        if len(given) > 1:
            raise BadRange(" and ".join(given), "name two different changes", "give one of them")
        if staged:
            return cls(head="index", from_merge_base=False)
        if range is not None:
            return cls._from_range(range)
        if base is not None and (not base or ".." in base):
            raise BadRange(
                f"--base {base!r}",
                "is not one revision",
                f"`reviewbot check {base}` without --base reviews a range" if base else "name a branch",
            )
        return cls(since=base)

    @classmethod
    def _from_range(cls, words: str) -> Self:
        dots = "..." if "..." in words else ".."
        since, found, until = words.partition(dots)
        if not found:
            raise BadRange(repr(words), "is not a range", _meant(words))
        if (not since and not until) or ".." in until or until.startswith(".") or since.endswith("."):
            raise BadRange(repr(words), "is not a range", "write it as A..B or A...B")
        return cls(head="commit", since=since or "HEAD", until=until or "HEAD", from_merge_base=dots == "...")


def _meant(words: str) -> str:
    """The flag for what was given in the place of a range."""
    if words.startswith(("http://", "https://")) or "#" in words:
        return "for a pull request: `reviewbot pr URL`"
    if words == "-" or words.endswith((".diff", ".patch")):
        return f"for a patch file: `--diff {words}`"
    if not words:
        return "write it as A..B or A...B"
    return f"`--base {words}` reviews everything since it, `{words}..HEAD` its commits only"
