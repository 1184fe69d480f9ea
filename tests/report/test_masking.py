import pytest

from reviewbot.report.masking import MAX_TEXT, masked

KEY = "ghp_" + "a1B2c3D4e5F6g7H8i9J0k1L2m3N4o5P6q7R8"
PEM = "-----BEGIN PRIVATE KEY-----\n" + "MIIEvQIBADANBgkqhkiG9w0BAQEFAASCBKcwggSjAgEAAoIBAQC7VJTUt9Us8cKj\n" * 3


def test_a_value_is_replaced_by_its_kind_wherever_it_stands():
    assert masked(f"log {KEY}\nand again {KEY}.") == "log <SECRET:github>\nand again <SECRET:github>."


def test_the_numbers_of_another_text_are_dropped():
    assert masked("the key <SECRET:aws:3> is new") == "the key <SECRET:aws> is new"


def test_the_body_of_a_private_key_is_gone():
    assert "MIIEvQ" not in masked(f"It is\n{PEM}-----END PRIVATE KEY-----\n")


def test_a_key_at_the_place_of_the_cut_is_not_halved():
    text = masked("word " * ((MAX_TEXT - 20) // 5) + KEY + " tail" * 100)
    assert KEY[:12] not in text
    assert text.endswith("characters>")


@pytest.mark.parametrize("text", ["", "\n\n", "a b c", "password: the one you chose", "x" * 500 + "\n" + "y" * 500])
def test_text_without_a_secret_stays_as_it_is(text):
    assert masked(text) == text


@pytest.mark.parametrize("text", ["\udcff", "a long line with \udcff in it"])
def test_half_a_character_becomes_a_mark(text):
    assert masked(text) == text.replace("\udcff", "\ufffd")
