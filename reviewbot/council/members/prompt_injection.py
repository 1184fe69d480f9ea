"""Text in a change that would direct whoever reviews it: orders to a model, approvals nobody gave, forged frames.

Known forms only, each with an order or a claim in it: code about models may say "you are a code reviewer" as often as
it likes. Words are read as a person reads them, over the ends of lines, without comment marks and hidden characters.
Knows nothing of who wrote the text or of how much it is worth. Pure, and in time that grows with the text
(THREATS S07, S16, S28).
"""

import re
import unicodedata
from bisect import bisect_right
from collections.abc import Iterable, Iterator
from itertools import accumulate
from typing import NamedTuple

from reviewbot.change import redact

_WHO = (
    r"(?:(?:ai|llm|automated|automatic)[ -](?:code[ -])?"
    r"(?:reviewers?|review|agents?|assistants?|models?|bots?|tools?|systems?)"
    r"|(?:code[ -])?reviewers?|review(?:ing)? (?:bots?|agents?|models?|assistants?)|language models?|llms|reviewbot"
    r"|chatgpt|copilot|claude|gemini|coderabbit|the council|council members?)"
)
_ADDRESSED = "review|ai |llm|language model|copilot|claude|gemini|chatgpt|coderabbit|council"
_FINDINGS = r"(?:findings?|issues?|problems?|vulnerabilit(?:y|ies)|bugs?|defects?|concerns?|warnings?|comments?)"
_THIS = (
    r"(?:this|these|the following) "
    r"(?:files?|changes?|code|lines?|functions?|diffs?|prs?|pull requests?|sections?|modules?)"
)
_OLD = r"(?:previous|prior|above|earlier|preceding|foregoing|original|initial|existing)"
_ORDERS = r"(?:instructions?|prompts?|guidelines|directives)"
_NOT = (
    r"(?:do not|don't|must not|should not|shall not|may not|never|need not|no need to|please skip|must skip"
    r"|should skip|must ignore|should ignore|please ignore|can ignore)"
)
_MUST = r"(?:must|should|shall|please|always)"
_NO = r"(?:nothing|no (?:findings|issues|problems|defects|vulnerabilities)|(?:an )?empty|lgtm|there are no)"
_TO_AI = (
    r"(?:(?:note|notice|message|attention|hint|instructions?|dear|hey|hello) (?:to |for )?(?:the |any |all )?"
    r"(?:ai|llms?|gpt|models?|bots?|assistants?)(?: \w{2,12})?|(?:ai|llm)[ -](?:based |powered )?\w{3,12}) ?[:,!]"
)
_OF_THIS = rf"(?:with|in|about|for|on|from|of) (?:it|{_THIS})"
_TEAM = r"(?:security|infosec|appsec|compliance|legal|platform|core)"
_DONE = r"(?:reviewed|approved|signed off|audited|cleared|vetted)"

