"""The planted and the clean set are code in `planted/` and `clean/`, a file a language: befores and afters of changes.

`finds` names the line of the new side and the rule that must find it. The changes go through git, so the hunks are
git's own.
"""

import asyncio
import subprocess
import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
import yaml

from reviewbot.change import Change, Diff, File, Hunk, parse_diff
from reviewbot.change.redact import redact
from reviewbot.council.answer import read_answer
from reviewbot.council.members import rules
from reviewbot.council.members.rules import LENSES, MAX_DEPTH, MAX_FINDINGS, MAX_LINE, judge, look
from reviewbot.council.model import Access, Call, Usage
from reviewbot.findings import Answer, Draft
from reviewbot.findings.quotes import find_quote, passages_of

SUFFIX = {"python": "py", "javascript": "js", "go": "go", "java": "java", "ruby": "rb"}
MADE_UP = "YHTR"
"""Stands for `{AAAA}` in the sets, so that no line of theirs is a key to anybody's scanner."""

Entry = dict[str, Any]


def entries(folder: str) -> Iterator[tuple[str, Entry]]:
    for page in sorted((Path(__file__).parent / folder).glob("*.yml")):
        for number, entry in enumerate(yaml.safe_load(page.read_text())):
            yield f"{page.stem}/{number:02}/{entry.get('path', f'app/code.{SUFFIX[page.stem]}')}", entry


PLANTED, CLEAN = dict(entries("planted")), dict(entries("clean"))


def git_diff(changes: dict[str, Entry], folder: Path) -> Diff:
    """The change from all befores to all afters, as git prints it and as the council sees it."""

    def git(*words: str) -> bytes:
        return subprocess.run(["git", *words], cwd=folder, check=True, capture_output=True).stdout

    git("init", "--quiet")
    trees = []
    for side in ("before", "after"):
        for path, entry in changes.items():
            if side in entry:
                (folder / path).parent.mkdir(parents=True, exist_ok=True)
                (folder / path).write_text(entry[side].replace("{AAAA}", MADE_UP))
        git("add", "--all")
        trees.append(git("write-tree").decode().strip())
    return redact(parse_diff(git("diff-tree", "--patch", "--find-renames", *trees))).diff


@pytest.fixture(scope="module")
def found(tmp_path_factory: pytest.TempPathFactory) -> dict[str, dict[int, str]]:
    """Path to the lines where something was found, and the rule that found it."""
    clean = {f"clean/{path}": entry for path, entry in CLEAN.items()}
    diff = git_diff(PLANTED | clean, tmp_path_factory.mktemp("sets"))
    return {file.path: {h.draft.line: h.rule for lens in LENSES for h in look(file, lens)[0]} for file in diff.files}


@pytest.mark.parametrize("path", PLANTED)
def test_what_was_planted_is_found_at_its_line_and_nothing_else(path, found):
    assert found[path] == PLANTED[path]["finds"]


@pytest.mark.parametrize("path", CLEAN)
def test_what_is_right_stays_without_a_finding(path, found):
    assert found[f"clean/{path}"] == {}, CLEAN[path]["why"]


def test_the_sets_are_large_enough_to_mean_something():
    assert len(PLANTED) >= 40
    assert len(CLEAN) >= 60
    assert {rule for entry in PLANTED.values() for rule in entry["finds"].values()} >= {
        rule.id for rule in rules.builtin_rules()
    }


def file(*added: str, path: str = "app/code.py", before: tuple[str, ...] = ()) -> File:
    body = (*(f" {line}" for line in before), *(f"+{line}" for line in added))
    return File(path=path, old_path=path, status="modified", hunks=(Hunk(old_start=7, new_start=7, body=body),))


def drafts(one: File, lens: str = "security") -> list[Draft]:
    return [hit.draft for hit in look(one, lens)[0]]


def test_a_finding_quotes_the_added_line_as_it_stands():
    (draft,) = drafts(file("    eval(text)  ", before=("def f(text):",)))
    assert (draft.path, draft.side, draft.line, draft.quote) == ("app/code.py", "new", 8, "    eval(text)  ")


def test_a_match_that_only_touches_an_added_line_is_anchored_there():
    (draft,) = drafts(file("    verify=False,", before=("requests.get(", "    url,")))
    assert draft.line == 9


def test_a_hunk_may_begin_and_end_inside_a_call():
    body = ("         url,", "+        verify=False,", "         timeout=5,", "     )", "     return answer")
    one = File(path="b.py", old_path="b.py", status="modified", hunks=(Hunk(old_start=1, new_start=1, body=body),))
    assert [draft.category for draft in drafts(one)] == ["tls"]


