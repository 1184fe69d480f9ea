"""The name of a problem, the same over pushes: DESIGN 4.4, THREATS G38. Knows quotes, not line numbers."""

import hashlib
from collections import defaultdict
from collections.abc import Sequence

from reviewbot.findings.model import Cluster, Finding

DIGITS = 12


def identities(clusters: Sequence[Cluster]) -> tuple[str, ...]:
    """An id for each cluster, in their order; no two are the same.

    It is made of path, lens, side and the quoted code of the first finding, so code that moves keeps its name. Where
    that is the same for several problems they are counted by place, then by title.
    """
    alike: defaultdict[tuple[str, ...], list[int]] = defaultdict(list)
    for index, cluster in enumerate(clusters):
        alike[_subject(cluster.findings[0])].append(index)
    named: dict[int, str] = {}
    for subject, indices in alike.items():
        ordered = sorted(indices, key=lambda index: _position(clusters[index].findings[0]))
        named |= {index: _digest(*subject, str(occurrence)) for occurrence, index in enumerate(ordered)}
    return tuple(named[index] for index in range(len(clusters)))


def _subject(finding: Finding) -> tuple[str, ...]:
    """What the finding is about. Without a place in the diff, that is its title: an unchecked quote names nothing."""
    if finding.anchor is None:
        return finding.path, finding.lens, finding.draft.side, "title", _plain(finding.draft.title).casefold()
    return finding.path, finding.lens, finding.anchor.side, "code", _plain(finding.quote)


def _plain(text: str) -> str:
    return " ".join(text.split())


def _position(finding: Finding) -> tuple[int, int, str]:
    anchor = finding.anchor
    return anchor.start_line if anchor else 0, anchor.line if anchor else 0, repr(finding.draft)


def _digest(*parts: str) -> str:
    """Each part with its length in front, so that no two lists of parts are spelled alike."""
    spelled = "".join(f"{len(part)}:{part}" for part in parts)
    return hashlib.sha256(spelled.encode(errors="surrogatepass")).hexdigest()[:DIGITS]