_FORMS: tuple[tuple[str, str, str], ...] = (
    (
        "override",
        "ignor|disregard|forget|overrul|overrid|bypass|follow",
        (
            r"\b(?:ignore|disregard|forget|do not follow|don't follow) (?:(?:all|any|of|the|your|my|these|those) ){0,4}"
            rf"(?:{_ORDERS}|rules) (?:above|before this|so far|(?:that )?you (?:were|have been|got)\b)"
            r"|\b(?:ignore|disregard|forget) (?:(?:all|everything|of|the|that|is|was) ){0,4}(?:above|before)"
            r" ?(?:and |[,;:.] ?)(?:just |only |instead |now |then |please ){0,2}"
            r"(?:approve|report|respond|output|say|answer|write|print|reply|return|mark|act|pretend)\b"
            r"|\b(?:ignore|disregard)(?:all)?(?:the|your)?(?:previous|prior|above|earlier)(?:instructions|prompts)"
            r"|\b(?:ignore|disregard|forget|override|overrule|bypass|do not follow|don't follow|stop following) "
            rf"(?:(?:all|any|of|the|your|my|these|those|everything in) ){{0,4}}"
            rf"(?:{_OLD} (?:\w+ ){{0,2}}(?:{_ORDERS}|rules)"
            rf"|(?<=your )(?:{_ORDERS}|rules|training)|(?<=all ){_ORDERS})\b"
            r"|\b(?:ignore|disregard|forget) (?:(?:the|your|any) ){0,2}system prompt\b"
            r"|\bignore(?:z| toutes| les| vos){1,4} instructions|\bignora(?: todas| las| tus){1,3} instrucciones"
            r"|\bignorier(?:e|en)(?: sie| alle| deine| die| ihre| vorherigen| bisherigen){1,4} anweisungen"
        ),
    ),
    (
        "override",
        "\u5ffd\u7565|\u7121\u8996|\u65e0\u89c6|\u0438\u0433\u043d\u043e\u0440\u0438\u0440",
        (
            "(?:\u5ffd\u7565|\u65e0\u89c6|\u7121\u8996)[^ ,.\u3002]{0,8}(?:\u6307\u4ee4|\u6307\u793a|\u63d0\u793a)"
            "|(?:\u6307\u793a|\u547d\u4ee4)\u3092\u7121\u8996"
            "|\u0438\u0433\u043d\u043e\u0440\u0438\u0440\u0443\u0439(?:\u0442\u0435)? (?:[^ .]{1,20} ){0,3}"
            "\u0438\u043d\u0441\u0442\u0440\u0443\u043a\u0446\u0438\u0438"
        ),
    ),
    (
        "silence",
        _ADDRESSED,
        (
            rf"\b{_WHO}\b[^.;]{{0,80}}\b{_NOT} ?(?:to )?"
            r"(?:report|flag|mention|raise|comment|review|analy[sz]e|check|read)?"
            rf" ?(?:on )?(?:any |all |other |security |further ){{0,3}}(?:{_FINDINGS}|{_THIS}|anything|it|here)\b"
        ),
    ),
    (
        "silence",
        _ADDRESSED,
        (
            rf"\b{_WHO}\b[^.;]{{0,60}}\b{_MUST} (?:always |now |only |just ){{0,2}}"
            r"(?:approve|lgtm|merge this"
            r"|(?:report|return|answer|respond(?: with)?|say|output|give) (?:only |just |with |an |that ){0,3}"
            r"(?:nothing|no (?:findings|issues|problems|defects)|empty|lgtm|there are no)\b)"
        ),
    ),
    (
        "silence",
        "report|flag|mention|raise|comment",
        (
            rf"\b{_NOT} (?:report|flag|mention|raise|comment on) (?:any |an |the |all |security |further ){{0,3}}"
            rf"[a-z]{{2,16}} {_OF_THIS}\b"
        ),
    ),
    (
        "silence",
        "ai|llm|model|gpt|bot|assistant",
        (
            rf"\b{_TO_AI}[^;]{{0,80}}\b(?:{_NOT} (?:report|flag|mention|raise|comment|review|check|read)"
            rf"|(?:report|return|answer|respond|say|output|give|find) (?:only |just |with ){{0,3}}{_NO})\b"
            r"|\bas an? (?:ai|llm|automated) (?:code )?(?:\w{3,12} )?you (?:will|should|must|shall|can|may) "
            rf"(?:always |only )?(?:approve|ignore|skip|not (?:report|flag|find)|(?:find|report|see|return) {_NO})\b"
            rf"|\b(?:{_WHO}|(?:ai|llm)[ -](?:based |powered )?\w{{3,12}})\b[^.;]{{0,60}}\b(?:treat|regard|consider) "
            rf"{_THIS} (?:\w{{2,12}} ){{0,2}}as (?:\w{{2,12}} )?"
            r"(?:trusted|safe|secure|benign|harmless|reviewed|approved)\b"
        ),
    ),
    (
        "silence",
        "severit",
        (
            r"\b(?:set|keep|lower|downgrade|reduce|cap) (?:the |all |every |any ){0,2}severit(?:y|ies)[^.;]{0,40} "
            r"(?:to|at|as) (?:low|lowest|info|none|minor)\b[^.;]{0,20} (?:all|any|every|each|this|these)\b"
        ),
    ),
    (
        "silence",
        "mode",
        rf"\byou are (?:now )?in (?:\w{{3,16}} ){{1,2}}mode\b[^;]{{0,60}}\b(?:output|report|return|give|flag) {_NO}\b",
    ),
    (
        "silence",
        "when review",
        (
            r"\bwhen review(?:ing|ed)\b[^.;]{0,60}\b(?:report nothing|no findings|do not (?:report|flag|mention)"
            r"|approve (?:it|this))\b"
        ),
    ),
    (
        "silence",
        "as ",
        (
            r"\b(?:rate|mark|classify|score|treat|report|grade|label) (?:this|it|all|any|every|everything|these|each)\b"
            r"[^.;]{0,50}\bas (?:a )?"
            r"(?:low[- ](?:severity|risk)|harmless|informational|false[- ]positives?|non-?issues?)\b"
        ),
    ),
    (
        "silence",
        "empty",
        (
            r"\b(?:return|answer|respond|output|reply) (?:with )?(?:only )?(?:an |the )?"
            rf"empty (?:list|array|set) of {_FINDINGS}\b"
        ),
    ),
    (
        "approval",
        "approved|reviewed|audited|signed off|cleared|vetted",
        (
            rf"\b{_TEAM} (?:team|department|council|office|board|engineering)(?: has| have)?(?: been)? "
            rf"(?:already |previously |fully |formally ){{0,2}}{_DONE}\b"
            rf"|\b(?:already|previously|pre-?)[ -]?(?:been )?{_DONE} (?:and \w+ )?(?:by|with) (?:the |our )?"
            r"(?:security|infosec|appsec|compliance|legal|maintainers?|cto|ciso)\b"
        ),
    ),
    (
        "approval",
        "review|waive",
        (
            r"\bno (?:further |additional |code |security ){0,3}reviews? (?:is |are )?"
            r"(?:needed|required|necessary|expected)\b"
            r"|\b(?:exempt|waived|excused) from "
            r"(?:all |any |the |security |code |automated |ai |further ){0,4}reviews?\b"
            r"|\b(?:review|security) policy (?:waiver|exception|exemption)\b|\bpolicy waiver\b"
        ),
    ),
    (
        "frame",
        "<|",
        (
            r"<\|(?:im start|im end|system|user|assistant|eot id|start header id|endofprompt)\|>[^<>\n]{0,20}"
            r"(?: [a-z]{2,}){4}"
        ),
    ),
    ("frame", "inst]", r"\[/?inst\](?: [a-z]{2,}){4}"),
    ("frame", "<<sys>>", r"<<sys>>(?: [a-z]{2,}){3}"),
    (
        "frame",
        "<system|<instruction|<admin|<user|<human",
        (
            r"<(?:system|instructions?|admin|user|human)[a-z -]{0,16}>[^<>]{0,80}?\b(?:approve (?:this|it|the|all)"
            rf"|you must (?:approve|ignore|report|not)|{_NOT} (?:report|flag|mention)|(?:report|return|output) {_NO})\b"
        ),
    ),
    (
        "frame",
        "assistant",
        (
            r"\bassistant ?: ?(?:\{ ?[\"']findings[\"']"
            r"|[^\n<>{}]{0,60}\b(?:no (?:issues|findings|problems|defects|vulnerabilities) (?:were )?found"
            r"|review is (?:complete|done|finished)|(?:this|the) (?:change|code|pr|pull request) is (?:approved|safe)))"
        ),
    ),
    ("frame", "change ", r"</?change [0-9a-f]{4,64}>"),
    (
        "frame",
        "system",
        (
            r"^\[?(?:new |updated )?system ?(?:prompt|message|override|instruction|notice)?\]? ?:(?: [a-z'-]+){0,12} "
            r"(?:you|reviewers?|approve|ignore|must)\b"
        ),
    ),
    ("frame", '"findings"', r"\{ ?\"findings\" ?: ?\[ ?\] ?, ?\"could not judge\""),
    ("refusal", "anthropic magic", r"anthropic magic string trigger \w{4,40}"),
    (
        "refusal",
        "how to",
        (
            r"\bhow to (?:build|make|synthesi[sz]e|produce|cook|weaponi[sz]e) (?:a |an |the )?(?:pipe bomb|dirty bomb"
            r"|nuclear (?:bomb|weapon)|bio-?weapons?|nerve (?:agent|gas)|sarin|ricin|anthrax|napalm|methamphetamine)"
        ),
    ),
    (
        "leak",
        "your ",
        (
            r"\b(?:reveal|print|output|repeat|leak|dump|exfiltrate|disclose) (?:me )?(?:all )?(?:of )?your "
            r"(?:full |entire |initial |complete |hidden |secret |own ){0,3}"
            r"(?:system prompt|prompt|instructions|environment(?: variables)?|secrets|credentials|api keys?)\b"
        ),
    ),
)
"""Kind, words of which one must be there, form. A blank in a form is the end of a line too, and a name's `_`."""


