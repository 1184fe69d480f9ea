"""What members said, without the secrets of the change."""

from reviewbot.change.redact import Values
from reviewbot.council import Member, Review, Seat
from reviewbot.council.said import without_secrets
from reviewbot.findings import Draft
from reviewbot.findings.model import Unjudged, Verdict

VALUE = "kU8#vq92Lm!xTz7w"
SEAT = Seat(member=Member(name="s/m", family="s"), lens="security")


def heard(word: str) -> Review:
    draft = Draft(
        title=f"The literal {word}", body=word, severity="high", confidence="likely", category="secrets", path="a.py",
        side="new", line=1, quote=f"x = {word!r}", fix=word,
    )  # fmt: skip
    verdict = Verdict(about="1", by="s", member="s/m", verdict="upheld", because=word, importance=50, quote=word)
    return Review(
        seat=SEAT, state="ok", detail=word, raw=f'{{"title": "{word}"}}', drafts=(draft,), verdicts=(verdict,),
        could_not_judge=(Unjudged(path="b.py", why=word),), usd=0.5, through=("security",),
    )  # fmt: skip


def test_no_word_of_a_member_holds_a_secret_that_has_a_name_and_nothing_else_changes() -> None:
    values = Values()
    name = str(values.name("password", VALUE))
    assert without_secrets(heard(VALUE), values) == heard(name)
    assert without_secrets(heard("plain"), values) == heard("plain")
    assert without_secrets(heard(VALUE), Values()) == heard(VALUE), "nobody knows it"


def test_the_name_of_a_file_stays_for_it_is_looked_up_by_it() -> None:
    values = Values()
    values.name("password", VALUE)
    said = heard("x")
    odd = said.model_copy(update={"drafts": (said.drafts[0].model_copy(update={"path": f"{VALUE}.py"}),)})
    assert without_secrets(odd, values).drafts[0].path == f"{VALUE}.py"
