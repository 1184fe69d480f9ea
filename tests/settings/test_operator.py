"""What the operator says: keys, servers and ceilings, by environment, file and flags."""

import re
from pathlib import Path

import pytest

from reviewbot.errors import BadSettings
from reviewbot.settings import Operator, load_operator

KEY = {"ANTHROPIC_API_KEY": "k-1"}


def operator_file(tmp_path: Path, text: str) -> dict[str, str]:
    path = tmp_path / "reviewbot" / "config.yml"
    path.parent.mkdir()
    path.write_text(text)
    return {"XDG_CONFIG_HOME": str(tmp_path)}


def test_with_nothing_said_nobody_has_a_key() -> None:
    assert load_operator({}, flags={}) == Operator()


def test_google_prefers_the_variable_its_sdk_prefers() -> None:
    operator = load_operator({"GEMINI_API_KEY": "old", "GOOGLE_API_KEY": "new"}, flags={})
    assert operator.keys["google"].get_secret_value() == "new"


def test_a_key_does_not_show_itself() -> None:
    assert "k-1" not in repr(load_operator(KEY, flags={}))


def test_servers_are_declared_with_their_keys() -> None:
    environ = {
        "REVIEWBOT_SERVERS": "ollama=http://localhost:11434/v1, my-box=https://box/v1",
        "REVIEWBOT_MY_BOX_API_KEY": "s",
    }
    servers = load_operator(environ, flags={}).servers
    assert servers["ollama"].url == "http://localhost:11434/v1"
    assert servers["ollama"].api_key is None
    assert servers["my-box"].api_key is not None


@pytest.mark.parametrize(
    "declared", ["ollama", "=http://x/v1", "Ollama=http://localhost/v1", "openai=https://x/v1", "rules=https://x/v1"]
)
def test_what_declares_no_server_is_refused(declared: str) -> None:
    with pytest.raises(BadSettings, match="declares no server"):
        load_operator({"REVIEWBOT_SERVERS": declared}, flags={})


@pytest.mark.parametrize(
    ("environ", "reason"),
    [
        (KEY | {"ANTHROPIC_BASE_URL": "http://example.com"}, "API key in clear"),
        ({"REVIEWBOT_SERVERS": "box=http://box/v1", "REVIEWBOT_BOX_API_KEY": "k"}, "API key in clear"),
        ({"OPENAI_BASE_URL": "file:///etc/passwd"}, "is no address of a server"),
        ({"REVIEWBOT_SERVERS": "box=box:11434"}, "is no address of a server"),
        ({"REVIEWBOT_SERVERS": "box=http://[::1"}, "is no address of a server"),
        ({"REVIEWBOT_SERVERS": "box=https://me:hunter2@host/v1"}, "put the key into REVIEWBOT_BOX_API_KEY"),
        ({"OPENAI_BASE_URL": "https://hunter2@host/v1"}, "put the key into OPENAI_API_KEY"),
        ({"REVIEWBOT_SERVERS": "box=https://me:hunter2@host/v1,hunter2@b"}, "'b' declares no server"),
        (
            {"REVIEWBOT_SERVERS": "box=https://host/v1", "REVIEWBOT_BOX_API_KEY": "hunter2 hunter2"},
            "BOX_API_KEY: holds no",
        ),
        ({"OPENAI_API_KEY": "hunter2\nsk-2"}, "OPENAI_API_KEY: holds no key"),
    ],
)
def test_what_cannot_be_asked_safely_is_refused_and_shows_no_secret(environ: dict[str, str], reason: str) -> None:
    with pytest.raises(BadSettings, match=reason) as caught:
        load_operator(environ, flags={})
    assert "hunter2" not in str(caught.value)


def test_a_blank_key_or_address_is_none() -> None:
    operator = load_operator({"OPENAI_API_KEY": "  ", "OPENAI_BASE_URL": " ", "ANTHROPIC_API_KEY": " k\n"}, flags={})
    assert (list(operator.keys), operator.base_urls) == (["anthropic"], {})
    assert operator.keys["anthropic"].get_secret_value() == "k"


@pytest.mark.parametrize(
    ("address", "dialect", "url"),
    [
        ("https://box/v1", "chat", "https://box/v1"),
        ("chat+https://box/v1", "chat", "https://box/v1"),
        ("anthropic+https://box", "anthropic", "https://box"),
        ("openai+http://localhost/v1", "openai", "http://localhost/v1"),
        ("google+https://box/a+https:b", "google", "https://box/a+https:b"),
    ],
)
def test_a_server_speaks_chat_or_the_dialect_in_front_of_its_address(address: str, dialect: str, url: str) -> None:
    server = load_operator({"REVIEWBOT_SERVERS": f"box={address}"}, flags={}).servers["box"]
    assert (server.dialect, server.url) == (dialect, url)


def test_a_dialect_nobody_speaks_is_named() -> None:
    with pytest.raises(BadSettings, match=r"server box: nobody here speaks mistral; known: chat, anthropic"):
        load_operator({"REVIEWBOT_SERVERS": "box=mistral+https://box/v1"}, flags={})


MEMBERS = {"REVIEWBOT_SERVERS": "box=http://localhost/v1,mantle=anthropic+https://box"}


def test_members_are_told_of_by_file_and_variable_and_the_variable_wins(tmp_path: Path) -> None:
    file = "members: {openai/a: {effort: low}, openai/b: {effort: low}}"
    said = {"REVIEWBOT_MEMBERS": "openai/b: {effort: high, price: {input: 1, output: 2}}\nbox/q: {extra: {top_k: 1}}"}
    members = load_operator(operator_file(tmp_path, file) | MEMBERS | said, flags={}).members
    assert [members[name].effort for name in ("openai/a", "openai/b")] == ["low", "high"]
    assert members["box/q"].extra == {"top_k": 1}