class Attempt(NamedTuple):
    """Where a text would direct who reads it."""

    kind: str
    line: int
    """Index among the lines it was read from."""
    said: str
    """Its words, without marks and breaks."""


_COMPILED = tuple(
    (kind, (marks,) if marks == "<|" else tuple(marks.split("|")), re.compile(form.replace(" ", r"\s"), re.MULTILINE))
    for kind, marks, form in _FORMS
)
_WRITTEN = re.compile(r"<U\+[0-9A-F]{4,6}>")
_WIDE = re.compile(r"<U\+(?:000[BCD]|115F|1160|2028|2029|2800|3164|FFA0)>")
"""Written out characters that look like a blank or end a line, where the others look like nothing."""
_LEADER = re.compile(r"^(?:<!--|[\s#/*;>%!-])+")
_SPACE = re.compile(r"[\s_]+")
_SPACED = re.compile(r"(?<![^\W_])(?:[^\W\d_][ ._-]){3,}[^\W\d_](?![^\W_])")
"""A word whose letters stand apart."""
_APART = re.compile(r"[ ._-]")
_LOOKS = str.maketrans(
    "\u0430\u0435\u043e\u0440\u0441\u0443\u0445\u0456\u0458\u0455\u04bb\u0501\u051b\u051d\u03bf\u03b1\u03b9\u03bd\u03c1"
    "\u0131\u0261\u0251\u04cf\u0442\u043c\u043a\u043d\u0432",
    "aeopcyxijshdqwoaivpigaltmkhb",
)
"""Small letters of other scripts that look like Latin ones."""
_WORD = re.compile(r"\w+")
_LATIN = re.compile(r"[a-z]")
MAX_LINE = redact.MAX_LINE
"""Characters of a line that are read: as many as models are shown."""
MAX_SAID = 160


