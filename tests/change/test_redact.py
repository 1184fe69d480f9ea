import base64
import random
import string
import time
from uuid import UUID

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from reviewbot.change import Diff, File, Hunk
from reviewbot.change.redact import GIT_CUTS_AT, MAX_LINE, Values, printable, redact, redact_text, shown_path

GITHUB = "ghp_" + "Zk3qRw" * 6
PASSWORD = "vW9#kq2Lm!7t"
SLOW = 8
"""Seconds for what takes one on an idle core: the suite shares its machine."""


def file(*body: str, path: str = "a.py", old_path: str | None = None, section: str = "") -> File:
    hunk = Hunk(old_start=10, new_start=20, section=section, body=body)
    return File(path=path, old_path=old_path or path, status="modified", hunks=(hunk,))


def diff(*files: File) -> Diff:
    return Diff(files=files)


def body(redacted: Diff, index: int = 0) -> tuple[str, ...]:
    return redacted.files[index].hunks[0].body


def test_a_secret_goes_from_added_removed_and_kept_lines():
    found = redact(diff(file(f'+a = "{GITHUB}"', f'-b = "{GITHUB}"', f' c = "{GITHUB}"')))
    assert body(found.diff) == ('+a = "<SECRET:github:1>"', '-b = "<SECRET:github:1>"', ' c = "<SECRET:github:1>"')
    assert [(s.kind, s.n, s.path, s.side, s.line) for s in found.secrets] == [
        ("github", 1, "a.py", "new", 20), ("github", 1, "a.py", "old", 10), ("github", 1, "a.py", "new", 21),
    ]  # fmt: skip


def test_each_value_has_its_own_number_and_keeps_it():
    other = "ghp_" + "Qx7bTn" * 6
    found = redact(diff(file(f"+{GITHUB}", f"+{other}"), file(f"+{other} {GITHUB}", path="b.py")))
    assert body(found.diff) == ("+<SECRET:github:1>", "+<SECRET:github:2>")
    assert body(found.diff, 1) == ("+<SECRET:github:2> <SECRET:github:1>",)


def test_a_value_that_is_a_secret_once_is_one_everywhere():
    found = redact(diff(file(f'+connect("{PASSWORD}")', f'+password = "{PASSWORD}"')))
    assert body(found.diff) == ('+connect("<SECRET:password:1>")', '+password = "<SECRET:password:1>"')


def test_what_git_prints_behind_the_hunk_header_is_redacted_too():
    found = redact(diff(file(f'+password = "{PASSWORD}"', section=f'password = "{PASSWORD}"')))
    assert found.diff.files[0].hunks[0].section == 'password = "<SECRET:password:1>"'


def test_a_short_secret_behind_the_hunk_header_goes_too():
    found = redact(diff(file("+x = 1", section='def f(db="postgres://bob:s3cr3!@h/x"):')))
    assert found.diff.files[0].hunks[0].section == 'def f(db="postgres://bob:<SECRET:password:1>@h/x"):'


@pytest.mark.parametrize("value", [GITHUB, PASSWORD * 3])
@pytest.mark.parametrize("left", [8, 20, 30])
def test_half_a_secret_that_git_cut_behind_the_hunk_header_goes(value: str, left: int):
    kept = 'def connect(password="'.rjust(GIT_CUTS_AT - left)
    found = redact(diff(file("+x = 1", section=kept + value[:left])))
    assert found.diff.files[0].hunks[0].section == kept


def test_the_cut_behind_the_hunk_header_is_counted_in_bytes():
    kept = 'def caf\udce9é(password="'
    room = GIT_CUTS_AT - len(kept) - 1
    found = redact(diff(file("+x = 1", section=kept + ("Zk3qRw" * 12)[:room])))
    assert found.diff.files[0].hunks[0].section == 'def caf\ufffdé(password="'


def test_a_section_that_was_not_cut_inside_a_long_word_stays():
    whole, short = "def a_function_with_a_name(" + "x" * 52, "def f(" + "a, " * 24 + "be"
    assert (len(whole), len(short)) == (GIT_CUTS_AT - 1, GIT_CUTS_AT)
    found = redact(diff(file("+x = 1", section=whole), file("+y = 1", section=short)))
    assert [f.hunks[0].section for f in found.diff.files] == [whole, short]


def test_the_body_of_a_private_key_has_one_number():
    line = "MIIEvQIBADANBgkqhkiG9w0BAQEFAASCBKcwggSjAgEAAoIBAQDHlIhe7GLC" + "eSk8"
    found = redact(diff(file("+-----BEGIN PRIVATE KEY-----", f"+{line}", "+Qg==", "+-----END PRIVATE KEY-----")))
    assert body(found.diff) == (
        "+-----BEGIN PRIVATE KEY-----",
        "+<SECRET:private-key:1>",
        "+<SECRET:private-key:1>",
        "+-----END PRIVATE KEY-----",
    )


