"""The rules of `rules/builtin`: what each looks for and what it says. They are YAML beside this file, one theme a file.

Knows the form of a rule, not how one is applied. The pack ships with the package: a page that does not validate is a
bug of ours, so the error is pydantic's own and ends the run as one (exit 3). What stands under `match` is a rule of
ast-grep (https://ast-grep.github.io/guide/rule-config.html) and belongs to that engine.
"""

import re
from collections.abc import Iterable, Mapping
from functools import cache
from importlib.resources import files
from typing import Annotated, Any, Literal, Self

import yaml
from pydantic import AfterValidator, Field, TypeAdapter, model_validator

from reviewbot.facts import Fact
from reviewbot.findings import Assumption, Confidence, Severity

Language = Literal["python", "javascript", "go", "java", "ruby"]
"""`javascript` stands for TypeScript, JSX and TSX too: a rule holds in all four grammars."""
_Sentence = Annotated[str, Field(min_length=1)]


_ASCII = {r"\w": "[0-9A-Za-z_]", r"\s": r"[\t\n\r ]", r"\d": "[0-9]", r"\b": r"(?-u:\b)"}


def _ascii_classes(part: Any) -> Any:
    """The rule with ASCII classes in its regular expressions: Unicode's take the engine twice as long to compile."""
    if isinstance(part, Mapping):
        return {name: _ascii_classes(value) for name, value in part.items()}
    if isinstance(part, list):
        return [_ascii_classes(value) for value in part]
    return re.sub(r"\\[wsdb]", lambda escape: _ASCII[escape[0]], part) if isinstance(part, str) else part


class Matcher(Fact):
    """How a problem looks in one language.

    `$AT` in the rule names the part a person should look at, where that is not the whole match. `$AROUND` names what
    makes it wrong from outside, such as the loop around a call: a change to its first line counts as one to the match.
    """

    words: Annotated[tuple[str, ...], Field(min_length=1)]
    """Lower case. Code with none of these is not searched: compiling a rule costs more than looking for a word."""
    rule: Annotated[Mapping[str, Any], AfterValidator(_ascii_classes)]
    constraints: Annotated[Mapping[str, Any], AfterValidator(_ascii_classes)] = Field(default_factory=dict)
    utils: Annotated[Mapping[str, Any], AfterValidator(_ascii_classes)] = Field(default_factory=dict)
    """Parts of the rule by name, for `matches`: a part that is used four times is compiled once."""

    @property
    def config(self) -> Any:
        """The rule as the engine takes it: its `Config`, whose keys our YAML has and no type checker sees."""
        return {"rule": self.rule, "constraints": self.constraints, "utils": self.utils}


class Rule(Fact):
    """One thing to look for, and what to say about it. `{match}` and `{NAME}` in the prose are what was matched."""

    id: Annotated[str, Field(pattern=r"^[a-z][a-z0-9-]+$")]
    lens: Literal["security", "assumptions"]
    category: _Sentence
    severity: Severity
    confidence: Confidence
    title: _Sentence
    body: _Sentence
    fix: _Sentence
    assumption: Assumption | None = None
    match: Annotated[Mapping[Language, Matcher], Field(min_length=1)]

    @model_validator(mode="after")
    def _assumption_fits_the_lens(self) -> Self:
        if (self.lens == "assumptions") != (self.assumption is not None):
            raise ValueError(f"{self.id}: a rule of the assumptions lens, and no other, has an assumption")
        return self


class _Page(Fact):
    """One file of the pack."""

    shared: Any = None
    """Parts that rules of this page name with YAML anchors; nothing reads it."""
    rules: tuple[Rule, ...]


def parse_rules(pages: Iterable[bytes]) -> tuple[Rule, ...]:
    """The rules of some pages of YAML. Raises pydantic's ValidationError; ValueError for an id that is there twice."""
    loader = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
    read = TypeAdapter(_Page).validate_python
    rules = tuple(rule for page in pages for rule in read(yaml.load(page, loader)).rules)  # noqa: S506  both are safe
    ids = [rule.id for rule in rules]
    if twice := {name for name in ids if ids.count(name) > 1}:
        raise ValueError(f"rules with one id: {', '.join(sorted(twice))}")
    return rules


@cache
def builtin_rules() -> tuple[Rule, ...]:
    """The pack that ships with reviewbot."""
    folder = files("reviewbot.council.members") / "pack"
    pages = sorted((page for page in folder.iterdir() if page.name.endswith(".yml")), key=lambda page: page.name)
    return parse_rules(page.read_bytes() for page in pages)
