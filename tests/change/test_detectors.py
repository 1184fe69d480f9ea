import time

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from reviewbot.change.detectors import continued_secrets, entropy, find_secrets, is_configuration, private_key_lines

RANDOM = "vW9kq2Lm7tUxR4bNc1Zs"


def values(text: str, *, configuration: bool = False) -> list[str]:
    return [text[start:end] for _, start, end in find_secrets(text, configuration=configuration)]


@pytest.mark.parametrize(
    "form",
    [
        'password = "{}"',
        "PASSWORD = '{}'",
        '"db_password": "{}",',
        "password: '{}'",
        'const apiKey = "{}";',
        "secret => '{}'",
        'String clientSecret = "{}";',
        'ApiKey := "{}"',
        'password: str = "{}"',
        'config["api_key"] = "{}"',
        'user.setPassword("{}")',
        'if token == "{}":',
        'url = "postgres://app:{}@db.internal:5432/shop"',
        'dsn = "Server=db;User=app;Password={};"',
        "<password>{}</password>",
        'headers = {{"Authorization": "Bearer {}"}}',
        "curl -u app:{} https://api.example.com",
        "tool --password {} --verbose",
        "//npm.example.com/:_authToken={}",
        "define('DB_PASSWORD', '{}');",
        'os.environ.setdefault("API_KEY", "{}")',
        '"name": "DB_PASSWORD", "value": "{}"',
        "ENV['TOKEN'] ||= '{}'",
        "ENV DB_PASSWORD {}",
        "curl -H 'X-Api-Key: {}' https://api.example.com",
        'db_pass = "{}"',
        '"Server=db;User=app;Password={}"',
        'var hmacKey = []byte("{}")',
        'encryption_key = bytes.fromhex("{}")',
    ],
)
def test_a_literal_behind_a_telling_name_or_place_is_a_secret(form):
    assert values(form.format(RANDOM)) == [RANDOM]


@pytest.mark.parametrize("form", ["DB_PASSWORD={}", "api_key: {}", "secret = {}  # the old", "export AUTH_TOKEN={}"])
def test_a_configuration_needs_no_quotes(form):
    assert values(form.format(RANDOM), configuration=True) == [RANDOM]
    assert values(form.format(RANDOM)) == []


@pytest.mark.parametrize(
    "text",
    [
        'password = "xxx"',
        'password = "changeme"',
        'password = "password123"',
        'api_key = "<your key>"',
        'api_key = "your-api-key-1"',
        'token = "example-token-12345678901234567890"',
        'secret = os.environ["SECRET_2"]',
        'secret = "${SECRET_2}"',
        'secret = "{{ vault_secret_2 }}"',
        "password = process.env.DB_PASSWORD1",
        'password_field = "user_password_2"',
        'secret_name = "prod/db/password2"',
        'token_url = "https://id.example.com/oauth2/token"',
        'api_key = "550e8400-e29b-41d4-a716-446655440000"',
        'password = "$2b$12$abcdefghijklmnopqrstuv"',
        'public_key = "vW9kq2Lm7tUxR4bNc1Zs"',
        'new SecretKey("PBKDF2WithHmacSHA256")',
        'label = "forms.login.password2"',
        'password: "Enter your password, 8 characters"',
        'url = "postgres://postgres:postgres@localhost:5432/test1"',
        'page_token = "next1"',
        "{% set password = lookup('env', 'PASSWORD1') %}",
        'TypeAlias("token", "X509WorkloadIdentity")',
        'label("password", "new-password-2")',
        'compass = "vW9kq2Lm7tUxR4bNc1Zs"',
        'commit = "4f0ae29d6b5f0b1c2d3e4f5061728394a5b6c7d8"',
    ],
)
def test_a_placeholder_a_name_or_a_computed_value_is_none(text):
    assert values(text) == []
    assert values(text, configuration=True) == []


def test_the_secret_beside_an_id_of_amazons_is_one():
    pair = ("AKIA" + "QH5HYGUGA6JPYCFG", "pLIix6MEOLeMa61EqJomTEI1JEzO3joOj37HyVaQ")
    assert values(f"client('s3', '{pair[0]}', '{pair[1]}')") == [*pair]


BELOW = {
    "pieces": ["token = (", f'    "{RANDOM[:10]}"', f'    "{RANDOM[10:]}"', ")"],
    "an argument each": ["get(", '    "API_TOKEN",', f'    "{RANDOM}",', '    "another1",', ")"],
    "a manifest": ["- name: DB_PASSWORD", f"  value: {RANDOM}", "- name: OTHER"],
}


