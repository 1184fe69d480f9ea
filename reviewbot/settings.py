"""What the operator decides and what a repository may ask for. Read once, then frozen.

The operator (environment, `~/.config/reviewbot/config.yml`, flags) holds keys, servers and ceilings. A `Policy` comes
from the repository's base commit and can narrow what the operator allows, never widen it. Keys, URLs and servers are
never policy: a changed file must not decide where code and keys are sent.
"""

import difflib
import json
import re
from collections.abc import Mapping
from pathlib import Path
from typing import Annotated, Any, Literal, NamedTuple, TypeVar
from urllib.parse import urlsplit

import yaml
from pydantic import BaseModel, Field, SecretStr, ValidationError

from reviewbot.errors import BadPolicy, BadSettings
from reviewbot.facts import Fact

SeverityWord = Literal["critical", "high", "medium", "low"]
POLICY_FILE = ".reviewbot.yml"
MAX_SETTINGS_BYTES = 64_000
"""A settings file larger than this is refused before it is parsed (THREATS S38)."""


class Budget(Fact):
    """Ceilings for one run; None is no ceiling."""

    usd: Annotated[float, Field(ge=0, allow_inf_nan=False)] | None = None
    tokens: Annotated[int, Field(ge=0)] | None = None

    def within(self, other: "Budget") -> "Budget":
        """The tighter of the two: a policy may narrow the operator's budget, never widen it."""
        return Budget(
            usd=min((usd for usd in (self.usd, other.usd) if usd is not None), default=None),
            tokens=min((tokens for tokens in (self.tokens, other.tokens) if tokens is not None), default=None),
        )


class Comments(Fact):
    """How much is put in front of a person at the line itself. The rest is in the summary, never lost."""

    max: Annotated[int, Field(ge=0)] = 12
    min_severity: SeverityWord = "low"
    suggestions: bool = False
    """Offer a fix as a suggestion that one click commits, where it is harmless to (THREATS S18)."""


class Triggers(Fact):
    """When a pull request is reviewed without being asked."""

    drafts: bool = False
    bots: bool = True
    """Pull requests that a bot opened."""
    strangers: bool = False
    """Pull requests from forks by people who never had one merged here, where a service pays for the review.

    Somebody who may push can always ask for a review.
    """
    pushes: Literal["new", "all", "none"] = "new"
    """After a review, a push has its new parts reviewed, everything again, or nothing until somebody asks."""


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
    triggers: Triggers = Triggers()
    check: Literal["neutral", "success"] = "neutral"
    """What the check run of a complete review says. It never fails: a person decides."""
    budget: Budget = Budget()
    language: str = "English"
    """The language findings are written in."""


class Server(Fact):
    """An OpenAI-compatible server the operator declared."""

    url: str
    api_key: SecretStr | None = None


class Vendor(NamedTuple):
    """How a vendor's SDK names its settings, and the member that sits when only a key is given."""

    keys: tuple[str, ...]
    base_url: str
    default_model: str


VENDORS = {
    "anthropic": Vendor(("ANTHROPIC_API_KEY",), "ANTHROPIC_BASE_URL", "claude-sonnet-5-5"),
    "openai": Vendor(("OPENAI_API_KEY",), "OPENAI_BASE_URL", "gpt-6.1-sol"),
    "google": Vendor(("GOOGLE_API_KEY", "GEMINI_API_KEY"), "GOOGLE_GEMINI_BASE_URL", "gemini-4-argon"),
}
"""Variables in the order the vendors' SDKs prefer them (PROVIDERS section 5)."""


def server_key_name(server: str) -> str:
    """The environment variable that holds the key of a declared server."""
    return f"REVIEWBOT_{server.upper().replace('-', '_')}_API_KEY"


