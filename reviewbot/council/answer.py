"""A member's text into an `Answer`. Text is data: it validates, or it is said why it does not."""

import json
import re
from typing import Any

from pydantic import ValidationError

from reviewbot.findings import Answer, Draft

MAX_ANSWER = 2_000_000
"""Characters; beyond that nobody wrote an answer."""
_MAX_ERRORS = 5
_DECLINES = re.compile(r"\b(can(?:no|')t|cannot|unable to|won't|will not|sorry|not able to)\b", re.IGNORECASE)


class BadAnswer(Exception):
    """The text is not an answer: no failure of ours but the state of a seat. `str()` is what a repair round sends."""


def read_answer(text: str) -> Answer:
    """The first JSON object in the text, whatever stands around it. Raises BadAnswer with every reason."""
    if len(text) > MAX_ANSWER:
        raise BadAnswer(f"the answer has {len(text):,} characters")
    try:
        return Answer.model_validate(_first_object(text))
    except ValidationError as e:
        reasons = [f"{'.'.join(map(str, error['loc']))}: {error['msg']}" for error in e.errors()[:_MAX_ERRORS]]
        raise BadAnswer("; ".join(reasons)) from e


def declines(text: str) -> bool:
    """Whether a text without any JSON is a plain refusal in words (THREATS L06)."""
    return "{" not in text and bool(_DECLINES.search(text))


def _first_object(text: str) -> dict[str, Any]:
    """The first `{...}` that parses as an object; prose and code fences around it are passed over."""
    start = text.find("{")
    if start < 0:
        raise BadAnswer("there is no JSON object in the answer")
    try:
        value, _ = json.JSONDecoder(parse_constant=_no_constant, strict=False).raw_decode(text, start)
    except (ValueError, RecursionError) as e:
        raise BadAnswer(f"the JSON does not parse: {e}") from e
    return _without_surrogates(value)


def _no_constant(name: str) -> None:
    raise BadAnswer(f"{name} is not JSON")


def _without_surrogates(value: dict[str, Any]) -> dict[str, Any]:
    r"""JSON may spell half a character (`\ud800`); no report can carry one on."""
    return json.loads(json.dumps(value, ensure_ascii=False).encode("utf-8", "replace"))  # type: ignore[no-any-return]


def salvage(text: str) -> tuple[Draft, ...]:
    """The findings that stand whole in an answer that was cut; the one being written when it was cut is dropped."""
    head = re.search(r'"findings"\s*:\s*\[', text)
    drafts: list[Draft] = []
    position = head.end() if head else len(text)
    decoder = json.JSONDecoder(parse_constant=_no_constant, strict=False)
    while (position := text.find("{", position)) >= 0:
        try:
            value, position = decoder.raw_decode(text, position)
            drafts.append(Draft.model_validate(_without_surrogates(value)))
        except (ValueError, RecursionError, BadAnswer):
            break
    return tuple(drafts)
