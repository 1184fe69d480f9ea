"""A member's text into an `Answer`. Text is data: it validates, or it is said why it does not."""

import json
import re
from collections.abc import Iterator
from typing import Any, TypeVar

from pydantic import ValidationError

from reviewbot.findings import Answer, Draft
from reviewbot.findings.model import Said, SaidVerdict

MAX_ANSWER = 2_000_000
"""Characters; beyond that nobody wrote an answer."""
MAX_OBJECTS = 20
"""That are looked at in one text."""
_MAX_ERRORS = 5
_DECLINES = re.compile(r"\b(can(?:no|')t|cannot|unable to|won't|will not|sorry|not able to)\b", re.IGNORECASE)

_Kind = TypeVar("_Kind", bound=Said)


class BadAnswer(Exception):
    """The text is not an answer: no failure of ours but the state of a seat. `str()` is what a repair round sends."""


class Verdicts(Said):
    """What a challenge asks for of an answer."""

    verdicts: tuple[SaidVerdict, ...]


def read_answer(text: str) -> Answer:
    """The answer to a lens in the text. Raises BadAnswer with the reasons why there is none."""
    return _read(text, Answer)


def read_verdicts(text: str) -> Verdicts:
    """The answer to a challenge in the text. Raises BadAnswer with the reasons why there is none."""
    return _read(text, Verdicts)


def _read(text: str, kind: type[_Kind]) -> _Kind:
    """The object of this kind in the text, whatever stands around it.

    Of several the last counts: models that are not held to a schema correct themselves in the same breath.
    """
    if len(text) > MAX_ANSWER:
        raise BadAnswer(f"the answer has {len(text):,} characters")
    attempts = tuple(_attempts(text, kind))
    answers = [attempt for attempt in attempts if isinstance(attempt, kind)]
    if answers:
        return answers[-1]
    raise next((e for e in attempts if isinstance(e, BadAnswer)), BadAnswer("there is no JSON object in the answer"))


def declines(text: str) -> bool:
    """Whether a text without any JSON is a plain refusal in words (THREATS L06)."""
    return "{" not in text and bool(_DECLINES.search(text))


def _attempts(text: str, kind: type[_Kind]) -> Iterator[_Kind | BadAnswer]:
    """What becomes of each `{...}` in turn. Prose and code fences between them are passed over."""
    position = 0
    for _ in range(MAX_OBJECTS):
        position = text.find("{", position)
        if position < 0:
            return
        try:
            value, position = _DECODER.raw_decode(text, position)
            yield kind.model_validate(_without_surrogates(value))
        except ValidationError as e:
            reasons = [f"{'.'.join(map(str, error['loc']))}: {error['msg']}" for error in e.errors()[:_MAX_ERRORS]]
            yield BadAnswer("; ".join(reasons))
        except (ValueError, RecursionError, BadAnswer) as e:
            yield BadAnswer(f"the JSON does not parse: {e}")
            position += 1


def _no_constant(name: str) -> None:
    raise BadAnswer(f"{name} is not JSON")


_DECODER = json.JSONDecoder(parse_constant=_no_constant, strict=False)


def _without_surrogates(value: dict[str, Any]) -> dict[str, Any]:
    r"""JSON may spell half a character (`\ud800`); no report can carry one on."""
    return json.loads(json.dumps(value, ensure_ascii=False).encode("utf-8", "replace"))  # type: ignore[no-any-return]


def salvage(text: str) -> tuple[Draft, ...]:
    """The findings that stand whole in an answer that was cut."""
    return tuple(_whole(text, "findings", Draft))


def salvage_verdicts(text: str) -> tuple[SaidVerdict, ...]:
    """The verdicts that stand whole in an answer that was cut."""
    return tuple(_whole(text, "verdicts", SaidVerdict))


def begun(text: str, key: str) -> int:
    """How many objects a list in the text holds, whether they are what they should be or not.

    0 is said only by a list that is empty: a text that does not get so far may have meant anything.
    """
    head = re.search(rf'"{key}"\s*:\s*\[', text)
    if head is None:
        return 1
    count, position = 0, head.end()
    while following := _NEXT.match(text, position):
        try:
            _, position = _DECODER.raw_decode(text, following.end() - 1)
        except (ValueError, RecursionError, BadAnswer):
            return count + 1
        count += 1
    return count or (0 if _EMPTY.match(text, position) else 1)


_NEXT = re.compile(r"[\s,]*\{")
_EMPTY = re.compile(r"\s*\]")


def _whole(text: str, key: str, kind: type[_Kind]) -> Iterator[_Kind]:
    """The objects of a list as far as they go; the one being written when the text was cut is dropped."""
    head = re.search(rf'"{key}"\s*:\s*\[', text)
    position = head.end() if head else len(text)
    while (position := text.find("{", position)) >= 0:
        try:
            value, position = _DECODER.raw_decode(text, position)
            yield kind.model_validate(_without_surrogates(value))
        except (ValueError, RecursionError, BadAnswer):
            return