def test_a_diff_without_secrets_stays_as_it_was():
    clean = diff(file("+x = 1", "-y = 2", "\\ No newline at end of file", " z = 'é'", section="def f():"))
    found = redact(clean)
    assert (found.diff, found.secrets, found.cut) == (clean, (), ())


def test_the_value_stands_nowhere_in_what_comes_out():
    found = redact(diff(file(f'+password = "{PASSWORD}"', f"+{GITHUB}")))
    assert PASSWORD not in found.model_dump_json()
    assert GITHUB not in found.model_dump_json()
    assert PASSWORD not in repr(found)


def test_bytes_that_are_no_text_become_text():
    found = redact(diff(file("+a = '\udcff'", section="\udce9")))
    assert body(found.diff) == ("+a = '\ufffd'",)
    assert found.diff.files[0].hunks[0].section == "\ufffd"


def test_two_paths_never_become_one():
    odd = "x\udcff"
    found = redact(diff(file("+a", path=odd), file("+b", path="x\\xff"), file("+c", path="y", old_path=odd)))
    names = [f.path for f in found.diff.files]
    assert len(set(names)) == 3
    assert names[1] == "x\\xff"
    assert found.diff.files[2].old_path == names[0]
    "".join(names).encode()


def test_every_path_of_a_diff_can_be_made_printable():
    binary = File(path="new\udcff", old_path="old\udce9", status="renamed", binary=True)
    odd = file("+a = '\udcff'", path="new\\xff", section="\udce9")
    made = printable(diff(binary, odd))
    assert [(f.path, f.old_path) for f in made.files] == [("new\\\\xff", "old\\xe9"), ("new\\xff", "new\\xff")]
    assert made.files[0].binary
    assert made.files[1] == odd
    assert redact(made).diff.files[0] == made.files[0]


def test_printable_paths_stay_as_they_were():
    plain = diff(file("+a", path="caf\u00e9 \\xff.py"), file("+b", path="b", old_path="a"))
    assert printable(plain) == plain
    assert printable(printable(diff(file("+a", path="x\udcff")))).files[0].path == "x\\xff"


def test_many_paths_that_are_no_text_take_no_longer_than_few():
    began = time.perf_counter()
    made = printable(diff(*(file("+a", path=f"{i}\udcff") for i in range(20_000))))
    assert len({f.path for f in made.files}) == 20_000
    assert time.perf_counter() - began < SLOW


def test_the_end_of_an_overlong_line_is_dropped_and_said_so():
    found = redact(diff(file("+" + "ab " * 3 + "c" * MAX_LINE + f' "{GITHUB}"', "+short")))
    (line, short) = body(found.diff)
    assert line.startswith("+ab ab ab <CUT: ")
    assert len(line) < 100
    assert short == "+short"
    (gap,) = found.cut
    assert (gap.path, gap.lines) == ("a.py", 1)


