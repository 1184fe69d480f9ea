"""What a file is and what it touches, by its name alone. Knows no lines, and nothing of any repository.

Names are read word by word: `author.py` is not `auth.py`, and `OAuthClient` holds `auth`.
"""

import re
from collections.abc import Iterator
from pathlib import PurePosixPath
from typing import Literal

Kind = Literal["code", "configuration", "test", "docs", "generated"]
MadeUp = Literal["surely", "perhaps", "no"]
"""Perhaps, where only the folder is called like one of tests or of examples: what it holds may run."""

_GENERATED_NAMES = frozenset({
    "package-lock.json", "npm-shrinkwrap.json", "yarn.lock", "pnpm-lock.yaml", "bun.lock", "bun.lockb", "deno.lock",
    "poetry.lock", "pdm.lock", "pipfile.lock", "uv.lock", "gemfile.lock", "composer.lock", "cargo.lock", "go.sum",
    "packages.lock.json", "mix.lock", "pubspec.lock", "podfile.lock", "flake.lock", "gradle.lockfile",
    "package.resolved", "conan.lock", "verification-metadata.xml",
})  # fmt: skip
"""Lock files, in lower case: written by a tool, read by a tool."""
_GENERATED_FOLDERS = frozenset({
    "vendor", "vendored", "_vendor", "node_modules", "third_party", "thirdparty", "bower_components", "dist",
    "__snapshots__", "generated", "__generated__", "site-packages",
})  # fmt: skip
_GENERATED = re.compile(
    r"\.min\.(?:js|css|mjs)$|\.(?:map|snap|lock|po|pot|svg)$|[._-]generated\.\w{1,8}$|_pb2(?:_grpc)?\.pyi?$"
    r"|\.pb\.(?:go|cc|h)$|\.g\.(?:dart|cs)$|\.designer\.cs$|(?:^|/)(?:requirements[\w-]*\.lock|cassettes/.+)$",
    re.IGNORECASE,
)
_TEST = re.compile(
    r"(?:^|/)(?:tests?|__tests__|testdata|test_data|e2e|__mocks__|src/\w*[tT]est)/"
    r"|(?:^|/)(?:test_[^/]*|conftest|[^/]*_tests?)\.py$|_test\.go$|[._-](?:test|tests|spec|stories)\.[cm]?[jt]sx?$"
    r"|_(?:spec|test)\.rb$|(?:Tests?|IT|TestCase)\.(?:java|kt)$"
)
_LIKE_TEST = re.compile(r"(?:^|/)(?:testing\w*|specs?|fixtures|factories|mocks?)/")
"""Folders that hold what tests need, or a specification, or a factory of what is sold."""
_TEXT = r"(?:mdx?|markdown|rst|adoc|txt)"
_SHOWING = re.compile(r"(?:^|/)(?:docs?|documentation|examples?|samples?)/", re.IGNORECASE)
"""Folders of what is written for people, code among it."""
_DOCS = re.compile(
    rf"{_SHOWING.pattern}|\.{_TEXT}$"
    r"|(?:^|/)(?:readme|changes|changelog|history|news|authors|contributors|contributing|copying|notice"
    rf"|licen[cs]es?(?:[._-][\w.-]{{0,20}})?)(?:\.{_TEXT})?$",
    re.IGNORECASE,
)
_RUNS = re.compile(
    r"\.(?:py[wx]?|ipynb|[cm]?[jt]sx?|vue|svelte|go|java|kts?|scala|groovy|gradle|clj[cs]?|rb|rake|erb|rs|php\d?|cs|fs|vb"
    r"|swift|mm?|dart|exs?|erl|hs|ml|lua|p[lm]|r|jl|sol|(?:ba|z|k|fi)?sh|ps1|psm1|bat|cmd|sql|c|cc|cpp|cxx|h|hh|hpp|asm"
    r"|jsp|aspx?|cshtml|nim|zig|cmake)$|(?:^|/)cmakelists\.txt$",
    re.IGNORECASE,
)
_CONFIGURATION = frozenset({
    ".cfg", ".conf", ".config", ".css", ".csv", ".env", ".html", ".ini", ".json", ".json5", ".jsonc", ".less",
    ".properties", ".scss", ".toml", ".tsv", ".xml", ".yaml", ".yml", "",
})  # fmt: skip
_MANIFESTS = frozenset({
    "package.json", "pyproject.toml", "setup.py", "setup.cfg", "requirements.txt", "pipfile", "gemfile", "cargo.toml",
    "go.mod", "pom.xml", "build.gradle", "build.gradle.kts", "settings.gradle", "composer.json", "mix.exs",
    "pubspec.yaml", "podfile", "package.swift", "constraints.txt",
})  # fmt: skip
_REQUIREMENTS = re.compile(r"(?:^|/)(?:requirements|constraints)[\w./-]{0,60}\.(?:txt|in)$", re.IGNORECASE)

