"""What the person who runs reviewbot decides: environment, `~/.config/reviewbot/config.yml`, flags.

Keys, servers and ceilings are here and in no file of a repository: a changed file must not decide where code and keys
are sent.
"""

import re
from collections.abc import Mapping
from pathlib import Path
from typing import Annotated, Any, Literal, NamedTuple, get_args

from pydantic import Field, SecretStr

from reviewbot.errors import BadSettings
from reviewbot.facts import Fact
from reviewbot.settings.access import check_url, read_key
from reviewbot.settings.mapping import read_mapping, validated
from reviewbot.settings.policy import Budget, TierName

PRICED_TIERS = frozenset({"auto", "default", "standard", "standard_only", "flex", "batch"})
"""Service tiers that cost no more than the list says. Others are dearer than any budget would know."""
OWN_FIELDS = frozenset(
    {
        "model", "models", "messages", "stream", "stream_options", "response_format", "max_tokens",
        "max_completion_tokens", "max_output_tokens", "n", "best_of", "reasoning_effort", "service_tier", "tools",
        "functions", "plugins", "web_search_options",
    }
)  # fmt: skip
"""Of a request; an operator's extra fields cannot replace them: what is spent is reckoned by them."""
Effort = Literal["low", "medium", "high"]
"""How long a model thinks before it answers; each member says it in its vendor's words."""


Dialect = Literal["chat", "anthropic", "openai", "google"]
"""The API a server speaks: OpenAI's chat completions as most do, or that of a vendor (OpenAI's is Responses)."""


class Server(Fact):
    """A server the operator declared."""

    url: str
    dialect: Dialect = "chat"
    api_key: SecretStr | None = None


class Vendor(NamedTuple):
    """How a vendor's SDK names its settings, and the models that sit when only a key is given."""

    keys: tuple[str, ...]
    base_url: str
    cheap_model: str
    """Sits where little is at stake."""
    default_model: str
    strong_model: str
    """Sits where much is at stake."""


VENDORS = {
    "anthropic": Vendor(
        ("ANTHROPIC_API_KEY",), "ANTHROPIC_BASE_URL", "claude-haiku-5-5", "claude-sonnet-5-5", "claude-opus-5-5"
    ),
    "openai": Vendor(("OPENAI_API_KEY",), "OPENAI_BASE_URL", "gpt-6-luna", "gpt-6.1-sol", "gpt-6-astra"),
    "google": Vendor(
        ("GOOGLE_API_KEY", "GEMINI_API_KEY"),
        "GOOGLE_GEMINI_BASE_URL",
        "gemini-3.8-flash",
        "gemini-4-argon",
        "gemini-4-argon",
    ),
}
"""Variables in the order the vendors' SDKs prefer them (PROVIDERS section 5)."""


def server_key_name(server: str) -> str:
    """The environment variable that holds the key of a declared server."""
    return f"REVIEWBOT_{server.upper().replace('-', '_')}_API_KEY"


class Rates(Fact):
    """What a member costs, in dollars for a million tokens, where the operator knows better than the price list."""

    input: Annotated[float, Field(ge=0, allow_inf_nan=False)]
    output: Annotated[float, Field(ge=0, allow_inf_nan=False)]
    cached: Annotated[float, Field(ge=0, allow_inf_nan=False)] | None = None
    """Read from the vendor's cache; None is the price of input."""
    cache_written: Annotated[float, Field(ge=0, allow_inf_nan=False)] | None = None
    """Written to the vendor's cache; None is the price of input."""


