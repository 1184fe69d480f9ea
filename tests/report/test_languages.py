import re
import time

import pytest

from reviewbot.report.languages import LANGUAGES, language_of


@pytest.mark.parametrize(
    "path",
    [
        "block.py", "src/unlock.ts", "app/github/x.py", "locks.go", "a.lock.py", "web/App.tsx", "core/Order.java",
        "src/lib.rs", "main.c", "x.CPP", "Order.cs", "a.kt", "a.swift", "shop/order_total.py",
    ],
)  # fmt: skip
def test_a_source_file_has_a_language(path):
    assert language_of(path)


@pytest.mark.parametrize(
    "path",
    [
        "Pipfile", "composer.json", "build.rs", "webpack.config.js", "vite.config.ts", "app.csproj", "BUILD",
        "Directory.Build.targets", "WORKSPACE", "Vagrantfile", "Procfile", "Taskfile.yml", "cloudbuild.yaml",
        "netlify.toml", "vercel.json", "gulpfile.js", "Package.swift", "build.sbt", "build.xml", "mix.exs", "x.gemspec",
        "cmake/x.cmake", "k8s/deploy.yaml", "AGENTS.md", "CLAUDE.md", "requirements.in", "go.work", "go.mod", "Podfile",
        "CODEOWNERS", "manage.py", "sitecustomize.py", "evil.pth", "hooks/pre-commit", "hooks/run.py", "bin/deploy",
        "bin/deploy.py", "Earthfile", "meson.build", "x.ipynb", "index.html", "setup.py", "conftest.py", "noxfile.py",
        "jest.setup.ts", ".eslintrc.js", ".github/scripts/x.js", "ci/run.py", "tools/x.go", "app/settings.py",
        "app/config.py", "x.sh", "x.ps1", "a.sql", "a.rb", "a.php", "a.pl", "a.lua", "Dockerfile", "a.gradle.kts",
        "py", ".py", "", "x/", "dir.py/file", "yarn.lock", "main.tf", "action.yml",
    ],
)  # fmt: skip
def test_what_configures_builds_or_commands_has_none(path):
    assert language_of(path) is None


def test_no_keyword_loads_runs_or_switches_off():
    words = {word for language in LANGUAGES for word in language.keywords}
    assert words.isdisjoint({"import", "from", "exec", "eval", "pass", "del", "unsafe", "extern", "False", "false"})


def test_an_ending_belongs_to_one_language():
    endings = [ending for language in LANGUAGES for ending in language.endings]
    assert len(endings) == len({*endings})


def test_comments_that_nobody_closes_cost_no_more_than_others():
    started = time.process_time()
    for language in LANGUAGES:
        re.findall(language.comment, "/* " * 100_000 + "# // " * 50_000)
    assert time.process_time() - started < 1
