import pytest

from reviewbot.change.kinds import (
    is_code,
    is_generated,
    is_instructions,
    is_lock,
    is_manifest,
    kind_of,
    made_up,
    touched_by,
    words_of,
)

KINDS = {
    "code": [
        "docs/conf.py", "examples/run.sh", "app/news.py", "src/license.go", "db/changes.sql", "a.ipynb",
        "CMakeLists.txt",
        "src/app.py", "cmd/main.go", "lib/a.rb", "Makefile.am", "web/index.ts", "migrations/0001_x.py",
        "app/factories/payment.py", "domain/PaymentSpec.java", "payments/src/testing/charge.py",
    ],
    "configuration": ["app.yml", "Dockerfile", ".env.local", "pyproject.toml", ".github/workflows/ci.yml", "page.html"],
    "test": [
        "tests/test_a.py", "src/a.test.ts", "pkg/a_test.go", "src/test/java/AppTests.java", "spec/a_spec.rb",
        "app/factories/db.py",
    ],
    "docs": ["README.md", "docs/page.html", "CHANGES", "LICENSE", "a.rst", "examples/README", "LICENSE-APACHE"],
    "generated": [
        "package-lock.json", "go.sum", "vendor/x/y.go", "web/app.min.js", "dist/a.js", "api/x_pb2.py", "api/x.pb.go",
        "tests/__snapshots__/a.snap", "locale/de/django.po", "node_modules/x/index.js", "third_party/z.c",
    ],
}  # fmt: skip


@pytest.mark.parametrize(("kind", "path"), [(kind, path) for kind, paths in KINDS.items() for path in paths])
def test_a_file_is_known_by_its_name(kind, path):
    assert kind_of(path) == kind


TOUCHES = {
    "payments": ["app/payments/stripe.py", "src/InvoiceService.java", "lib/billing.rb", "billing/notice.ts"],
    "who may do what": [
        "src/auth/login.ts", "OAuthClient.java", "app/models/permissions.py", "lib/jwt.go", "web/passwordReset.js",
        "src/oauth2/flow.py", "pkg/rbac/roles.go", "auth/authors.py", "examples/login.py",
    ],
    "secrets and encryption": ["lib/crypto.py", "src/TLSConfig.go", "app/csrf.rb", "security/headers.ts"],
    "what runs in CI": [".github/workflows/ci.yml", "action.yml", ".gitlab-ci.yml", "Jenkinsfile", ".circleci/c.yml"],
    "a migration": ["shop/migrations/0004_price.py", "db/migrate/2024_add.rb", "sql/V12__add.sql"],
    "infrastructure": ["main.tf", "deploy/helm/values.yaml", "k8s/app.yaml"],
    "a schema that others rely on": ["api/user.proto", "schema.graphql", "api/spec/openapi.yaml", "db/schema.rb"],
}  # fmt: skip
NOTHING = [
    "src/author.py", "lib/authors/list.ts", "app/tokenizer.py", "git/checkout.py", "src/keyboard.js", "docs/auth.md",
    "tests/test_payments.py", "README.md", "vendor/oauth/client.go", "examples/login.md", "src/discharged.py",
    "lib/rediscover.rb", "package-lock.json", "src/monkey.py", "core/sessions.py",
]  # fmt: skip


@pytest.mark.parametrize(("topic", "path"), [(topic, path) for topic, paths in TOUCHES.items() for path in paths])
def test_what_a_file_touches_is_told_by_the_words_of_its_name(topic, path):
    assert touched_by(path) == topic


@pytest.mark.parametrize("path", NOTHING)
def test_a_word_inside_another_touches_nothing(path):
    assert touched_by(path) is None


def test_words_are_told_apart_by_marks_and_capitals():
    assert {"o", "auth", "client", "oauthclient", "api", "keys"} <= set(words_of("OAuthClient/api_keys2"))
    assert "http" in set(words_of("HTTPServer"))


@pytest.mark.parametrize(
    "path",
    ["CLAUDE.md", "sub/AGENTS.md", ".cursorrules", ".github/copilot-instructions.md", ".reviewbot.yml", ".mcp.json",
     ".reviewbot/lenses/privacy.md", ".claude/settings.json", ".cursor/rules/a.mdc", "GEMINI.md",
     ".github/instructions/py.instructions.md"],
)  # fmt: skip
def test_a_file_that_instructs_agents_or_reviewers_is_known(path):
    assert is_instructions(path)
    assert kind_of(path) != "docs"


@pytest.mark.parametrize("path", ["src/agents.py", "docs/claude-setup.md", "reagents.md", "README.md", "prompts/a.md"])
def test_a_file_about_agents_instructs_none(path):
    assert not is_instructions(path)


def test_manifests_lock_files_and_code_are_told_apart():
    assert all(map(is_manifest, ("package.json", "a/go.mod", "requirements/dev.txt", "requirements-dev.txt")))
    assert all(map(is_lock, ("uv.lock", "web/yarn.lock")))
    assert is_code("vendor/x.py")
    assert not is_code("vendor/x.txt")
    assert not is_generated("src/app.py")


def test_what_only_stands_in_a_folder_called_like_tests_or_examples_is_perhaps_made_up():
    assert {made_up(path) for path in ("tests/a.py", "spec/a_spec.rb", "docs/a.md", "README.md")} == {"surely"}
    assert {made_up(path) for path in ("app/factories/db.py", "examples/a.py", "docs/pay.py")} == {"perhaps"}
    assert {made_up(path) for path in ("app/news.py", "src/license.go", "app/db.py")} == {"no"}
