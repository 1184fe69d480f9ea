"""What the author says the change is for, and nothing of who says so."""

import pytest
from sources.checkout import AUTHOR, MAIL, Checkout

from reviewbot.sources.intent import MAX_INTENT_CHARACTERS, stated


def test_messages_since_the_base_are_told_oldest_first(checkout: Checkout):
    checkout.git("switch", "--quiet", "--create", "feature")
    checkout.commit("Add the door\n\nSo that people can come in.")
    checkout.commit("Paint it")
    assert checkout.review().intent == "Add the door\n\nSo that people can come in.\n\nPaint it"


def test_uncommitted_work_has_no_stated_intent(checkout: Checkout):
    checkout.write("new.py")
    assert checkout.review().intent == ""


PEOPLE = """
Signed-off-by: Linus <l@x.org>
Co-authored-by: A B <a@x.org>
Co-Authored-By: A B <a@x.org>
Approved-by: somebody famous
approved by: x
Reviewed-by: R
Acked-by: R
Cc: R <r@x>
From: A <a@b>
Reported-and-tested-by: T
Thanks-to: T <t@x.org>
"""


def test_lines_that_name_people_are_left_out(checkout: Checkout):
    checkout.commit(f"Subject\n\nBody: stays.\n{PEOPLE}Fixes: #12")
    assert checkout.review("HEAD^..HEAD").intent == "Subject\n\nBody: stays.\n\nFixes: #12"


def test_the_author_is_not_in_a_change(checkout: Checkout):
    checkout.commit("Subject", new__py="n\n")
    said = checkout.review("HEAD^..HEAD").model_dump_json()
    assert AUTHOR not in said
    assert MAIL not in said


def test_the_same_change_by_somebody_famous_is_the_same_change(checkout: Checkout, monkeypatch: pytest.MonkeyPatch):
    told = []
    for name in ("Nobody", "Somebody Famous"):
        monkeypatch.setenv("GIT_AUTHOR_NAME", name)
        checkout.git("reset", "--quiet", "--hard", "main")
        checkout.git("switch", "--quiet", "--force-create", "feature", "main")
        checkout.commit("Subject", new__py="n\n")
        told.append(checkout.review())
        checkout.git("switch", "--quiet", "main")
    assert told[0] == told[1]


def test_a_long_history_is_cut(checkout: Checkout):
    checkout.git("switch", "--quiet", "--create", "feature")
    for number in range(3):
        checkout.commit(f"Number {number}\n\n" + "word " * 500)
    intent = checkout.review().intent
    assert len(intent) == MAX_INTENT_CHARACTERS
    assert intent.startswith("Number 0")


@pytest.mark.parametrize("secret", ["ghp_" + "Zk3qRw" * 6, 'password="vW9#kq2Lm!7t"', "postgres://bob:s3cr3!x@h/x"])
def test_a_word_is_not_cut_in_half(checkout: Checkout, secret: str):
    head = "Subject\n\n"
    for inside in (1, len(secret) // 2, len(secret) - 1):
        kept = head + "w " * 2_000
        kept = kept[: MAX_INTENT_CHARACTERS - inside - 1].rstrip() + "\n"
        checkout.commit(kept + "x" * (MAX_INTENT_CHARACTERS - inside - len(kept)) + secret + " and more")
        assert checkout.review("HEAD^..HEAD").intent == kept


def test_a_word_that_ends_at_the_cut_stays(checkout: Checkout):
    checkout.commit("Subject\n\n" + "w" * (MAX_INTENT_CHARACTERS - 9) + " and more")
    assert len(checkout.review("HEAD^..HEAD").intent) == MAX_INTENT_CHARACTERS


def test_merges_say_nothing(checkout: Checkout):
    checkout.git("switch", "--quiet", "--create", "feature")
    checkout.commit("Mine", mine__py="m\n")
    checkout.git("switch", "--quiet", "main")
    checkout.commit("Theirs", theirs__py="t\n")
    checkout.git("switch", "--quiet", "feature")
    checkout.git("merge", "--quiet", "--message", "Merge main", "main")
    assert checkout.review().intent == "Mine"


def test_a_message_in_another_encoding_is_read(checkout: Checkout):
    checkout.git("-c", "i18n.commitEncoding=ISO-8859-1", "commit", "--quiet", "--allow-empty", "--message", b"caf\xe9")
    assert checkout.review("HEAD^..HEAD").intent == "caf\N{LATIN SMALL LETTER E WITH ACUTE}"


def test_what_a_page_states_is_read_as_messages_are():
    body = f"So that people can come in.\r\n\r\n<!-- a note -->\r\n{PEOPLE}\r\nApproved-by: {AUTHOR} <{MAIL}>\r\n"
    assert stated("Add the door", body) == "Add the door\n\nSo that people can come in.\n\n<!-- a note -->"
    assert stated("Reviewed-by: everybody", "") == ""
    assert len(stated("Title", "w " * 4_000)) == MAX_INTENT_CHARACTERS
