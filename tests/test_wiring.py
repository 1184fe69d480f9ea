"""Who sits, from keys, flags and policy; and the one thing to do when nobody can."""

import json
import subprocess
import sys
from pathlib import Path

import pytest
from pydantic import SecretStr

from reviewbot.errors import BadSettings, NoCouncil
from reviewbot.settings import Operator, Policy, Server
from reviewbot.wiring import family, seat_council

KEYS = {"anthropic": SecretStr("a"), "google": SecretStr("g")}
OLLAMA = {"ollama": Server(url="http://localhost:11434/v1")}


NO_POLICY = Policy()


def names(operator: Operator, policy: Policy = NO_POLICY) -> list[str]:
    return [invited.member.name for invited in seat_council(operator, policy)]


def test_each_key_found_seats_one_model_beside_the_rules() -> None:
    assert names(Operator(keys=KEYS)) == ["anthropic/claude-sonnet-5-5", "google/gemini-4-argon", "rules/builtin"]


def test_with_no_key_the_rules_sit_alone() -> None:
    assert names(Operator()) == ["rules/builtin"]


def test_named_members_sit_and_nobody_else() -> None:
    assert names(Operator(keys=KEYS, models=("google/gemini-9", "google/gemini-9"))) == ["google/gemini-9"]


def test_offline_seats_nobody_who_needs_a_network() -> None:
    assert names(Operator(keys=KEYS, offline=True)) == ["rules/builtin"]
    assert names(Operator(keys=KEYS, offline=True, models=("google/gemini-9", "rules/builtin"))) == ["rules/builtin"]


def test_offline_with_only_models_named_leaves_nobody() -> None:
    with pytest.raises(NoCouncil, match="nobody is left to sit; name a member"):
        seat_council(Operator(keys=KEYS, offline=True, models=("google/gemini-9",)), Policy())


def test_a_policy_chooses_among_what_the_operator_can_reach() -> None:
    policy = Policy(models=("anthropic/claude-opus-5-5", "openai/gpt-6-astra", "rules/builtin", "scripted/x.json"))
    assert names(Operator(keys=KEYS), policy) == ["anthropic/claude-opus-5-5", "rules/builtin"]


def test_a_policy_cannot_seat_whom_the_operator_did_not_name() -> None:
    policy = Policy(models=("anthropic/claude-opus-5-5", "rules/builtin"))
    assert names(Operator(keys=KEYS, models=("rules/builtin", "google/gemini-9")), policy) == ["rules/builtin"]


@pytest.mark.parametrize(
    ("model", "reason"),
    [
        ("claude-sonnet-5-5", "is not PROVIDER/NAME"),
        ("anthropic/", "is not PROVIDER/NAME"),
        ("openai/gpt-6.1-sol", "there is no key for it; set OPENAI_API_KEY"),
        ("nobody/x", r'nobody is called nobody; known: anthropic, .*REVIEWBOT_SERVERS="nobody='),
        ("rules/other", "write rules/builtin"),
        ("scripted/missing.json", r"missing\.json"),
    ],
)
def test_a_member_that_cannot_sit_is_named_with_the_remedy(model: str, reason: str) -> None:
    with pytest.raises(BadSettings, match=reason):
        seat_council(Operator(keys=KEYS, models=(model,)), Policy())


def test_a_script_says_whose_voice_it_is_and_through_which_lenses(tmp_path: Path) -> None:
    answer = {"answer": {"findings": [], "could_not_judge": []}}
    path = tmp_path / "ada.json"
    path.write_text(json.dumps({"family": "ada", "recorded": "by hand, 2026-11-21", "answers": {"security": answer}}))
    (invited,) = seat_council(Operator(models=(f"scripted/{path}",)), Policy())
    assert (invited.member.family, invited.lenses) == ("ada", ("security",))


def test_a_server_speaks_with_the_voice_of_the_model_behind_it() -> None:
    models = ("ollama/qwen3:8b", "ollama/house-blend")
    council = seat_council(Operator(servers=OLLAMA, models=models), Policy())
    assert [invited.member.family for invited in council] == ["alibaba", "ollama"]


@pytest.mark.parametrize(
    ("model", "vendor"),
    [
        ("anthropic/claude-sonnet-5-5", "anthropic"),
        ("gpt-oss:20b", "openai"),
        ("o3-mini", "openai"),
        ("google/gemma-4", "google"),
        ("meta-llama/Llama-4", "meta"),
        ("codestral", "mistral"),
        ("opus", None),
        ("orca", None),
    ],
)
def test_a_family_is_whose_weights_a_name_speaks_of(model: str, vendor: str | None) -> None:
    assert family(model) == vendor


def loaded(operator: str) -> str:
    """The SDKs that are imported in a process of its own, once what was begun ahead has ended."""
    program = (
        "import sys; from pydantic import SecretStr; from reviewbot.settings import Operator; "
        "from reviewbot.wiring import load_ahead; "
        f"load_ahead({operator}).join(); print(*sorted({{'anthropic', 'openai', 'google.genai'}} & sys.modules.keys()))"
    )
    return subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True).stdout.strip()


def test_the_sdk_of_who_may_sit_is_loaded_ahead_and_no_other() -> None:
    assert loaded("Operator(keys={'openai': SecretStr('k')})") == "openai"
    assert loaded("Operator(keys={'openai': SecretStr('k')}, models=('rules/builtin',))") == ""
    assert loaded("Operator(keys={'openai': SecretStr('k')}, offline=True)") == ""
