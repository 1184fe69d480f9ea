"""How a finding is worded: whether it says what goes wrong, and at what length. Knows one finding at a time."""

import re

from reviewbot.findings.model import Finding

MOST_CONSEQUENCES = 4
LEAST_WORDS, MOST_WORDS = 8, 50

_CONSEQUENCE = re.compile(
    r"\b(?:allow(?:s|ing)|always|break(?:s|ing)|bypass\w*|caus(?:es?|ed|ing)|corrupt\w*|crash(?:es)?|fails?"
    r"|ignor(?:es|ed|ing)|incorrect(?:ly)?|instead|lead(?:s|ing) to|leak\w*|los(?:es|t|ing)|never|race"
    r"|result(?:s|ing) in|returns?|throws?|undefined|when|wrong)\b",
    re.IGNORECASE,
)
_WORD = re.compile(r"\w+")


def consequences_in(finding: Finding) -> int:
    """How often the text says what happens, or when, up to MOST_CONSEQUENCES. Advice alone says neither."""
    return min(len(_CONSEQUENCE.findall(_text(finding))), MOST_CONSEQUENCES)


def words_in(finding: Finding) -> int:
    """Words of the text, within bounds: beyond them length tells nothing."""
    return min(max(len(_WORD.findall(_text(finding))), LEAST_WORDS), MOST_WORDS)


def _text(finding: Finding) -> str:
    return f"{finding.draft.title} {finding.draft.body}"