class MemberSettings(Fact):
    """What the operator says of one member; None leaves it to reviewbot."""

    effort: Effort | None = None
    """How long it thinks, in every tier. None: as the tier says."""
    service_tier: str | None = None
    """Sent as it is to vendors that sell one; "flex" is half the price and may take minutes.

    One that may be dearer than the standard, such as "priority", needs `price` beside it.
    """
    price: Rates | None = None
    window: Annotated[int, Field(ge=1_000)] | None = None
    """Tokens its context holds, prompt and answer together."""
    structured: Literal["json_schema", "json_object", "text"] | None = None
    """The way a compatible server is asked for JSON, where the first that it takes is not the best."""
    extra: Mapping[str, Any] = Field(default_factory=dict)
    """Fields that each request to a compatible server carries beside reviewbot's own, such as `temperature`."""


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
    members: Mapping[str, MemberSettings] = Field(default_factory=dict)
    """By the member's name, PROVIDER/MODEL."""
    sarif: tuple[Path, ...] = ()
    """Files of other scanners; each takes a seat."""
    tier: TierName | None = None
    """Instead of what the change itself says."""
    budget: Budget = Budget()
    """For one run."""
    pull_budget: Budget = Budget()
    """For one pull request, over all its pushes."""
    day_budget: Budget = Budget()
    """For all runs of one day (UTC) that write their spending in the same place."""
    spending: Path | None = None
    """The file that remembers what a day cost, made where `day_budget` is set."""
    feedback: Path | None = None
    """The file that remembers what people did with comments, made with the first of them."""
    context_tokens: Annotated[int, Field(ge=0)] = 8_000
    """Of code around the change that one prompt shows beside it; 0 is none."""
    challenged: Annotated[int, Field(ge=0)] = 12
    """Findings that another family is asked to refute; 0 is none."""
    call_seconds: Annotated[float, Field(gt=0)] = 300.0
    """One call must end within this."""
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
    """Name to URL, a dialect in front where it is not "chat": openai+https://... The key: REVIEWBOT_<NAME>_API_KEY."""
    members: Mapping[str, MemberSettings] = Field(default_factory=dict)
    budget: Budget = Budget()
    pull_budget: Budget = Budget()
    day_budget: Budget = Budget()
    context_tokens: Annotated[int, Field(ge=0)] | None = None
    challenged: Annotated[int, Field(ge=0)] | None = None
    call_seconds: Annotated[float, Field(gt=0)] | None = None
    seconds: Annotated[float, Field(gt=0)] | None = None
    max_output_tokens: Annotated[int, Field(ge=1_000)] | None = None
    max_prompt_tokens: Annotated[int, Field(ge=1_000)] | None = None
    max_changed_lines: Annotated[int, Field(ge=1)] | None = None


def load_operator(environ: Mapping[str, str], *, flags: Mapping[str, Any]) -> Operator:
    """Flags over environment over the operator's file. Raises BadSettings."""
    file = _operator_file(environ)
    servers = dict(file.servers) | _declared_servers(environ.get("REVIEWBOT_SERVERS", ""))
    found = {
        "keys": {vendor: key for vendor, names in VENDORS.items() if (key := read_key(environ, names.keys))},
        "base_urls": {v: url for v, names in VENDORS.items() if (url := environ.get(names.base_url, "").strip())},
        "servers": {name: _server(name, address, environ) for name, address in servers.items()},
        "members": dict(file.members) | _said_of_members(environ),
        "spending": _state(environ, "spending.sqlite"),
        "feedback": _feedback(environ),
    }
    stated = file.model_dump(exclude_none=True, exclude={"servers", "members"}) | found
    budgets = _Budgets.read(environ)
    for name, budget in (("budget", budgets.run), ("pull_budget", budgets.pull), ("day_budget", budgets.day)):
        stated[name] |= budget.model_dump(exclude_none=True)
    given = {name: value for name, value in flags.items() if value is not None}
    given["budget"] = stated["budget"] | given.get("budget", {})
    operator = validated(Operator, stated | given, "settings", BadSettings)
    _check_urls(operator)
    _check_members(operator)
    return operator


class _Budgets(Fact):
    """What REVIEWBOT_BUDGETS says: for one run, for one pull request, for one day."""

    run: Budget = Budget()
    pull: Budget = Budget()
    day: Budget = Budget()

    @classmethod
    def read(cls, environ: Mapping[str, str]) -> "_Budgets":
        name = "REVIEWBOT_BUDGETS"
        return validated(cls, read_mapping(environ.get(name, ""), name, BadSettings), name, BadSettings)


def _said_of_members(environ: Mapping[str, str]) -> dict[str, MemberSettings]:
    """REVIEWBOT_MEMBERS, as the operator's file says it under `members`."""
    name = "REVIEWBOT_MEMBERS"
    said = {"members": read_mapping(environ.get(name, ""), name, BadSettings)}
    return dict(validated(OperatorFile, said, name, BadSettings).members)