def test_a_loop_put_around_a_call_that_was_there_is_this_changes_doing():
    call = "         stripe.Charge.create(amount=1)"
    body = ("+for attempt in range(3):", "     try:", call, "+    except E:", "+        pass")
    one = File(path="a.py", old_path="a.py", status="modified", hunks=(Hunk(old_start=1, new_start=1, body=body),))
    (draft,) = drafts(one, "assumptions")
    assert (draft.line, draft.category) == (1, "retries")


def test_code_that_was_there_before_is_not_judged():
    assert drafts(file("x = 1", before=("eval(text)",))) == []


def test_the_prose_says_what_was_matched_and_stays_short():
    (draft,) = drafts(file(f"User.objects.get(email=stripe_customer.{'a' * 200}.email)"), "assumptions")
    assert draft.assumption is not None
    assert "`stripe" in draft.assumption.system_a or "..." in draft.assumption.system_a
    assert len(draft.title) < 200
    (draft,) = drafts(file("User.objects.get(email=stripe_customer.email)"), "assumptions")
    assert "`stripe_customer.email`" in draft.title


def test_a_secret_is_reported_once_a_file_and_never_as_a_default_too():
    found = drafts(file('k = os.getenv("API_KEY", "<SECRET:stripe:1>")', 'again = "<SECRET:stripe:1>"'))
    assert [(draft.line, draft.category) for draft in found] == [(7, "secrets")]


def test_a_secret_is_found_in_files_of_every_kind():
    assert [d.category for d in drafts(file("key: <SECRET:aws:1>", path="deploy/values.yaml"))] == ["secrets"]
    assert [d.category for d in drafts(file("key: <SECRET:aws:1>", path="src/main.rs"))] == ["secrets"]
    assert drafts(file("key: <SECRET:aws:1>"), "assumptions") == []


def test_made_up_passwords_belong_in_tests_and_manuals_but_a_vendors_key_does_not():
    for path in ("tests/test_a.py", "docs/setup.md", "src/a.test.ts", "spec/a_spec.rb", "pkg/a_test.go"):
        assert drafts(file('p = "<SECRET:password:1>"', path=path)) == []
        (draft,) = drafts(file('k = "<SECRET:stripe:1>"', path=path))
        assert (draft.severity, draft.confidence) == ("medium", "possible")


def test_a_path_that_only_sounds_like_a_test_is_judged():
    for path in ("app/latest/code.py", "contest/code.py", "app/attestation.py"):
        assert len(drafts(file("eval(text)", path=path))) == 1


def unjudged(*files: File, lens: str = "security", seconds: float = 30) -> list[tuple[str, str]]:
    answer = judge(Change(diff=Diff(files=files)), lens, seconds=seconds)
    return [(page.path, page.why) for page in answer.could_not_judge]


def test_code_in_a_language_without_rules_is_named_and_prose_is_not():
    assert unjudged(file("fn main() {}", path="src/main.rs"), file("Hello.", path="README.md")) == [
        ("src/main.rs", "there are no rules for Rust")
    ]


def test_code_of_a_suffix_that_nobody_knows_is_named():
    names = ("src/main.zig", "a.XYZ", "b.we`ird")
    assert unjudged(*(file("x", path=name) for name in names)) == [
        ("src/main.zig", "there are no rules for .zig files"),
        ("a.XYZ", "there are no rules for .xyz files"),
        ("b.we`ird", "there are no rules for files of this kind"),
    ]


def test_prose_data_configuration_and_files_without_additions_are_not_named():
    names = ("a.md", "a.json", "a.yml", "a.toml", "a.css", "a.lock", ".gitignore", ".env.local", "Makefile", "go.sum")
    assert unjudged(*(file("x", path=name) for name in names)) == []
    assert unjudged(file(path="a.zig", before=("x",))) == []


def test_generated_code_is_skipped_and_named_and_its_secrets_are_not():
    one = file("x" * (MAX_LINE + 1), 'k = "<SECRET:aws:1>"', path="dist/app.js")
    assert "generated or minified" in unjudged(one)[0][1]
    assert len(drafts(one)) == 1


@pytest.mark.parametrize("path", ["a.py", "a.go", "a.java", "a.js", "a.rb"])
def test_code_that_is_nested_too_deep_for_the_engine_is_named(path):
    every_word = "x = verify_none + insecureskipverify + objectinputstream + eval("
    lines = [every_word, *("(" * 1_000 for _ in range(40)), "1", *(")" * 1_000 for _ in range(40)), ")"]
    assert str(MAX_DEPTH) in unjudged(file(*lines, path=path))[0][1]


