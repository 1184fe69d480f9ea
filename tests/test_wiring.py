"""Who sits, from keys, flags and policy; and the one thing to do when nobody can."""

import json
import subprocess
import sys
from pathlib import Path

import pytest
from pydantic import SecretStr

from reviewbot.council.model import Caching
from reviewbot.errors import BadSettings, NoCouncil
from reviewbot.settings import MemberSettings, Operator, Policy, Rates, Server
from reviewbot.wiring import seat_council

KEYS = {"anthropic": SecretStr("a"), "google": SecretStr("g")}
SONNET, OPUS = "anthropic/claude-sonnet-5-5", "anthropic/claude-opus-5-5"
OLLAMA = {"ollama": Server(url="http://localhost:11434/v1")}


NO_POLICY = Policy()


def names(operator: Operator, policy: Policy = NO_POLICY) -> list[str]:
    return [invited.member.name for invited in seat_council(operator, policy)]


def test_each_key_found_seats_a_model_for_each_tier_beside_the_rules() -> None:
    roster = {invited.member.name: sorted(invited.tiers) for invited in seat_council(Operator(keys=KEYS), NO_POLICY)}
    assert roster == {
        "anthropic/claude-sonnet-5-5": ["standard"],
        "anthropic/claude-haiku-5-5": ["low"],
        "anthropic/claude-opus-5-5": ["high"],
        "google/gemini-4-argon": ["high", "standard"],
        "google/gemini-3.8-flash": ["low"],
        "rules/builtin": ["high", "low", "standard"],
    }


def test_who_is_named_sits_in_every_tier() -> None:
    operator = Operator(keys=KEYS, models=("google/gemini-9",))
    for invited in (*seat_council(operator, NO_POLICY), *seat_council(Operator(keys=KEYS), Policy(models=(SONNET,)))):
        assert invited.tiers == {"low", "standard", "high"}


def test_what_is_known_of_a_model_comes_with_it() -> None:
    (invited,) = seat_council(Operator(keys=KEYS, models=(SONNET,)), NO_POLICY)
    assert (invited.window, invited.most_output, invited.caching) == (1_000_000, 128_000, Caching(512, "begun"))


def test_what_the_operator_says_of_a_member_goes_before_what_is_known() -> None:
    said = MemberSettings(effort="high", window=32_000, price=Rates(input=1, output=2))
    (invited,) = seat_council(Operator(keys=KEYS, models=(SONNET,), members={SONNET: said}), NO_POLICY)
    assert (invited.effort, invited.window, invited.rates) == ("high", 32_000, Rates(input=1, output=2))


def test_members_at_one_address_share_a_breaker() -> None:
    keys = {**KEYS, "openai": SecretStr("o")}
    sonnet, opus, sol = seat_council(Operator(keys=keys, models=(SONNET, OPUS, "openai/gpt-6.1-sol")), NO_POLICY)
    assert sonnet.breaker is opus.breaker
    assert sonnet.breaker is not sol.breaker


def test_a_scanner_sits_beside_whoever_sits(tmp_path: Path) -> None:
    path = tmp_path / "log.sarif"
    path.write_text(json.dumps({"runs": [{"tool": {"driver": {"name": "Probe"}}, "results": []}]}))
    seated = "sarif/log.sarif"
    assert names(Operator(sarif=(path,)), Policy(models=("rules/builtin",))) == ["rules/builtin", seated]
    assert names(Operator(models=(f"sarif/{path}",), offline=True), Policy(models=("openai/x",))) == [seated]
    (invited,) = seat_council(Operator(models=(f"sarif/{path}",), sarif=(path,)), NO_POLICY)
    assert (invited.member.family, invited.reads_prompts) == ("probe scanner", False)


def test_a_scan_is_named_by_its_path_here_and_by_its_end_elsewhere(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    here = tmp_path / "here"
    monkeypatch.chdir(tmp_path)
    paths = (here / "out" / "a.sarif", Path("here/b.sarif"), tmp_path / "x" / "a.sarif", tmp_path / "y" / "a.sarif")
    for path in paths:
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(json.dumps({"runs": [{"results": []}]}))
    monkeypatch.chdir(here)
    shown = names(Operator(models=("rules/builtin",), sarif=(paths[0], Path("b.sarif"), *paths[2:])))
    assert shown == ["rules/builtin", "sarif/out/a.sarif", "sarif/b.sarif", "sarif/a.sarif", "sarif/y/a.sarif"]


def test_a_policy_seats_no_scanner_of_its_own() -> None:
    with pytest.raises(
        NoCouncil, match=r"\.reviewbot\.yml: `models` names nobody whom the operator allows; allowed: ant"
    ):
        seat_council(Operator(keys=KEYS), Policy(models=("sarif/log.sarif",)))


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


def test_a_policy_chooses_among_the_roster_and_whom_the_operator_speaks_of() -> None:
    dear, spoken_of = "anthropic/claude-superexpensive-9", "ollama/qwen3:8b"
    policy = Policy(
        models=(OPUS, "openai/gpt-6-astra", dear, spoken_of, "ollama/x", "rules/builtin", "scripted/x.json")
    )
    members = dict.fromkeys((spoken_of, "openai/gpt-6-astra"), MemberSettings())
    operator = Operator(keys=KEYS, servers=OLLAMA, members=members)
    assert names(operator, policy) == [OPUS, spoken_of, "rules/builtin"]
    assert spoken_of not in names(operator)


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
        ("sarif/missing.sarif", r"sarif missing\.sarif: cannot be read"),
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


def loaded(*operators: str) -> list[str]:
    """The SDKs that are imported in one process, each time that what was begun ahead for an operator has ended."""
    program = (
        "import sys; from pydantic import SecretStr; from reviewbot.settings import Operator; "
        "from reviewbot.wiring import load_ahead\n"
        f"for one in ({', '.join(operators)},):\n"
        " load_ahead(one).join(); print(*sorted({'anthropic', 'openai', 'google.genai'} & sys.modules.keys()))"
    )
    said = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True).stdout
    return said.splitlines()


def test_the_sdk_of_who_may_sit_is_loaded_ahead_and_no_other() -> None:
    assert loaded(
        "Operator(keys={'openai': SecretStr('k')}, models=('rules/builtin',))",
        "Operator(keys={'openai': SecretStr('k')}, offline=True)",
        "Operator(keys={'openai': SecretStr('k')})",
    ) == ["", "", "openai"]