@pytest.mark.parametrize("lines", BELOW.values(), ids=BELOW)
@pytest.mark.parametrize("sign", "+- ")
def test_a_value_on_the_lines_below_its_name_is_a_secret(lines, sign):
    rows = [f" {lines[0]}", "+x" if sign == "-" else "-x", *(sign + line for line in lines[1:])]
    found = sorted(set(continued_secrets(rows)))
    assert "".join(rows[i][start + 1 : end + 1] for i, (_, start, end) in found) == RANDOM


@pytest.mark.parametrize(
    "lines",
    [["tokens = [", f'"{RANDOM}"'], ["token = (", '"X509WorkloadIdentity"'], ["token = (", "f(x)", f'"{RANDOM}"']],
)
def test_a_list_a_name_or_what_follows_something_else_is_none(lines):
    assert list(continued_secrets([f"+{line}" for line in lines])) == []


def test_what_is_configuration_is_told_by_the_name():
    assert all(map(is_configuration, ("a/.env", ".env.local", "x.yml", "Dockerfile", "b.TOML", ".npmrc")))
    assert not any(map(is_configuration, ("a.py", "README.md", "environment.ts")))


def test_random_text_has_more_entropy_than_a_word():
    assert entropy("aaaaaaaa") == 0.0
    assert entropy("password") < 3.0 < entropy(RANDOM)


KEY = ["MIIEvQIBADANBgkqhkiG9w0BAQEFAASCBKcwggSjAgEAAoIBAQDHlIhe7GLC" + "eSk8", "Qg=="]


def key_rows(lines: list[str], path: str = "a.txt") -> list[int]:
    return [i for block in private_key_lines(lines, path) for i, _, _ in block]


def test_the_body_of_a_private_key_is_found_whatever_stands_around_it():
    begin, end = "+-----BEGIN RSA PRIVATE KEY-----", "+-----END RSA PRIVATE KEY-----"
    assert key_rows([begin, "+" + KEY[0], "+" + KEY[1], end]) == [1, 2]
    assert key_rows([f'+  "{line}\\n" +' for line in (begin[1:], *KEY, end[1:])]) == [1, 2]
    assert key_rows([begin, "+Proc-Type: 4,ENCRYPTED", "+", "+" + KEY[0], end]) == [3]


@pytest.mark.parametrize("form", ["# {}", "// {}", " * {}", "> {}", "    - {}", "echo '{}' >> k", "  '{}\\n'", "-- {}"])
def test_the_body_of_a_private_key_is_found_behind_any_mark(form):
    begin, end = "-----BEGIN RSA PRIVATE KEY-----", "-----END RSA PRIVATE KEY-----"
    rows = ["+" + form.format(line) for line in (begin, *KEY, end)]
    places = next(iter(private_key_lines(rows, "a.txt")))
    assert [rows[i][start:stop] for i, start, stop in places] == KEY


def test_a_hunk_that_shows_a_part_of_a_key_is_enough():
    assert key_rows([" " + KEY[0], "+" + KEY[1], " -----END PRIVATE KEY-----"]) == [0, 1]
    assert key_rows([" -----BEGIN PRIVATE KEY-----", "+" + KEY[0]]) == [1]
    assert key_rows([" " + KEY[0]], "deploy/id_rsa") == [0]


def test_a_certificate_and_code_that_names_a_key_are_left_alone():
    assert key_rows(["+-----BEGIN CERTIFICATE-----", "+" + KEY[0], "+-----END CERTIFICATE-----"]) == []
    assert key_rows(['+    if "-----BEGIN RSA PRIVATE KEY-----" in text:', "+        return", "+    pass"]) == []
    assert key_rows([" " + KEY[0], "+" + KEY[1]]) == []


def test_a_key_on_one_line_is_found():
    body = KEY[0] + "\\n" + KEY[1]
    (found,) = values(f'key = "-----BEGIN PRIVATE KEY-----\\n{body}\\n-----END PRIVATE KEY-----"')
    assert body in found


@given(st.text(max_size=400))
@settings(max_examples=40, deadline=None)
def test_matches_are_in_order_and_apart(text):
    end = 0
    for match in find_secrets(text, configuration=True):
        assert end <= match.start < match.end <= len(text)
        end = match.end


@pytest.mark.parametrize(
    "attack",
    [
        "password='", "secret_", 'key="a1', "token:", "a://", "http://a:b", "://", "-u a:", "--password ", "bearer ",
        "heroku ", "-----BEGIN PRIVATE KEY-----", "<password>a1", "password=a1", "public_key='a1b2c3d4'", "api-key = ",
        "a.a.a:1/", "'token', '", "token=f(", "'key: a1",
    ],
)  # fmt: skip
def test_no_line_takes_long(attack):
    text = (attack * 20_000)[:20_000]
    began = time.perf_counter()
    find_secrets(text, configuration=True)
    assert time.perf_counter() - began < 5