def test_what_there_was_no_time_for_is_named():
    assert unjudged(file("x = 1"), seconds=-1) == [("app/code.py", "no time was left for it")]


def test_only_the_lens_that_was_asked_answers():
    nothing = Answer(findings=(), could_not_judge=())
    assert judge(Change(diff=Diff(files=(file("eval(text)"),))), "architecture", seconds=30) == nothing


def call_for(change: Change, started: Callable[[], None]) -> Call:
    return Call(
        rules="",
        shown="",
        question="",
        lens="security",
        schema={},
        max_output_tokens=1,
        seconds=30,
        cache=False,
        started=started,
        change=change,
    )


def text_of(*files: File) -> str:
    return judge(Change(diff=Diff(files=files)), "security", seconds=60).model_dump_json()


def test_thousands_of_secrets_do_not_make_the_answer_too_long_to_be_read():
    weaker = file('k = "<SECRET:aws:1>"', path="docs/setup.md")
    text = text_of(weaker, file(*(f'k{n} = "<SECRET:aws:{n}>"' for n in range(4_000)), path="app/keys.py"))
    answer = read_answer(text)
    assert len(text) < 500_000
    assert {draft.severity for draft in answer.findings} == {"high"}
    assert [draft.line for draft in answer.findings] == list(range(7, 7 + MAX_FINDINGS))
    assert [(page.path, page.why) for page in answer.could_not_judge] == [
        ("app/keys.py", "3,800 more findings of the rules are not listed"),
        ("docs/setup.md", "1 more finding of the rules is not listed"),
    ]


@pytest.mark.parametrize("gap", [" ", " " * 2_000])
def test_long_lines_are_quoted_by_a_beginning_that_is_found_at_their_place(gap):
    one = file(*(f"  x{gap}= eval(text)  # {'y' * (4_880 - len(gap))}" for _ in range(MAX_FINDINGS + 20)))
    text = text_of(one)
    answer = read_answer(text)
    assert len(text) < 500_000
    assert len(answer.findings) == MAX_FINDINGS
    passages = {"new": passages_of(one.hunks, "new"), "old": ()}
    for draft in answer.findings:
        place = find_quote(draft.quote, passages, side="new", number=draft.line)
        assert place is not None
        assert place.line == draft.line


def test_time_that_runs_out_within_a_file_ends_the_search_of_it():
    ticks = iter([False] * 20)
    hits, why = look(file(*["eval(text)"] * 1_000), "security", late=lambda: next(ticks, True))
    assert 0 < len(hits) < 20
    assert why == "no time was left for it"


async def test_a_cancelled_call_ends_its_thread():
    began = threading.Event()
    lines = ["eval(text)", *(f"x{n} = requests.get(url, verify=a[{n}])" for n in range(5_000))]
    diff = Diff(files=tuple(file(*lines, path=f"app/{n}.py") for n in range(60)))
    threads = set(threading.enumerate())
    async with rules.connect(Access(model="builtin")) as ask:
        asked = asyncio.create_task(ask(call_for(Change(diff=diff), began.set)))
        await asyncio.sleep(0.3)
        assert not asked.done()
        asked.cancel()
        start = time.perf_counter()
        with pytest.raises(asyncio.CancelledError):
            await asked
        await asyncio.get_running_loop().shutdown_default_executor()  # waits for the thread, as `asyncio.run` does
    assert began.is_set()
    assert time.perf_counter() - start < 2  # 0.1 s on an idle core; the whole search takes 8
    assert set(threading.enumerate()) <= threads


async def test_the_member_answers_in_the_form_every_member_does(tmp_path):
    begun = []
    change = Change(diff=git_diff({"a.py": {"after": "eval(text)\n"}}, tmp_path))
    call = call_for(change, lambda: begun.append(True))
    async with rules.connect(Access(model="builtin")) as ask:
        reply = await ask(call)
    assert (reply.outcome, reply.usage, begun) == ("ok", Usage(), [True])
    assert [draft.category for draft in read_answer(reply.text).findings] == ["injection"]


def test_thirty_files_take_no_longer_than_a_person_notices(tmp_path):
    diff = git_diff(dict(list(PLANTED.items())[:30]), tmp_path)
    judge(Change(diff=diff), "security", seconds=30)
    began = time.perf_counter()
    for lens in LENSES:
        judge(Change(diff=diff), lens, seconds=30)
    assert time.perf_counter() - began < 2  # 0.15 s on an idle core; the suite shares two
