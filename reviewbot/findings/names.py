"""Names of code in what a member said of it, as far as they can be told from words. Knows no change.

A name counts where it is written as code, and is said to be there: what a finding proposes or misses need not exist.
Every form here is bounded or linear: a stranger's text may be behind it (THREATS S28).
"""

import re
from collections.abc import Iterator
from typing import NamedTuple

LONGEST_TEXT = 10_000
"""Characters of a body that are read for names."""
LEAST, MOST = 3, 100
"""Characters of a name."""
_FENCE = re.compile(r"[ \t]*(?:```|~~~)")
_SPAN = re.compile(r"(?<!`)`([^`\n]{2,200})`(?!`)")
_NAME = re.compile(r"[$@:#&*.]{0,2}([A-Za-z_]\w*(?:(?:\?\.|\.|::|->|#)[A-Za-z_]\w*)*)(?:\(.{0,150}\))?[?!;]?", re.ASCII)
_PART = re.compile(r"[A-Za-z_]\w*", re.ASCII)
_LIKE_CODE = re.compile(r"\b[A-Za-z_]\w*\b(?:\(\))?", re.ASCII)
_IS_CODE = re.compile(r"\w_\w|[a-z][A-Z]|\(\)$")
_PROPOSED = re.compile(
    r"\b(?:add(?:ing)?|re-?use|us(?:e|es|ing)|call(?:ing)?|try|with|to|like|prefer|consider|missing|no|without|lacks?|introduc(?:e|ing)"
    r"|creat(?:e|ing)|renamed?|via|or|named|called|set(?:ting)?|import|extract|pass(?:ing)?|e\.g\.|as|implement(?:ing)?"
    r"|return(?:ing)?|throw(?:ing)?|rais(?:e|ing)|mark|wrap|not|never|should be|include|defin(?:e|ing)|provide|have)"
    r"\W{0,3}(?:(?:an?|the|its|explicit|new)\W{1,3}){0,2}$",
    re.IGNORECASE,
)
"""Words in front of a name that is wanted, not met."""
_JOINED = re.compile(r"\s*(?:,|/|and|or|, and|, or|\+|with|vs\.?)\s*")
_ADVICE = re.compile(
    r"\b(?:consider(?:ing)?|recommend(?:ed)?|suggest(?:ed|ion)?|should|could|would|ideally|e\.g|rather|instead|better|replace)\b",
    re.IGNORECASE,
)
"""Behind such a word a sentence speaks of what could be."""
_SELF = r"(?:it|this|(?:the|this)\s(?:(?:new|changed|whole)\s)?(?:code|change|patch|diff|function|method|class|line))"
_WHAT = r"(?:function|method|class|helper|constant)"
_PLAIN = re.compile(
    rf"^\W*(?:{_SELF}|`[^`\n]{{2,200}}`)\s(?:(?:now|still|also|then|directly)\s)?(?:calls|uses|invokes|defines|imports)\s(?:the\s(?:new\s)?)?(?:{_WHAT}\s)?(?P<used>`[^`\n]{{2,200}}`)"
    rf"|^\W*(?:(?:the|this)\s)?(?:new\s)?(?:{_WHAT}\s)?(?P<does>`[^`\n]{{1,200}}\([^`\n]{{0,150}}\)`)\s(?:(?:now|still|also)\s)?(?:is\s(?:called|defined|used)\b|[a-z]{{2,20}}s\b)"
    rf"|\bin\s(?:the\s)?(?:new\s)?(?:{_WHAT}\s(?P<inside>`[^`\n]{{2,200}}`)|(?P<within>`[^`\n]{{1,200}}\(\)`))"
    r"|(?P<here>`[^`\n]{2,200}`)\sin\sthis\s(?:file|change|module)\b",
    re.IGNORECASE,
)
"""A name that is said, and no more than said, to be of this code."""
_LACKING = re.compile(
    r"\b(?:not?|\w+n't|cannot|never|none|nor|neither|nothing|nobody|nowhere|without|hardly|un(?:set|used|defined|known|declared)"
    r"|lack\w*|lost|los(?:es|ing)|absen\w*|miss(?:es|ed|ing)|remov\w*|delet\w*|drop\w*|gone|ignor\w*|omit\w*|skip\w*|forg[eo]t\w*"
    r"|fail(?:s|ed)?\sto|instead|rather|should|would|could|might|may|must|used\sto|previous\w*|former\w*|old|if|unless|when)\b",
    re.IGNORECASE,
)
"""Words of a sentence that may speak of what is not there."""
_END = re.compile(r"(?<!e\.g)[.!?;]\s|\n")