@pytest.mark.parametrize(
    ("said", "reason"),
    [
        ("openai/a: {efort: high}", "REVIEWBOT_MEMBERS: members.openai/a.efort is not a key; did you mean effort?"),
        ("openai/a: {effort: huge}", "members.openai/a.effort: "),
        ("opnai/a: {effort: low}", "members.opnai/a: names no model; write PROVIDER/MODEL"),
        ("openai: {effort: low}", "members.openai: names no model"),
        ("openai/a: {structured: text}", "members.openai/a: structured and extra are for servers of chat completions"),
        ("mantle/a: {extra: {a: 1}}", "members.mantle/a: structured and extra are for servers"),
        ("box/a: {extra: {messages: []}}", "members.box/a.extra: messages is reviewbot's own field"),
        ("box/a: {extra: {max_tokens: 500000, n: 3}}", "members.box/a.extra: max_tokens is reviewbot's own field"),
        ("box/a: {extra: {service_tier: priority}}", "members.box/a.extra: service_tier is reviewbot's own field"),
        ("openai/a: {service_tier: priority}", "members.openai/a: what the service tier priority costs is not known"),
        ("[1]", "REVIEWBOT_MEMBERS: is not a mapping"),
    ],
)
def test_what_cannot_be_said_of_a_member_is_one_line(said: str, reason: str) -> None:
    with pytest.raises(BadSettings, match=re.escape(reason)):
        load_operator(MEMBERS | {"REVIEWBOT_MEMBERS": said}, flags={})


def test_budgets_are_told_by_variable_over_file_and_under_flags(tmp_path: Path) -> None:
    file = "budget: {usd: 1, tokens: 5}\nday_budget: {usd: 9}"
    said = {"REVIEWBOT_BUDGETS": "{run: {usd: 2}, pull: {usd: 3}}"}
    operator = load_operator(operator_file(tmp_path, file) | said, flags={"budget": {"tokens": 7}})
    assert operator.budget.model_dump() == {"usd": 2, "tokens": 7}
    assert (operator.pull_budget.usd, operator.day_budget.usd) == (3, 9)
    with pytest.raises(BadSettings, match="REVIEWBOT_BUDGETS: week is not a key"):
        load_operator({"REVIEWBOT_BUDGETS": "week: {usd: 1}"}, flags={})


@pytest.mark.parametrize(
    ("environ", "path"),
    [
        ({"XDG_STATE_HOME": "/state"}, "/state/reviewbot/feedback.sqlite"),
        ({"HOME": "/home/ada"}, "/home/ada/.local/state/reviewbot/feedback.sqlite"),
        ({"HOME": "/home/ada", "REVIEWBOT_FEEDBACK": "/kept/f.sqlite"}, "/kept/f.sqlite"),
        ({"HOME": "/home/runner", "GITHUB_ACTIONS": "true"}, None),
        ({"GITHUB_ACTIONS": "true", "REVIEWBOT_FEEDBACK": "/kept/f.sqlite"}, "/kept/f.sqlite"),
    ],
)
def test_feedback_is_kept_beside_the_spending_and_on_a_runner_only_where_it_is_told(
    environ: dict[str, str], path: str | None
) -> None:
    assert load_operator(environ, flags={}).feedback == (Path(path) if path else None)


def test_feedback_is_never_a_file_of_the_folder_under_review() -> None:
    with pytest.raises(BadSettings, match="REVIEWBOT_FEEDBACK: is no whole path"):
        load_operator({"REVIEWBOT_FEEDBACK": "f.sqlite"}, flags={})


def test_plain_http_is_fine_on_loopback_and_without_a_key() -> None:
    environ = KEY | {"ANTHROPIC_BASE_URL": "http://127.0.0.1:8000", "REVIEWBOT_SERVERS": "box=http://box:11434/v1"}
    assert load_operator(environ, flags={}).base_urls["anthropic"] == "http://127.0.0.1:8000"


def test_flags_win_over_the_operators_file(tmp_path: Path) -> None:
    environ = operator_file(tmp_path, "models: [rules/builtin]\nbudget: {usd: 1, tokens: 500}\nseconds: 30\n")
    assert load_operator(environ, flags={}).models == ("rules/builtin",)
    operator = load_operator(environ, flags={"models": ("openai/x",), "budget": {"usd": 2}})
    assert operator.models == ("openai/x",)
    assert (operator.budget.usd, operator.budget.tokens) == (2, 500)
    assert operator.seconds == 30


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("keys: {openai: sk-1}", "keys is not a key"),
        ("modles: []", "did you mean models?"),
        ("seconds: 0", "seconds: "),
        ("servers: {openai: 'https://host/v1'}", "declares no server"),
        ("budget: {usd: .inf}", "budget.usd: "),
    ],
)
def test_an_operators_file_that_does_not_hold_names_the_file(tmp_path: Path, text: str, reason: str) -> None:
    with pytest.raises(BadSettings, match=re.escape(reason)) as caught:
        load_operator(operator_file(tmp_path, text), flags={})
    assert caught.value.who.endswith("config.yml") or "server" in caught.value.what


def test_an_unreadable_operators_file_is_said(tmp_path: Path) -> None:
    environ = operator_file(tmp_path, "")
    (tmp_path / "reviewbot" / "config.yml").write_bytes(b"\xff\xfe")
    with pytest.raises(BadSettings, match="cannot be read"):
        load_operator(environ, flags={})