class Operator(Fact):
    """What the person who runs reviewbot decides."""

    models: tuple[str, ...] = ()
    """Members by name; empty seats one default model for each key found, and the rules."""
    lenses: tuple[str, ...] = ()
    """Which lenses look; empty is what the policy says."""
    offline: bool = False
    """Nobody is seated who needs a network."""
    keys: Mapping[str, SecretStr] = Field(default_factory=dict)
    """Vendor to key."""
    base_urls: Mapping[str, str] = Field(default_factory=dict)
    servers: Mapping[str, Server] = Field(default_factory=dict)
    budget: Budget = Budget()
    seconds: Annotated[float, Field(gt=0)] = 600.0
    """The whole council must end within this."""
    max_output_tokens: Annotated[int, Field(ge=1_000)] = 16_000
    """For one answer, thinking included."""
    max_prompt_tokens: Annotated[int, Field(ge=1_000)] = 100_000
    """The change as one prompt shows it; what does not fit is named in the report."""
    max_changed_lines: Annotated[int, Field(ge=1)] = 50_000
    """One run reads no more than this; the rest is named in the report."""


class OperatorFile(Fact):
    """`~/.config/reviewbot/config.yml`. Keys are not in it: they come from the environment."""

    models: tuple[str, ...] = ()
    lenses: tuple[str, ...] = ()
    servers: Mapping[str, str] = Field(default_factory=dict)
    """Name to URL; the key is in REVIEWBOT_<NAME>_API_KEY."""
    budget: Budget = Budget()
    seconds: Annotated[float, Field(gt=0)] | None = None
    max_output_tokens: Annotated[int, Field(ge=1_000)] | None = None
    max_prompt_tokens: Annotated[int, Field(ge=1_000)] | None = None
    max_changed_lines: Annotated[int, Field(ge=1)] | None = None


def load_policy(text: str, *, who: str) -> Policy:
    """A policy file's text. Raises BadPolicy, which names the line's key and the nearest one that exists."""
    return _validated(Policy, read_mapping(text, who, BadPolicy), who, BadPolicy)


def load_operator(environ: Mapping[str, str], *, flags: Mapping[str, Any]) -> Operator:
    """Flags over environment over the operator's file. Raises BadSettings."""
    file = _operator_file(environ)
    servers = dict(file.servers) | _declared_servers(environ.get("REVIEWBOT_SERVERS", ""))
    found = {
        "keys": {vendor: key for vendor, names in VENDORS.items() if (key := _first(environ, names.keys))},
        "base_urls": {vendor: url for vendor, names in VENDORS.items() if (url := environ.get(names.base_url))},
        "servers": {
            name: {"url": url, "api_key": environ.get(server_key_name(name)) or None} for name, url in servers.items()
        },
    }
    stated = file.model_dump(exclude_none=True, exclude={"servers"}) | found
    given = {name: value for name, value in flags.items() if value is not None}
    given["budget"] = stated["budget"] | given.get("budget", {})
    operator = _validated(Operator, stated | given, "settings", BadSettings)
    _check_urls(operator)
    return operator


def _operator_file(environ: Mapping[str, str]) -> OperatorFile:
    home = environ.get("XDG_CONFIG_HOME") or (environ["HOME"] + "/.config" if environ.get("HOME") else None)
    path = Path(home) / "reviewbot" / "config.yml" if home else None
    if path is None or not path.is_file():
        return OperatorFile()
    try:
        text = path.read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as e:
        raise BadSettings(str(path), f"cannot be read ({e})", "make it readable UTF-8, or move it away") from e
    return _validated(OperatorFile, read_mapping(text, str(path), BadSettings), str(path), BadSettings)


def _first(environ: Mapping[str, str], names: tuple[str, ...]) -> str | None:
    return next((environ[name] for name in names if environ.get(name)), None)


def _declared_servers(text: str) -> dict[str, str]:
    """`name=url,name=url`, as REVIEWBOT_SERVERS says it."""
    servers = {}
    for entry in filter(None, (part.strip() for part in text.split(","))):
        name, equals, url = entry.partition("=")
        if not equals:
            raise _no_server("REVIEWBOT_SERVERS", entry)
        servers[name] = url
    return servers


