from findings.samples import alone, finding

from reviewbot.findings.echoes import echoes

WORDS = ("`refund` loads any order without an owner check", "A signed-in customer can refund the order of another.")
AGAIN = ("No owner check in `refund`", "Any signed-in customer can refund an order that is not theirs.")
MAIL = ("The reminder is sent twice", "A retry of the mailer has no idempotency key.")


def test_problems_of_other_files_that_sound_alike_are_named_for_each_other() -> None:
    said = [(WORDS, "a.py", "anthropic"), (AGAIN, "b.py", "openai"), (AGAIN, "b.py", "rules"), (MAIL, "c.py", "openai")]
    findings = [finding(words[0], body=words[1], path=path, family=family) for words, path, family in said]
    clusters = dict(zip("abcd", alone(*findings), strict=True))
    assert {name: others for name, others in echoes(clusters).items() if others} == {"a": ("b",), "b": ("a",)}


def test_one_file_has_no_echo() -> None:
    assert echoes(dict(zip("ab", alone(finding(), finding(family="openai")), strict=True))) == {}