_INSTRUCTIONS = re.compile(
    r"(?:^|/)(?:claude(?:\.local)?|agents?|gemini|codex|copilot-instructions|warp|crush|conventions)\.md$"
    r"|(?:^|/)\.(?:cursorrules|windsurfrules|clinerules|goosehints|aider\.conf\.ya?ml|coderabbit\.ya?ml|pr_agent\.toml"
    r"|mcp\.json|reviewbot\.ya?ml)$"
    r"|(?:^|/)\.(?:claude|cursor|windsurf|codex|gemini|kiro|roo|clinerules|reviewbot)/."
    r"|^\.github/(?:instructions|prompts|chatmodes|agents)/.",
    re.IGNORECASE,
)
_CI = re.compile(
    r"^\.github/(?:workflows|actions)/.|^\.(?:circleci|buildkite|gitlab)/.|(?:^|/)action\.ya?ml$"
    r"|(?:^|/)(?:\.gitlab-ci\.yml|\.travis\.yml|\.drone\.yml|azure-pipelines\.yml|bitbucket-pipelines\.yml"
    r"|cloudbuild\.yaml|buildspec\.yml|jenkinsfile)$",
    re.IGNORECASE,
)
_INFRASTRUCTURE = re.compile(
    r"\.(?:tf|tfvars|hcl|bicep)$|(?:^|/)(?:terraform|helm|charts|k8s|kubernetes|ansible|cloudformation|pulumi)/.",
    re.IGNORECASE,
)
_MIGRATION = re.compile(
    r"(?:^|/)(?:migrations?|db/migrate|alembic/versions|changelogs?/db|flyway|liquibase)/[^/]+(?:/[^/]+)?$"
    r"|(?:^|/)V\d+__[^/]+\.sql$",
    re.IGNORECASE,
)
_SCHEMA = re.compile(
    r"\.(?:proto|graphqls?|gql|avsc|thrift|wsdl|xsd)$|(?:^|/)(?:openapi|swagger)[\w.-]{0,40}\.(?:ya?ml|json)$"
    r"|(?:^|/)schema\.(?:rb|sql|prisma)$|\.prisma$",
    re.IGNORECASE,
)
CI = "what runs in CI"
SCHEMA = "a schema that others rely on"
_BY_PLACE = (
    ("a migration", _MIGRATION),
    ("infrastructure", _INFRASTRUCTURE),
    (SCHEMA, _SCHEMA),
)
_TOPICS: tuple[tuple[str, frozenset[str]], ...] = (
    ("payments", frozenset({
        "billing", "charge", "charges", "invoice", "invoices", "ledger", "payment", "payments", "payout", "payouts",
        "refund", "refunds", "wallet", "wallets",
    })),
    ("who may do what", frozenset({
        "acl", "acls", "auth", "authenticate", "authentication", "authenticator", "authn", "authorisation",
        "authorization", "authorize", "authorizer", "authz", "impersonate", "impersonation", "jwt", "jwts", "ldap",
        "login", "logins", "mfa", "oauth", "oidc", "otp", "passkey", "passkeys", "password", "passwords", "permission",
        "permissions", "privilege", "privileges", "rbac", "saml", "signin", "sso", "totp", "webauthn",
    })),
    ("secrets and encryption", frozenset({
        "cipher", "ciphers", "credential", "credentials", "crypto", "cryptography", "csrf", "decrypt", "encrypt",
        "encryption", "keystore", "secret", "secrets", "security", "ssl", "tls", "vault",
    })),
)  # fmt: skip
"""What a word in a code file's name says it touches. Words that mean something else as often are left out: `token` of
a parser, `session` of a client, `key` of a map, `checkout` of git."""
_WORD = re.compile(r"[A-Z]+(?=[A-Z][a-z])|[A-Z]?[a-z]+|[A-Z]+")