def attempts(lines: Iterable[str]) -> Iterator[Attempt]:
    """The attempts in lines that stand together, one of each kind."""
    plain = [_plain(line) for line in lines]
    starts = [0, *accumulate(len(line) + 1 for line in plain)]
    text = "\n".join(plain)
    flat, seen = text.replace("\n", " "), set[str]()
    for kind, marks, form in _COMPILED:
        if kind in seen or not any(mark in flat for mark in marks):
            continue
        if found := form.search(text):
            seen.add(kind)
            yield Attempt(kind, bisect_right(starts, found.start()) - 1, flat[found.start() : found.end()][:MAX_SAID])


def _plain(line: str) -> str:
    """A line in lower case as one reads it: no comment marks, no hidden characters, no letters of other alphabets."""
    text = _WRITTEN.sub("", _WIDE.sub(" ", line[:MAX_LINE]))
    if not text.isascii():
        text = unicodedata.normalize("NFKC", text).lower()
        text = _WORD.sub(_folded, text)
    text = _SPACED.sub(lambda word: _APART.sub("", word.group()), text)
    return _SPACE.sub(" ", _LEADER.sub("", text)).lower().replace("\u2019", "'")


def _folded(word: re.Match[str]) -> str:
    """A word that mixes alphabets as it looks; one that is whole in another alphabet stays."""
    return word.group().translate(_LOOKS) if _LATIN.search(word.group()) else word.group()
