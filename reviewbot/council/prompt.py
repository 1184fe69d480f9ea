"""What a member is asked: the prompt pages, the rules they make, the lenses, the wire schema.

Layout, so that every question to a member shares one cached prefix (PROVIDERS 2.1): the shared page, the fenced change
(`council.layout`), and last the lens. Knows nothing of vendors; what each does with the three is its module's business.
"""

import hashlib
import re
from collections.abc import Iterable, Mapping, Sequence
from difflib import get_close_matches
from importlib.resources import files
from importlib.resources.abc import Traversable
from pathlib import Path
from typing import Any

from pydantic import ValidationError

from reviewbot.change import Change, Document
from reviewbot.council.model import ALL_LENSES, CHALLENGE, Lens
from reviewbot.council.skip import matches
from reviewbot.errors import BadPrompt, BadSettings
from reviewbot.facts import Fact
from reviewbot.findings import Answer, Draft
from reviewbot.settings import read_mapping

LENSES = ("architecture", "security", "assumptions")
"""The lenses that come with reviewbot, in the order they are asked."""
MAX_LENS_CHARACTERS = 4_000
"""Of a repository's own lens: it is sent once for each member."""
ASSUMPTIONS = "assumptions"
"""The lens whose findings say what they rely on."""
TOGETHER = (
    "Look through each lens below in turn. Report a defect once, through the lens that it fits best: its category says "
    "through which."
)
IN_LANGUAGE = (
    "Write what people read in {}: title, body, fix, why, because and the texts of assumption. Quotes, paths, names of "
    "code and the words of the schema stay as they are."
)
TAKEN = frozenset({ALL_LENSES, CHALLENGE, "ask"})
"""Names of other questions."""

_PAGE = re.compile(r"\A---\n(?P<head>.*?)\n---\n(?P<text>.*)\Z", re.DOTALL)
_NAME = re.compile(r"[a-z][a-z0-9-]{0,39}")


def prompts_root() -> Traversable:
    """The prompts of this install: inside the wheel, or beside the package in a checkout."""
    packaged = files("reviewbot") / "_prompts"
    return packaged if packaged.is_dir() else Path(__file__).parents[2] / "prompts"


def read_page(name: str, root: Traversable | None = None) -> str:
    """The text of one prompt page, such as "shared.md". Raises BadPrompt when the install has lost it."""
    page = (root or prompts_root()).joinpath(name)
    try:
        return page.read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as e:
        raise BadPrompt(f"prompt page {name}", f"cannot be read ({e})", "install reviewbot again") from e


def load_lenses(documents: Iterable[Document] = (), root: Traversable | None = None) -> dict[str, Lens]:
    """The built-in lenses by name, then the repository's own, in the order they are asked. Raises BadPrompt."""
    own = {name: parse_lens(name, read_page(f"lenses/{name}.md", root), "built in") for name in LENSES}
    for document in documents:
        name = document.path.rsplit("/", 1)[-1].removesuffix(".md")
        if name == "README":  # tells people about the lenses beside it
            continue
        if name in own:
            raise BadPrompt(f"lens {document.path}", f"{name} is already a lens", "give the page another name")
        own[name] = parse_lens(name, document.text, document.path)
    return own


class _Head(Fact):
    title: str | None = None
    categories: tuple[str, ...] = ()


def parse_lens(name: str, page: str, origin: str) -> Lens:
    """A page of prose, with an optional head between `---` lines: `title`, `categories`. Raises BadPrompt."""
    who = f"lens {name} ({origin})"
    if not _NAME.fullmatch(name) or name in TAKEN:
        raise BadPrompt(who, "is no name for a lens", "name the page like data-retention.md")
    match = _PAGE.match(page)
    text = (match["text"] if match else page).strip()
    if not 0 < len(text) <= MAX_LENS_CHARACTERS:
        raise BadPrompt(who, f"has {len(text)} characters of text", f"write 1 to {MAX_LENS_CHARACTERS}")
    try:
        head = _Head.model_validate(read_mapping(match["head"], who, BadPrompt) if match else {})
    except ValidationError as e:
        reason = " ".join(str(e).split())[:200]
        remedy = "write `title:` and `categories: [...]`"
        raise BadPrompt(who, f"has a head that does not hold: {reason}", remedy) from e
    categories = head.categories or (name,)  # so that its findings are told from those of others in one answer
    return Lens(name=name, title=head.title or name, categories=categories, text=text, origin=origin)


