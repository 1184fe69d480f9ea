import json

import pytest

from reviewbot.forge.graph import as_rest
from reviewbot.forge.limits import Reply


def status_of(value, status=200):
    body = value if isinstance(value, bytes) else json.dumps(value).encode()
    return as_rest(Reply(status, {}, body)).status


@pytest.mark.parametrize(
    ("error", "status"),
    [
        ({"type": "RATE_LIMITED", "message": "API rate limit exceeded"}, 429),
        ({"type": "RATE_LIMIT", "message": "API rate limit exceeded"}, 429),
        ({"type": "FORBIDDEN", "message": "Resource not accessible by integration"}, 403),
        ({"type": "INSUFFICIENT_SCOPES"}, 403),
        ({"type": "NOT_FOUND", "path": ["repository"]}, 404),
        ({"type": "UNPROCESSABLE"}, 422),
        ({"message": "Field 'x' doesn't exist", "extensions": {"code": "undefinedField"}}, 422),
        ({"message": "Something went wrong while executing your query. Reference: 1:2"}, 500),
        ({"type": "SERVICE_UNAVAILABLE"}, 500),
        ({"type": ["odd"], "extensions": "odd"}, 500),
        ("odd", 500),
    ],
)
def test_an_error_has_the_status_rest_would_give_it(error, status):
    assert status_of({"data": None, "errors": [error]}) == status


def test_a_part_of_an_answer_is_no_answer():
    assert status_of({"data": {"repository": {"id": "R_1"}}, "errors": [{"type": "FORBIDDEN"}]}) == 403


@pytest.mark.parametrize(
    "value", [{"data": {}}, {"data": {}, "errors": []}, {"data": {}, "errors": None}, [], b"<html>"]
)
def test_an_answer_without_errors_stays_as_it_is(value):
    assert status_of(value) == 200


def test_a_status_that_says_something_itself_is_kept():
    assert status_of({"errors": [{"type": "NOT_FOUND"}]}, status=502) == 502
