"""The composition root: which members sit, and how each is reached. The only module that knows everybody."""

import re
from contextlib import suppress
from functools import partial
from pathlib import Path
from threading import Thread

from reviewbot.council import Access, Invited, Member
from reviewbot.council.members import LOADERS, PROVIDERS, compatible
from reviewbot.council.members.rules import LENSES as RULE_LENSES
from reviewbot.council.members.scripted import read_script
from reviewbot.errors import BadSettings, NoCouncil
from reviewbot.findings import RULES as RULES_FAMILY
from reviewbot.settings import VENDORS, Operator, Policy, server_key_name

RULES = "rules/builtin"
FAMILIES = {
    "anthropic": r"claude",
    "google": r"gemini|gemma",
    "openai": r"gpt|o[134]\b",
    "alibaba": r"qwen|qwq",
    "deepseek": r"deepseek",
    "meta": r"(meta-)?llama",
    "mistral": r"(mi|mag|code|dev)stral|mixtral",
    "microsoft": r"phi\b",
    "xai": r"grok",
    "zhipu": r"glm",
}
"""Whose weights a model name speaks of. A vendor's model behind somebody's server is still that vendor's voice."""


def seat_council(operator: Operator, policy: Policy) -> tuple[Invited, ...]:
    """The members that will be asked. Raises NoCouncil or BadSettings with the one thing to do."""
    names = operator.models or _found(operator)
    if policy.models is not None:
        allowed = set(operator.models) or {name for name in policy.models if _reachable(name, operator)}
        names = tuple(name for name in policy.models if name in allowed)
    if operator.offline:
        names = tuple(name for name in names if not _needs_network(name))
    if not names:
        raise NoCouncil("council", "nobody is left to sit", "name a member with --model, such as --model rules/builtin")
    return tuple(_invite(name, operator) for name in dict.fromkeys(names))


def load_ahead(operator: Operator) -> Thread:
    """Begin to import the SDKs of those who may sit, in a thread, while a forge is waited for. They take seconds."""
    named = {name.partition("/")[0] for name in operator.models}
    wanted = [vendor for vendor in LOADERS if vendor in operator.keys and (vendor in named or not named)]

    def load() -> None:
        for vendor in () if operator.offline else wanted:
            with suppress(ImportError):  # whoever connects says so
                LOADERS[vendor]()

    thread = Thread(target=load, daemon=True)
    thread.start()
    return thread


def _found(operator: Operator) -> tuple[str, ...]:
    """With no model named: the default model of each vendor whose key is there, and the rules."""
    vendors = () if operator.offline else VENDORS
    return (*(f"{name}/{VENDORS[name].default_model}" for name in vendors if name in operator.keys), RULES)


def _reachable(name: str, operator: Operator) -> bool:
    """Whether a policy may ask for this member: a vendor with a key, a declared server, or the rules; no file."""
    provider = name.partition("/")[0]
    return name == RULES or provider in operator.keys or provider in operator.servers


def _needs_network(name: str) -> bool:
    return name.partition("/")[0] not in {"rules", "scripted"}


def _invite(name: str, operator: Operator) -> Invited:
    provider, slash, model = name.partition("/")
    if not slash or not model:
        raise BadSettings(f"--model {name}", "is not PROVIDER/NAME", "write it like anthropic/claude-sonnet-5-5")
    if provider == "rules":
        return _invite_rules(name)
    if provider == "scripted":
        return _invite_script(name, Path(model))
    if provider in VENDORS:
        return _invite_vendor(name, provider, model, operator)
    if provider in operator.servers:
        server = operator.servers[provider]
        access = Access(model=model, api_key=server.api_key, key_name=server_key_name(provider), base_url=server.url)
        return Invited(
            member=Member(name=name, family=family(model) or provider), connect=partial(compatible.connect, access)
        )
    known = ", ".join([*VENDORS, *operator.servers, "rules", "scripted"])
    remedy = f'known: {known}; declare a server with REVIEWBOT_SERVERS="{provider}=http://localhost:11434/v1"'
    raise BadSettings(f"--model {name}", f"nobody is called {provider}", remedy)


def _invite_vendor(name: str, provider: str, model: str, operator: Operator) -> Invited:
    key, key_name = operator.keys.get(provider), " or ".join(VENDORS[provider].keys)
    if key is None:
        raise BadSettings(f"--model {name}", "there is no key for it", f"set {key_name}")
    access = Access(model=model, api_key=key, key_name=key_name, base_url=operator.base_urls.get(provider))
    return Invited(member=Member(name=name, family=provider), connect=partial(PROVIDERS[provider].connect, access))


def _invite_rules(name: str) -> Invited:
    if name != RULES:
        raise BadSettings(f"--model {name}", "there is one rule pack", f"write {RULES}")
    return Invited(
        member=Member(name=name, family=RULES_FAMILY),
        connect=partial(PROVIDERS["rules"].connect, Access(model="builtin")),
        lenses=RULE_LENSES,
        reads_prompts=False,
    )


def _invite_script(name: str, path: Path) -> Invited:
    script = read_script(path)
    return Invited(
        member=Member(name=name, family=script.family),
        connect=partial(PROVIDERS["scripted"].connect, Access(model=str(path))),
        lenses=tuple(script.answers),
        reads_prompts=False,
    )


def family(model: str) -> str | None:
    """The vendor whose weights these are, as far as the name says; None where it says nothing."""
    base = model.rsplit("/", 1)[-1].lower()
    return next((vendor for vendor, pattern in FAMILIES.items() if re.match(pattern, base)), None)
