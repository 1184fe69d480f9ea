"""Answers from a file, for demonstrations and tests: nobody is asked and nothing is spent.

The file says whose voice it is, where the answers come from, and what is answered to each lens.
"""

import asyncio
import json
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Annotated, Any

from pydantic import Field, ValidationError

from reviewbot.council.model import Access, Ask, Call, Outcome, Reply, Usage
from reviewbot.errors import BadSettings
from reviewbot.facts import Fact


class ScriptedAnswer(Fact):
    """What is answered to one lens, as DESIGN 4.3 words it; None where the attempt fails."""

    answer: Mapping[str, Any] | None = None
    outcome: Outcome = "ok"
    detail: str = ""
    seconds: Annotated[float, Field(ge=0)] = 0.0
    """From the beginning of the answer to its end."""
    usage: Usage = Usage()


class Script(Fact):
    """A whole file: the family whose voice it is, and the answers by the name of the lens."""

    family: str
    recorded: str = ""
    """Where the answers come from, in words."""
    answers: Mapping[str, ScriptedAnswer]


def read_script(path: Path) -> Script:
    """A script from its file. Raises BadSettings where there is none, or it does not hold."""
    try:
        return Script.model_validate_json(path.read_bytes())
    except OSError as e:
        raise BadSettings(f"scripted/{path}", f"cannot be read ({e.strerror})", "name a script that exists") from e
    except ValidationError as e:
        first = e.errors()[0]
        key = ".".join(str(part) for part in first["loc"]) or "the file"
        raise BadSettings(f"scripted/{path}", f"{key}: {first['msg'].lower()}", "mend the script") from e


@asynccontextmanager
async def connect(access: Access) -> AsyncIterator[Ask]:
    """The script at the path `access.model`. Raises BadSettings as `read_script` does."""
    script = read_script(Path(access.model))

    async def ask(call: Call) -> Reply:
        scripted = script.answers.get(call.lens)
        if scripted is None:
            return Reply(outcome="fatal", detail=f"{access.model} has no answer for lens {call.lens}")
        call.started()
        await asyncio.sleep(min(scripted.seconds, call.seconds))
        if scripted.seconds > call.seconds:
            return Reply(outcome="transient", detail=f"no answer within {round(call.seconds, 1):g} s")
        text = "" if scripted.answer is None else json.dumps(scripted.answer)
        detail = scripted.detail or script.recorded
        return Reply(outcome=scripted.outcome, text=text, usage=scripted.usage, detail=detail)

    yield ask