class Name(NamedTuple):
    """One name, and the pieces by which it may be known: `billing.Ledger.close()` has three."""

    text: str
    parts: tuple[str, ...]

    @property
    def last(self) -> str:
        return self.parts[-1]


def said_to_exist(text: str) -> tuple[Name, ...]:
    """The names in backticks that a text speaks of as code that is there, each once, in order."""
    names = (name for sentence in _END.split(without_fences(text)) for name in _met(sentence))
    return tuple({name.text: name for name in names}.values())


def said_of_this_code(text: str) -> frozenset[str]:
    """The last pieces of names that a text plainly says are defined, called or used in this code.

    Not those it speaks of in a sentence of what is absent, or may be: such a finding is true where the name is nowhere.
    """
    plain, lacking = set[str](), set[str]()
    for sentence in _END.split(without_fences(text)):
        if _LACKING.search(_SPAN.sub(" ", sentence)):
            lacking |= {name.last for name in named_in(sentence)}
        else:
            spans = (span for found in _PLAIN.finditer(sentence) for span in found.groups() if span)
            plain |= {name.last for span in spans if (name := name_of(span.strip("`")))}
    return frozenset(plain - lacking)


def _met(sentence: str) -> Iterator[Name]:
    """The names of one sentence in front of any advice, but those that it proposes, and those listed with one."""
    advice = _ADVICE.search(sentence)
    proposed, end = False, 0
    for span in _SPAN.finditer(sentence, 0, advice.start() if advice else len(sentence)):
        listed = end > 0 and _JOINED.fullmatch(sentence, end, span.start())
        proposed = bool((proposed and listed) or _PROPOSED.search(sentence, max(0, span.start() - 40), span.start()))
        end = span.end()
        if not proposed and (name := name_of(span[1])):
            yield name


def name_of(code: str) -> Name | None:
    """What a piece of code names; None where it is more than a name, or too short or too long for one."""
    whole = _NAME.fullmatch(code.strip())
    parts = tuple(part for part in _PART.findall(whole[1]) if LEAST <= len(part) <= MOST) if whole else ()
    return Name(whole[1], parts) if whole and parts else None


def named_in(sentence: str) -> tuple[Name, ...]:
    """All names of a sentence, those without backticks too where they are spelled as only code is."""
    quoted = [name_of(span[1]) for span in _SPAN.finditer(sentence)]
    bare = _SPAN.sub(" ", sentence)
    plain = [name_of(word[0]) for word in _LIKE_CODE.finditer(bare) if _IS_CODE.search(word[0])]
    return tuple({name.text: name for name in (*quoted, *plain) if name}.values())


def without_names(sentence: str) -> str:
    """The words of a sentence that name no code."""
    return _LIKE_CODE.sub(lambda word: " " if _IS_CODE.search(word[0]) else word[0], _SPAN.sub(" ", sentence))


def without_fences(text: str) -> str:
    """The text without its fenced code, which shows what could be as often as what is."""
    return "\n".join(line for inside, line in _parted(text) if not inside)


def offered_in(body: str, fix: str) -> frozenset[str]:
    """Every word of the fix and of the body's fenced code: what is offered may be there already, or be yet to come."""
    fenced = "\n".join(line for inside, line in _parted(body) if inside)
    return frozenset(_PART.findall(f"{fenced}\n{fix[:LONGEST_TEXT]}"))


def _parted(text: str) -> Iterator[tuple[bool, str]]:
    """Each line, and whether it stands in a fence."""
    inside = False
    for line in text[:LONGEST_TEXT].split("\n"):
        if _FENCE.match(line):
            inside = not inside
        else:
            yield inside, line