def choose_lenses(lenses: Mapping[str, Lens], *wanted: Sequence[str] | None) -> tuple[Lens, ...]:
    """The first choice that is made, else all of them. Raises BadSettings for a lens that does not exist."""
    chosen = next((tuple(names) for names in wanted if names), tuple(lenses))
    if unknown := next((name for name in chosen if name not in lenses), None):
        near = get_close_matches(unknown, lenses, n=1)
        remedy = f"did you mean {near[0]}?" if near else "known: " + ", ".join(lenses)
        raise BadSettings(f"lens {unknown}", "there is no such lens", remedy)
    return tuple(lenses[name] for name in dict.fromkeys(chosen))


def all_lenses(lenses: Sequence[Lens]) -> Lens:
    """Several lenses as one question."""
    return Lens(
        name=ALL_LENSES,
        title="All lenses",
        categories=tuple(category for lens in lenses for category in lens.categories),
        text="\n\n".join((TOGETHER, *map(_with_categories, lenses))),
    )


def _with_categories(lens: Lens) -> str:
    """No page says by which category its findings are told from those of the other lenses (`lens_of`)."""
    return f"{lens.text}\nCategory of its findings: {', '.join(lens.categories)}."


def lens_of(draft: Draft, lenses: Sequence[Lens]) -> str:
    """Which of several lenses a finding came through: the one whose list its category is on."""
    own = (lens.name for lens in lenses if draft.category in lens.categories)
    assuming = (lens.name for lens in lenses if draft.assumption and lens.name == ASSUMPTIONS)
    return next(own, None) or next(assuming, None) or lenses[0].name


def wire_schema(lenses: Iterable[Lens]) -> dict[str, Any]:
    """What a model must answer, as JSON Schema inside the strictest common subset of the vendors (PROVIDERS 1.1).

    The same value for every lens: the schema is part of each vendor's cache key.
    """
    categories = sorted({category for lens in lenses for category in lens.categories} | {"other"})
    schema: dict[str, Any] = _strict(Answer.model_json_schema())
    schema["$defs"]["Draft"]["properties"]["category"] = {"type": "string", "enum": categories}
    return schema


def _strict(node: Any) -> Any:
    """Every key required, nothing additional, no titles, defaults or descriptions."""
    if not isinstance(node, dict):
        return [_strict(item) for item in node] if isinstance(node, list) else node
    kept = {
        key: {name: _strict(value) for name, value in item.items()} if key in {"properties", "$defs"} else _strict(item)
        for key, item in node.items()
        if key not in {"title", "default", "description"}
    }
    if "properties" in kept:
        kept |= {"required": list(kept["properties"]), "additionalProperties": False}
    return kept


def standing_orders(shared: str, change: Change) -> str:
    """The system prompt: the shared page, then what the repository's people wrote down at the base commit."""
    parts = [shared.strip()]
    if change.policy.language != "English":
        parts.append(IN_LANGUAGE.format(change.policy.language))
    for document in change.invariants:
        parts += [f"What this repository's people wrote in {document.path}:", document.text.strip()]
    instructions = _path_instructions(change.policy.paths, [file.path for file in change.diff.files])
    if instructions:
        parts += ["And for the files that changed:", *instructions]
    return "\n\n".join(parts)


def _path_instructions(wanted: Mapping[str, str], paths: list[str]) -> list[str]:
    return [f"{glob}: {text}" for glob, text in wanted.items() if any(matches(path, glob) for path in paths)]


def digest(text: str) -> str:
    """The first 12 hexadecimal digits of the SHA-256: how prompts and policies are named in reports."""
    return hashlib.sha256(text.encode()).hexdigest()[:12]