def _server(name: str, address: str, environ: Mapping[str, str]) -> dict[str, Any]:
    spoken = re.match(r"([a-z]+)\+(https?:)", address)
    dialect = spoken[1] if spoken else "chat"
    if dialect not in get_args(Dialect):
        known = ", ".join(get_args(Dialect))
        raise BadSettings(
            f"server {name}", f"nobody here speaks {dialect}", f"known: {known}, such as openai+https://..."
        )
    url = address[spoken.start(2) :] if spoken else address
    return {"url": url, "dialect": dialect, "api_key": read_key(environ, (server_key_name(name),))}


def _state(environ: Mapping[str, str], name: str) -> Path | None:
    """A file that this machine keeps between runs."""
    home = environ.get("XDG_STATE_HOME") or (environ["HOME"] + "/.local/state" if environ.get("HOME") else None)
    return Path(home) / "reviewbot" / name if home else None


def _feedback(environ: Mapping[str, str]) -> Path | None:
    """REVIEWBOT_FEEDBACK; else a file of this machine's, but of no runner's: that one is thrown away."""
    if named := environ.get("REVIEWBOT_FEEDBACK", "").strip():
        if not (path := Path(named)).is_absolute():  # it could be a file of the change under review
            raise BadSettings("REVIEWBOT_FEEDBACK", "is no whole path", "write it from the root on")
        return path
    return None if environ.get("GITHUB_ACTIONS") == "true" else _state(environ, "feedback.sqlite")


def _operator_file(environ: Mapping[str, str]) -> OperatorFile:
    home = environ.get("XDG_CONFIG_HOME") or (environ["HOME"] + "/.config" if environ.get("HOME") else None)
    path = Path(home) / "reviewbot" / "config.yml" if home else None
    if path is None or not path.is_file():
        return OperatorFile()
    try:
        text = path.read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as e:
        raise BadSettings(str(path), f"cannot be read ({e})", "make it readable UTF-8, or move it away") from e
    return validated(OperatorFile, read_mapping(text, str(path), BadSettings), str(path), BadSettings)


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
    without_password = re.sub(r".*@", "", entry, flags=re.DOTALL)
    return BadSettings(
        who, f"{without_password!r} declares no server", 'write it like "ollama=http://localhost:11434/v1"'
    )


def _check_members(operator: Operator) -> None:
    """What is said of a member must be said of somebody, and be something that can be said of them."""
    for name, said in operator.members.items():
        provider, _, model = name.partition("/")
        if not model or provider not in {*VENDORS, *operator.servers}:
            known = ", ".join([*VENDORS, *operator.servers])
            raise BadSettings(f"members.{name}", "names no model", f"write PROVIDER/MODEL, with a provider of {known}")
        chat = provider in operator.servers and operator.servers[provider].dialect == "chat"
        if not chat and (said.structured or said.extra):
            remedy = "leave them out: this one is asked in its vendor's own words"
            raise BadSettings(f"members.{name}", "structured and extra are for servers of chat completions", remedy)
        if said.service_tier and said.service_tier not in PRICED_TIERS and said.price is None:
            what = f"what the service tier {said.service_tier} costs is not known, so no budget could be kept"
            raise BadSettings(f"members.{name}", what, "set `price:` beside it")
        if taken := OWN_FIELDS & said.extra.keys():
            raise BadSettings(f"members.{name}.extra", f"{min(taken)} is reviewbot's own field", "leave it out")


def _check_urls(operator: Operator) -> None:
    for vendor, url in operator.base_urls.items():
        check_url(vendor, url, key_name=" or ".join(VENDORS[vendor].keys), has_key=vendor in operator.keys)
    for name, server in operator.servers.items():
        if not re.fullmatch(r"[a-z][a-z0-9-]*", name) or name in {*VENDORS, "rules", "sarif", "scripted"}:
            raise _no_server("servers", name)
        check_url(name, server.url, key_name=server_key_name(name), has_key=server.api_key is not None)
