"""A file of rows, and the one line about the first that does not hold."""

from pathlib import Path

import pytest
from pydantic import BaseModel

from reviewbot.errors import BadInput, BadSuite
from reviewbot.evals.rows import check_ids, read_array, read_rows


class Form(BaseModel):
    id: str
    line: int = 0
    parts: tuple[str, ...] = ()


def written(folder: Path, content: bytes) -> Path:
    path = folder / "suite.jsonl"
    path.write_bytes(content)
    return path


def test_rows_are_read_with_their_lines_past_a_byte_order_mark_and_blank_lines(tmp_path):
    path = written(tmp_path, '\ufeff{"id": "a", "parts": ["x\u2028y"]}\r\n\n{"id": "b", "other": 1}\n \n'.encode())
    assert read_rows(path, Form) == ((1, Form(id="a", parts=("x\u2028y",))), (3, Form(id="b")))


@pytest.mark.parametrize(
    ("second", "told"),
    [
        (b'{"id": "\xff"}', "is not UTF-8; save the file as UTF-8"),
        (b'{"id": "b"', "is not JSON: EOF while parsing an object"),
        (b'{"id": "\\ud800"}', "is not JSON: "),
        (b'["b"]', "is not an object: Input should be an object"),
        (b"{}", "id: is missing; mend the row or take it out"),
        (b'{"id": "b", "line": "7"}', "line: Input should be a valid integer"),
        (b'{"id": "b", "parts": ["", 1]}', "parts.1: Input should be a valid string"),
        (b"[" * 100_000, "is not JSON: recursion limit exceeded"),
    ],
)
def test_a_bad_row_is_named_with_its_number(tmp_path, second: bytes, told: str):
    path = written(tmp_path, b'{"id": "a"}\n' + second + b"\n")
    with pytest.raises(BadSuite) as caught:
        read_rows(path, Form)
    assert str(caught.value).startswith(f"{path} row 2: {told}")


def test_a_key_as_long_as_its_file_is_told_in_short(tmp_path):
    class Named(BaseModel):
        tools: dict[str, int]

    with pytest.raises(BadSuite) as caught:
        read_rows(written(tmp_path, b'{"tools": {"' + b"x" * 10_000 + b'": ""}}'), Named)
    assert caught.value.what.startswith("tools.xxx")
    assert caught.value.what.endswith("xx…: Input should be a valid integer")


@pytest.mark.parametrize("content", [b"", b"\xef\xbb\xbf", b"\n\n"])
def test_a_file_without_rows_is_no_suite(tmp_path, content: bytes):
    with pytest.raises(BadSuite, match="has no rows"):
        read_rows(written(tmp_path, content), Form)


def test_an_array_is_read_the_same_way_its_rows_counted_from_1(tmp_path):
    assert read_array(written(tmp_path, b' [{"id": "a"}, {"id": "b"}]'), Form)[1] == (2, Form(id="b"))
    for content, told in [
        (b'[{"id": "a"}, {"id": 2}]', " row 2: id: Input should be a valid string"),
        (b'{"id": "a"}', ": is not a JSON array"),
        (b"[1,", ": is not JSON: "),
        (b"[" * 100_000, ": is not JSON: "),
        (b"[]", ": has no rows"),
    ]:
        with pytest.raises(BadSuite) as caught:
            read_array(written(tmp_path, content), Form)
        assert told in str(caught.value)


def test_a_file_that_cannot_be_read_is_bad_input(tmp_path):
    for read in (read_rows, read_array):
        with pytest.raises(BadInput, match=r"none\.jsonl: No such file or directory; name a file you can read"):
            read(tmp_path / "none.jsonl", Form)


def test_an_id_is_a_row_s_own(tmp_path):
    check_ids(tmp_path, [(1, "a"), (2, "b")])
    with pytest.raises(BadSuite, match="row 3: its id 'a' is that of row 1"):
        check_ids(tmp_path, [(1, "a"), (2, "b"), (3, "a")])
