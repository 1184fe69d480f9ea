import json

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import ValidationError

from reviewbot.forge.replies import MAX_COMPLAINT, PullReply, complaint

ANYTHING = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=9),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=9), inner, max_size=3),
    max_leaves=9,
)
PULL = {
    "number": 7,
    "title": "t",
    "body": None,
    "user": None,
    "state": "open",
    "base": {"sha": "a", "ref": "main", "repo": {"id": 1}},
    "head": {"sha": "b", "ref": "x", "repo": None},
    "changed_files": 1,
    "additions": 2,
    "deletions": 3,
    "something_new": {},
}


def test_a_complaint_in_sentences_is_read():
    said = complaint(json.dumps({"message": "Unprocessable Entity", "errors": ["Line could not be resolved"]}).encode())
    assert said.text == "Unprocessable Entity: Line could not be resolved"
    assert "could not be resolved" in said.words


def test_a_complaint_in_fields_is_read():
    fault = {"resource": "IssueComment", "code": "abuse", "field": "base", "message": "was submitted too quickly"}
    said = complaint(json.dumps({"message": "Validation Failed", "errors": [fault]}).encode())
    assert said.codes == {"abuse"}
    assert said.text == "Validation Failed: base: was submitted too quickly"


def test_a_complaint_of_graphql_is_read():
    errors = [{"type": "FORBIDDEN", "message": "not for you"}, {"extensions": {"code": "undefinedField"}}]
    said = complaint(json.dumps({"data": None, "errors": errors}).encode())
    assert said.codes == {"FORBIDDEN", "undefinedField"}
    assert said.text == "not for you"


@pytest.mark.parametrize("body", [b"", b"<html>Unicorn!</html>", b"[]", b"null", b"\xff\xfe{", b"[" * 100_000])
def test_a_page_of_a_proxy_is_searched_but_not_shown(body):
    assert complaint(body).text == ""


def test_a_complaint_is_one_short_printable_line():
    said = complaint(json.dumps({"message": "a\x1b[31m\r\nb\u202e" + "c" * 999}).encode())
    assert said.text.isprintable()
    assert said.text.startswith("a [31m b c")
    assert len(said.text) == MAX_COMPLAINT


@given(st.binary(max_size=60) | ANYTHING.map(lambda value: json.dumps({"message": value, "errors": value}).encode()))
def test_no_reply_is_too_odd_to_be_a_complaint(body):
    assert complaint(body).text.isprintable()


def test_a_pull_request_of_nobody_from_nowhere_is_read():
    reply = PullReply.model_validate(PULL)
    assert (reply.user, reply.head.repo) == (None, None)


def test_a_pull_request_without_its_head_is_not_taken_for_one():
    with pytest.raises(ValidationError):
        PullReply.model_validate({name: value for name, value in PULL.items() if name != "head"})