def _no_server(who: str, entry: str) -> BadSettings:
    return BadSettings(who, f"{entry!r} declares no server", 'write it like "ollama=http://localhost:11434/v1"')


def _check_urls(operator: Operator) -> None:
    """A key travels only over TLS or inside this machine (THREATS S35)."""
    urls = [(vendor, url, vendor in operator.keys) for vendor, url in operator.base_urls.items()]
    urls += [(name, server.url, server.api_key is not None) for name, server in operator.servers.items()]
    for name in operator.servers:
        if not re.fullmatch(r"[a-z][a-z0-9-]*", name) or name in {*VENDORS, "rules", "sarif", "scripted"}:
            raise _no_server("servers", name)
    for name, url, with_key in urls:
        shown = re.sub(r"//.*@", "//", url)  # without the password that may stand in it
        try:
            parts = urlsplit(url)
            is_address = parts.scheme in {"http", "https"} and parts.hostname and (parts.port is None or parts.port > 0)
        except ValueError:
            is_address = False
        if not is_address:
            raise BadSettings(name, f"{shown!r} is no address of a server", "write it like https://host/v1")
        if parts.scheme == "http" and with_key and parts.hostname not in {"localhost", "127.0.0.1", "::1"}:
            raise BadSettings(name, f"{shown} would carry the API key in clear", "use https, or a server without a key")


_Model = TypeVar("_Model", bound=BaseModel)


class _PlainLoader(yaml.SafeLoader):
    """YAML without aliases: no page needs them, and nested ones grow without end (THREATS S38)."""

    def compose_node(self, parent: yaml.Node | None, index: int) -> yaml.Node | None:
        if self.check_event(yaml.AliasEvent):
            raise yaml.composer.ComposerError(None, None, "aliases are not allowed", None)
        return super().compose_node(parent, index)


def read_mapping(text: str, who: str, error: type[BadSettings]) -> dict[str, Any]:
    """Keys to values from YAML that somebody else may have written. Raises `error` with the reason."""
    size = len(text.encode("utf-8", "replace"))
    if size > MAX_SETTINGS_BYTES:
        raise error(who, f"has {size:,} bytes", f"keep it under {MAX_SETTINGS_BYTES:,}")
    try:
        value = yaml.load(text, _PlainLoader) if text.strip() else {}  # noqa: S506  a SafeLoader, see above
        json.dumps(value, ensure_ascii=False, default=str).encode()  # half a character could not be recorded
    except (yaml.YAMLError, RecursionError, ValueError) as e:
        raise error(who, f"is not YAML we can read: {' '.join(str(e).split())[:200]}", "mend the line it names") from e
    if value is None:
        return {}
    if not isinstance(value, dict):
        raise error(who, "is not a mapping of keys to values", "write it like `ignore: [vendor/*]`")
    return value


def _validated(model: type[_Model], value: Mapping[str, Any], who: str, error: type[BadSettings]) -> _Model:
    try:
        return model.model_validate(value)
    except ValidationError as e:
        first = e.errors()[0]
        key = ".".join(str(part) for part in first["loc"])
        if first["type"] != "extra_forbidden":
            raise error(who, f"{key}: {first['msg'].lower()}", "mend that value") from e
        known = _keys_beside(model, first["loc"])
        near = difflib.get_close_matches(str(first["loc"][-1]), known, n=1, cutoff=0.5)
        remedy = f"did you mean {near[0]}?" if near else "known here: " + ", ".join(known)
        raise error(who, f"{key} is not a key", remedy) from e


def _keys_beside(model: type[BaseModel], loc: tuple[int | str, ...]) -> list[str]:
    """The keys that exist where an unknown one was written."""
    for part in loc[:-1]:
        inner = model.model_fields[str(part)].annotation if str(part) in model.model_fields else None
        model = inner if isinstance(inner, type) and issubclass(inner, BaseModel) else model
    return sorted(model.model_fields)