def kind_of(path: str) -> Kind:
    """What a file is. Of several, the one that says most: a test's snapshot is generated."""
    pure = PurePosixPath(path)
    if is_generated(path):
        return "generated"
    if is_test(path):
        return "test"
    if is_prose(path) and not (is_manifest(path) or is_instructions(path) or _CI.search(path)):
        return "docs"
    return "configuration" if pure.suffix.lower() in _CONFIGURATION or pure.name.startswith(".") else "code"


def is_generated(path: str) -> bool:
    """Whether a tool wrote the file, or somebody else's project did: lock files, bundles, vendored code, snapshots."""
    *folders, name = path.split("/")
    return (
        name.lower() in _GENERATED_NAMES
        or not _GENERATED_FOLDERS.isdisjoint(folders)
        or bool(_GENERATED.search(path) and not _CI.search(path))
    )


def is_test(path: str) -> bool:
    """Whether the file tests or serves tests. A folder's name alone does not say so of what touches something."""
    return bool(_TEST.search(path)) or bool(_LIKE_TEST.search(path) and not _about(path))


def is_prose(path: str) -> bool:
    """Whether the file is written for people: manuals, examples, licences. Code is not, whatever its name."""
    return bool(_DOCS.search(path)) and not is_code(path)


def made_up(path: str) -> MadeUp:
    """Whether what looks like a password in a file is made up: tests and manuals do so by the dozen."""
    if _TEST.search(path) or is_prose(path):
        return "surely"
    return "perhaps" if _LIKE_TEST.search(path) or _SHOWING.search(path) else "no"


def is_code(path: str) -> bool:
    """Whether something may run the file, by its suffix: vendored code runs as ours does."""
    return bool(_RUNS.search(path))


def is_manifest(path: str) -> bool:
    """Whether the file says which code of others is used."""
    return path.rsplit("/", 1)[-1].lower() in _MANIFESTS or bool(_REQUIREMENTS.search(path))


def is_instructions(path: str) -> bool:
    """Whether the file tells agents or reviewers what to do: who changes it changes how later work is judged."""
    return bool(_INSTRUCTIONS.search(path))


def is_lock(path: str) -> bool:
    """Whether the file pins the code of others."""
    return path.rsplit("/", 1)[-1].lower() in _GENERATED_NAMES


def touched_by(path: str) -> str | None:
    """What of consequence a file is about, in words behind "touches"; None where its name tells of nothing."""
    if _CI.search(path):
        return CI
    return None if is_generated(path) or is_test(path) or is_prose(path) else _about(path)


def _about(path: str) -> str | None:
    """What the words of a name tell of, whether or not the file runs."""
    by_place = next((what for what, form in _BY_PLACE if form.search(path)), None)
    words = frozenset(words_of(path))
    return by_place or next((topic for topic, telling in _TOPICS if telling & words), None)


def words_of(name: str) -> Iterator[str]:
    """The words of a name in lower case: `OAuthClient/api_keys` is oauthclient, o, auth, client, api, keys."""
    for part in re.findall(r"[A-Za-z]+", name):
        yield part.lower()
        yield from (word.lower() for word in _WORD.findall(part))
