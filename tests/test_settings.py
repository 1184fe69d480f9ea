"""What the operator says, what a repository may ask for, and one clear line for what neither can."""

import re
from pathlib import Path

import pytest

from reviewbot.errors import BadPolicy, BadSettings
from reviewbot.settings import MAX_SETTINGS_BYTES, Operator, Policy, load_operator, load_policy

KEY = {"ANTHROPIC_API_KEY": "k-1"}


def operator_file(tmp_path: Path, text: str) -> dict[str, str]:
    path = tmp_path / "reviewbot" / "config.yml"
    path.parent.mkdir()
    path.write_text(text)
    return {"XDG_CONFIG_HOME": str(tmp_path)}


def test_an_empty_policy_is_the_default_one() -> None:
    assert load_policy("", who=".reviewbot.yml") == Policy()
    assert load_policy("# nothing yet\n", who=".reviewbot.yml") == Policy()


def test_a_policy_says_what_is_read_and_how_much_is_shown() -> None:
    policy = load_policy(
        "ignore: [vendor/*]\ncomments: {max: 3, min_severity: high}\npaths: {'db/*': Twice.}\nbudget: {usd: 0.5}\n",
        who=".reviewbot.yml",
    )
    assert policy.ignore == ("vendor/*",)
    assert (policy.comments.max, policy.comments.min_severity) == (3, "high")
    assert policy.paths == {"db/*": "Twice."}
    assert policy.budget.usd == 0.5


@pytest.mark.parametrize(
    ("text", "line"),
    [
        ("ignroe: []", ".reviewbot.yml: ignroe is not a key; did you mean ignore?"),
        ("comments: {maximum: 3}", ".reviewbot.yml: comments.maximum is not a key; did you mean max?"),
        ("zzz: 1", ".reviewbot.yml: zzz is not a key; known here: budget, check, comments"),
        ("comments: {max: many}", ".reviewbot.yml: comments.max: "),
        ("comments: {min_severity: huge}", ".reviewbot.yml: comments.min_severity: "),
        ("- a\n- b", "is not a mapping of keys to values"),
        ("ignore: [", "is not YAML we can read"),
        ("ignore: !!python/object/apply:os.system [id]", "is not YAML we can read"),
        ("a: &a [x]\nignore: *a", "aliases are not allowed"),
        ("ignore: " + "[" * 30_000, "is not YAML we can read"),
        ("#" * (MAX_SETTINGS_BYTES + 1), "keep it under 64,000"),
        ("budget: {usd: -1}", "budget.usd: "),
        ('language: "\\ud800"', "is not YAML we can read"),
    ],
)
def test_a_policy_that_does_not_hold_says_where_and_what_to_do(text: str, line: str) -> None:
    with pytest.raises(BadPolicy, match=re.escape(line)) as caught:
        load_policy(text, who=".reviewbot.yml")
    assert "\n" not in str(caught.value)


@pytest.mark.parametrize("key", ["base_url", "servers", "keys", "offline", "seconds"])
def test_where_code_and_keys_are_sent_is_never_policy(key: str) -> None:
    with pytest.raises(BadPolicy, match=f"{key} is not a key"):
        load_policy(f"{key}: x", who=".reviewbot.yml")


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
        ({"REVIEWBOT_SERVERS": "box=http://host:abc/v1"}, "is no address of a server"),
    ],
)
def test_a_key_travels_only_over_tls_or_inside_this_machine(environ: dict[str, str], reason: str) -> None:
    with pytest.raises(BadSettings, match=reason):
        load_operator(environ, flags={})


@pytest.mark.parametrize("password", ["hunter2", "hunter2/x", "x@hunter2"])
def test_a_password_in_an_address_is_not_printed(password: str) -> None:
    environ = {"REVIEWBOT_SERVERS": f"box=http://me:{password}@host/v1", "REVIEWBOT_BOX_API_KEY": "k"}
    with pytest.raises(BadSettings) as caught:
        load_operator(environ, flags={})
    assert "hunter2" not in str(caught.value)


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
