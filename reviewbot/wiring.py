"""The composition root: which members may sit, and how each is reached. The only module that knows everybody."""

import re
from contextlib import suppress
from functools import partial
from pathlib import Path
from threading import Thread
from typing import Final

from reviewbot.council import Access, Invited, Member
from reviewbot.council.breaker import Breakers
from reviewbot.council.family import family
from reviewbot.council.members import BATCHES, DIALECTS, LOADERS, PROVIDERS, sarif
from reviewbot.council.members.batch_api import OpenBatches
from reviewbot.council.members.rules import LENSES as RULE_LENSES
from reviewbot.council.members.scripted import read_script
from reviewbot.council.window import context_window
from reviewbot.errors import BadSettings, NoCouncil
from reviewbot.findings import RULES as RULES_FAMILY
from reviewbot.settings import POLICY_FILE, TIERS, VENDORS, MemberSettings, Operator, Policy, TierName, server_key_name

RULES = "rules/builtin"
ALL_TIERS: Final[frozenset[TierName]] = frozenset(TIERS)
BREAKERS: Final = Breakers()
"""Of this process: all reviews of a service that ask the same server share what they learn of it."""


def seat_council(operator: Operator, policy: Policy) -> tuple[Invited, ...]:
    """The members that may be asked, in whatever tier. Raises NoCouncil or BadSettings with the one thing to do.

    Who is named, by the operator or the policy, sits in every tier. Scanners are the operator's and always sit.
    """
    scans = _scans(operator)
    tiers = _named(operator) if operator.models else _found(operator)
    if policy.models is not None:
        allowed = tiers if operator.models else _spoken_of(operator) | tiers
        tiers = {name: ALL_TIERS for name in policy.models if name in allowed}
        if not tiers and not scans:
            raise NoCouncil(
                POLICY_FILE, "`models` names nobody whom the operator allows", f"allowed: {', '.join(allowed)}"
            )
    if operator.offline:
        tiers = {name: in_tiers for name, in_tiers in tiers.items() if not _needs_network(name)}
    if not tiers and not scans:
        raise NoCouncil("council", "nobody is left to sit", "name a member with --model, such as --model rules/builtin")
    models = (_invite(name, operator, in_tiers) for name, in_tiers in tiers.items())
    return (*models, *(_invite_scan(name, path) for name, path in scans.items()))


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


def batches_of(name: str, operator: Operator) -> OpenBatches | None:
    """What opens the batches of a member's vendor; None where it has none, as the operator's own servers.

    Raises BadSettings where there is no key.
    """
    provider, _, model = name.partition("/")
    if provider not in BATCHES or provider in operator.servers:
        return None
    access = _access(provider, model, operator, operator.members.get(name, MemberSettings()))
    return partial(BATCHES[provider], access)


def _found(operator: Operator) -> dict[str, frozenset[TierName]]:
    """With no model named: a usual, a cheap and a strong model of each vendor whose key is there, and the rules."""
    found: dict[str, frozenset[TierName]] = {}
    for name in (name for name in VENDORS if name in operator.keys and not operator.offline):
        vendor = VENDORS[name]
        chosen: dict[TierName, str] = {
            "standard": vendor.default_model, "low": vendor.cheap_model, "high": vendor.strong_model
        }  # fmt: skip
        for tier, model in chosen.items():
            found[f"{name}/{model}"] = found.get(f"{name}/{model}", frozenset()) | {tier}
    return found | {RULES: ALL_TIERS}


def _named(operator: Operator) -> dict[str, frozenset[TierName]]:
    return dict.fromkeys((name for name in operator.models if not _is_scan(name)), ALL_TIERS)


def _spoken_of(operator: Operator) -> dict[str, frozenset[TierName]]:
    """Whom the operator's `members:` speak of, and who can be reached. A policy may choose them; nobody else does."""
    reachable = {*operator.keys, *operator.servers}
    return dict.fromkeys((name for name in operator.members if name.partition("/")[0] in reachable), ALL_TIERS)


def _is_scan(name: str) -> bool:
    return name.startswith("sarif/") and name != "sarif/"