def test_a_secret_is_not_cut_in_half():
    head = "+" + "x " * ((MAX_LINE - 20) // 2)
    assert "ghp_" not in body(redact(diff(file(head + GITHUB + " end"))).diff)[0]
    assert PASSWORD[:4] not in body(redact(diff(file(f'{head}"{PASSWORD * 3}"'))).diff)[0]


def test_the_secrets_of_a_file_named_like_settings_need_no_quotes():
    found = redact(diff(file(f"+DB_PASSWORD={PASSWORD}", path="deploy/.env"), file(f"+DB_PASSWORD={PASSWORD}x1")))
    assert body(found.diff) == ("+DB_PASSWORD=<SECRET:password:1>",)


_TEXT = st.text(st.characters(codec="utf-8", exclude_characters="\n\r"), max_size=60)


@given(st.lists(st.tuples(st.sampled_from("+- "), _TEXT), max_size=12), st.integers(0, 11), st.randoms())
@settings(max_examples=30, deadline=None)
def test_lines_keep_their_number_kind_and_place(rows, at, dice):
    secret = "ghp_" + "".join(dice.choices(string.ascii_letters + string.digits, k=36))
    lines = [kind + text for kind, text in rows]
    lines.insert(at, f'+key = "{secret}"')
    before = diff(file(*lines))
    after = redact(before).diff
    assert secret not in after.model_dump_json() or len(set(secret[4:])) < 8
    assert [(a.kind, a.old, a.new) for a in before.files[0].hunks[0].lines] == [
        (b.kind, b.old, b.new) for b in after.files[0].hunks[0].lines
    ]
    assert redact(after).diff == after


def test_fewer_than_one_in_a_hundred_ordinary_values_is_taken_for_a_secret():
    dice = random.Random(7)  # noqa: S311  the same values in every run

    def base64(n: int) -> str:
        return "".join(dice.choices(string.ascii_letters + string.digits + "+/", k=n))

    values = [
        value
        for _ in range(200)
        for value in (
            f'"id": "{UUID(int=dice.getrandbits(128))}"',
            f'api_key = "{UUID(int=dice.getrandbits(128))}"',
            f'commit = "{dice.getrandbits(160):040x}"',
            f'"integrity": "sha512-{base64(86)}=="',
            f"sha256:{dice.getrandbits(256):064x}",
            f"github.com/a/b v0.0.0-20260101000000-{dice.getrandbits(48):012x} h1:{base64(43)}=",
        )
    ]
    found = redact(diff(file(*(f"+{value}" for value in values), path="package-lock.json")))
    assert len(found.secrets) < len(values) / 100


def test_time_grows_with_the_diff_and_stays_small():
    lines = [f"+    result_{i} = compute(first={i}, token=tokens[{i}], key='name')  # {i:040x}" for i in range(30_000)]
    began = time.perf_counter()
    redact(diff(file(*lines)))
    assert time.perf_counter() - began < SLOW


def test_many_secrets_take_no_longer_than_few():
    dice = random.Random(3)  # noqa: S311  the same values in every run
    lines = [f'+k = "ghp_{"".join(dice.choices(string.ascii_letters + string.digits, k=36))}"' for _ in range(5_000)]
    began = time.perf_counter()
    assert len(redact(diff(file(*lines))).secrets) == 5_000
    assert time.perf_counter() - began < SLOW


def test_a_secret_that_stands_in_base64_elsewhere_goes_there_too():
    coded = base64.b64encode(PASSWORD.encode()).decode()
    found = redact(diff(file(f'+password = "{PASSWORD}"', f"+data = {coded}")))
    assert body(found.diff)[1].startswith("+data = <SECRET:password:1>")
    assert coded.rstrip("=") not in found.model_dump_json()


def test_a_text_from_elsewhere_has_the_names_of_the_diff():
    values = Values()
    redact(diff(file(f'+password = "{PASSWORD}"')), "", values)
    assert redact_text(f'x\nconnect("{PASSWORD}")', "b.py", values) == 'x\nconnect("<SECRET:password:1>")'
    assert redact_text(f"key: {GITHUB}", "b.yml", values) == "key: <SECRET:github:1>"
    assert redact_text(f"DB_PASSWORD={PASSWORD}x1", "deploy/.env", values) == "DB_PASSWORD=<SECRET:password:2>"
    assert len(values) == 3
    assert PASSWORD not in repr(values)


def test_values_that_are_known_go_from_any_text_in_whatever_spelling():
    values = Values()
    redact_text(f'password = "{PASSWORD}\\x1"', "b.py", values)
    assert values.hide(f"The literal {PASSWORD}\\x1 and {PASSWORD}\\\\x1") == (
        "The literal <SECRET:password:1> and <SECRET:password:1>"
    )


def test_a_name_is_shown_without_what_looks_like_a_key():
    assert shown_path(f"keys/{GITHUB}.py") == "keys/<SECRET:github:1>.py"
    assert shown_path("a\u202epy.exe") == "a<U+202E>py.exe"
    assert shown_path("app/a_long_name_of_a_module.py") == "app/a_long_name_of_a_module.py"


def test_a_file_with_a_private_key_is_held_back_and_named():
    line = "MIIEvQIBADANBgkqhkiG9w0BAQEFAASCBKcwggSjAgEAAoIBAQDHlIhe7GLC" + "eSk8"
    key = ("+-----BEGIN PRIVATE KEY-----", f"+{line}", "-x", "+-----END PRIVATE KEY-----")
    found = redact(diff(file(*key, path="certs/a.pem"), file("+x = 1", path="b.py"), file(f"+{line}", path="id_rsa")))
    assert [(gap.path, gap.lines) for gap in found.held] == [("certs/a.pem", 4), ("id_rsa", 1)]
    assert "private key" in found.held[0].why
    odd = redact(diff(file("+-----BEGIN PGP PRIVATE KEY BLOCK-----", "+one two three", path="c")))
    assert [gap.path for gap in odd.held] == ["c"], "it begins in a form that nobody knows"
    assert [file.path for file in found.diff.files] == ["certs/a.pem", "b.py", "id_rsa"], "rules read them"


def test_what_a_change_brings_is_counted_without_tests_and_manuals():
    rows = (f'+a = "{GITHUB}"', f'+b = "{GITHUB}"', f' c = "{GITHUB}"')
    assert redact(diff(file(*rows))).brought == 1
    assert redact(diff(file(rows[2]), file(*rows, path="tests/test_a.py"), file(*rows, path="README.md"))).brought == 0
