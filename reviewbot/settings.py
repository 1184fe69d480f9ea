"""What the operator decides and what a repository may ask for. Read once, then frozen.

The operator (environment, `~/.config/reviewbot/config.yml`, flags) holds keys, servers and ceilings. A `Policy` comes
from the repository's base commit and can narrow what the operator allows, never widen it. Keys, URLs and servers are
never policy: a changed file must not decide where code and keys are sent.
"""

import difflib
from collections.abc import Mapping
from pathlib import Path
from typing import Annotated, Any, Literal, Self

import yaml
from pydantic import Field, SecretStr, ValidationError, model_validator

from reviewbot.errors import BadPolicy, BadSettings
from reviewbot.facts import Fact

SeverityWord = Literal["critical", "high", "medium", "low"]
POLICY_FILE = ".reviewbot.yml"
MAX_SETTINGS_BYTES = 64_000
"""A settings file larger than this is refused before it is parsed (THREATS S38)."""


class Budget(Fact):
    """Ceilings for one run; None is no ceiling."""

    usd: Annotated[float, Field(ge=0)] | None = None
    tokens: Annotated[int, Field(ge=0)] | None = None


class Comments(Fact):
    """How much is put in front of a person at the line itself. The rest is in the summary, never lost."""

    max: Annotated[int, Field(ge=0)] = 12
    min_severity: SeverityWord = "low"


class Policy(Fact):
    """What a repository asks of its reviews (`.reviewbot.yml` at the base commit)."""

    lenses: tuple[str, ...] | None = None
    """Which lenses look; None is all of them, the repository's own included."""
    models: tuple[str, ...] | None = None
    """Which of the operator's members sit; None is all of them."""
    ignore: tuple[str, ...] = ()
    """Globs of files nobody reads. Each skip is listed in the report; workflows and executables are never skipped."""
    paths: Mapping[str, str] = Field(default_factory=dict)
    """Glob to extra instructions, given to the models when a changed file matches."""
    invariants: tuple[str, ...] = (".reviewbot/invariants.md", "AGENTS.md")
    """Pages people wrote about what must hold. The first that stands at the base commit is used."""
    comments: Comments = Comments()
    budget: Budget = Budget()
    language: str = "English"
    """The language findings are written in."""


class Server(Fact):
    """An OpenAI-compatible server the operator declared."""

    url: str
    api_key: SecretStr | None = None


class Operator(Fact):
    """What the person who runs reviewbot decides."""

    models: tuple[str, ...] = ()
    """Members by name; empty seats one default model for each key found, and the rules."""
    lenses: tuple[str, ...] = ()
    offline: bool = False
    keys: Mapping[str, SecretStr] = Field(default_factory=dict)
    """Vendor to key."""
    base_urls: Mapping[str, str] = Field(default_factory=dict)
    servers: Mapping[str, Server] = Field(default_factory=dict)
    budget: Budget = Budget()
    seconds: Annotated[float, Field(gt=0)] = 300.0
    """The whole council must end within this."""
    max_output_tokens: Annotated[int, Field(ge=1_000)] = 16_000
    """For one answer, thinking included."""