def _scans(operator: Operator) -> dict[str, Path]:
    """The scanners' files by the names of their seats.

    A path is named as the operator gave it. Of a whole one it is what lies under this folder, else only the end: a
    report is no place to learn how a machine is laid out.
    """
    named = (Path(name.removeprefix("sarif/")) for name in operator.models if _is_scan(name))
    scans, here = dict[str, Path](), Path.cwd()
    for path in dict.fromkeys((*named, *operator.sarif)):
        given = path.relative_to(here) if path.is_relative_to(here) else path
        short = [given] if not given.is_absolute() else [Path(*given.parts[-n:]) for n in range(1, len(given.parts))]
        names = (f"sarif/{one}" for one in short)
        scans[next((name for name in names if name not in scans), f"sarif/{path}")] = path
    return scans


def _needs_network(name: str) -> bool:
    return name.partition("/")[0] not in {"rules", "sarif", "scripted"}


def _invite(name: str, operator: Operator, tiers: frozenset[TierName]) -> Invited:
    provider, slash, model = name.partition("/")
    if not slash or not model:
        raise BadSettings(f"--model {name}", "is not PROVIDER/NAME", "write it like anthropic/claude-sonnet-5-5")
    if provider == "rules":
        return _invite_rules(name)
    if provider == "scripted":
        return _invite_script(name, Path(model))
    if provider in VENDORS or provider in operator.servers:
        return _invite_model(name, operator, tiers)
    known = ", ".join([*VENDORS, *operator.servers, "rules", "sarif", "scripted"])
    remedy = f'known: {known}; declare a server with REVIEWBOT_SERVERS="{provider}=http://localhost:11434/v1"'
    raise BadSettings(f"--model {name}", f"nobody is called {provider}", remedy)


def _invite_model(name: str, operator: Operator, tiers: frozenset[TierName]) -> Invited:
    """Somebody who is asked over a network: a vendor at its own address or a gateway's, or a declared server."""
    provider, _, model = name.partition("/")
    said = operator.members.get(name, MemberSettings())
    access = _access(provider, model, operator, said)
    dialect = DIALECTS[operator.servers[provider].dialect if access.declared else provider]
    return Invited(
        member=Member(name=name, family=(family(model) or provider) if access.declared else provider),
        connect=partial(dialect.connect, access),
        tiers=tiers,
        rates=said.price,
        window=said.window or (None if access.declared else context_window(name)),
        caching=dialect.caching(model),
        most_output=dialect.most_output(model),
        effort=said.effort,
        breaker=BREAKERS.of(re.sub(r"//.*@", "//", access.base_url) if access.base_url else provider),
    )


def _access(provider: str, model: str, operator: Operator, said: MemberSettings) -> Access:
    wishes = {"effort": said.effort, "service_tier": said.service_tier}
    if server := operator.servers.get(provider):
        return Access(
            model=model,
            api_key=server.api_key,
            key_name=server_key_name(provider),
            base_url=server.url,
            declared=True,
            structured=said.structured,
            extra=said.extra,
            **wishes,
        )
    key, key_name = operator.keys.get(provider), " or ".join(VENDORS[provider].keys)
    if key is None:
        raise BadSettings(f"--model {provider}/{model}", "there is no key for it", f"set {key_name}")
    return Access(model=model, api_key=key, key_name=key_name, base_url=operator.base_urls.get(provider), **wishes)


def _invite_rules(name: str) -> Invited:
    if name != RULES:
        raise BadSettings(f"--model {name}", "there is one rule pack", f"write {RULES}")
    return Invited(
        member=Member(name=name, family=RULES_FAMILY),
        connect=partial(PROVIDERS["rules"].connect, Access(model="builtin")),
        lenses=RULE_LENSES,
        reads_prompts=False,
    )


def _invite_scan(name: str, path: Path) -> Invited:
    scan = sarif.read_scan(path)
    return Invited(
        member=Member(name=name, family=scan.family),
        connect=partial(sarif.open_scan, scan),
        lenses=scan.lenses,
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
