"""From ranked clusters and seats to the one value: nothing of what was said is lost on the way."""

from reviewbot.change import Anchor, Gap
from reviewbot.council import Member, Review, Seat, Usage
from reviewbot.findings import Assumption, Cluster, Draft, Finding, Ranked, Unjudged
from reviewbot.findings.model import Check, Verdict
from reviewbot.report import Challenge, Word
from reviewbot.report.compose import not_covered, report_finding, report_seat, spent

ASSUMPTION = Assumption(
    system_a="Stripe", system_b="accounts", relies_on="one e-mail", breaks_when="two", ask="Which id?"
)


def finding(family: str, *, line: int | None, assumption: Assumption | None = None) -> Finding:
    draft = Draft(
        title=f"{family} says so", body="b", severity="high", confidence="likely", category="identity", path="a/pay.py",
        side="new", line=7, quote="said", assumption=assumption,
    )  # fmt: skip
    anchor = Anchor(path="pay.py", side="old", start_line=line, line=line) if line else None
    return Finding(
        member=f"{family}/m", family=family, lens="security", draft=draft, path="pay.py", anchor=anchor, quote="real"
    )


def ranked(*findings: Finding) -> Ranked:
    return Ranked(
        id="0" * 12, cluster=Cluster(findings=findings), severity="critical", probability=0.123456,
        raised_by=("ada", "ben"), asked=("ada", "ben"), placement="inline", reason="r",
    )  # fmt: skip


def review(member: str = "ada/m", **facts: object) -> Review:
    seat = Seat(member=Member(name=member, family="ada"), lens="security")
    return Review.model_validate({"seat": seat, "state": "ok"} | facts)


def test_the_first_finding_speaks_and_every_wording_is_kept() -> None:
    row = report_finding(3, ranked(finding("ada", line=9), finding("ben", line=None, assumption=ASSUMPTION)))
    assert (row.rank, row.title, row.severity, row.probability) == (3, "ada says so", "critical", 0.1235)
    assert [(voice.member, voice.path, voice.line) for voice in row.voices] == [
        ("ada/m", "pay.py", 9),
        ("ben/m", "pay.py", None),
    ]
    assert row.assumption == ASSUMPTION, "a question that any voice asks is asked"


def test_place_and_quote_are_the_diffs_not_the_members() -> None:
    row = report_finding(1, ranked(finding("ada", line=9)))
    assert (row.path, row.side, row.start_line, row.line, row.quote) == ("pay.py", "old", 9, 9, "real")


def test_without_an_anchor_there_is_no_line() -> None:
    row = report_finding(1, ranked(finding("ada", line=None)))
    assert (row.side, row.start_line, row.line) == ("new", None, None)


def test_a_seat_says_what_it_could_not_judge_behind_how_it_ended() -> None:
    unjudged = (Unjudged(path="b.py", why="its caller is not shown"), Unjudged(path="c.py", why="minified"))
    said = "could not judge b.py: its caller is not shown; c.py: minified"
    assert report_seat(review(could_not_judge=unjudged)).detail == said
    assert report_seat(review(could_not_judge=unjudged, detail="cut")).detail == f"cut; {said}"


def test_files_that_could_not_be_judged_for_one_reason_share_it() -> None:
    rust = tuple(Unjudged(path=f"{n}.rs", why="there are no rules for Rust") for n in range(3))
    said = "could not judge 0.rs, 1.rs, 2.rs: there are no rules for Rust"
    assert report_seat(review(could_not_judge=rust)).detail == said


def test_a_gap_is_named_once_and_a_seats_gap_with_the_member() -> None:
    gap = Gap(path="b.py", lines=3, why="does not fit in one prompt")
    rows = not_covered(
        [Gap(path="a.png", lines=0, why="binary")], [review(not_covered=(gap,)), review(not_covered=(gap,))]
    )
    assert [(row.path, row.lines, row.why) for row in rows] == [
        ("a.png", 0, "binary"),
        ("b.py", 3, "does not fit in one prompt (ada/m)"),
    ]


def test_no_secret_that_a_member_repeats_is_in_the_report() -> None:
    key = "ghp_" + "a1B2c3D4e5F6g7H8i9J0k1L2m3N4o5P6q7R8"
    said = finding("ada", line=9, assumption=ASSUMPTION.model_copy(update={"ask": f"Is {key} live?"}))
    texts = {"title": key, "body": f"see {key}", "fix": key, "category": key}
    found = {
        "quote": f"token = {key}",
        "evidence": (Check(name="symbol", holds=False, detail=f"`{key}` stands nowhere"),),
    }
    said = said.model_copy(update={"draft": said.draft.model_copy(update=texts), **found})
    row = report_finding(1, ranked(said).model_copy(update={"reason": f"quotes {key}"}))
    assert key not in row.model_dump_json()
    assert [one.detail for one in row.evidence] == ["`<SECRET:github>` stands nowhere"]
    assert row.body == row.voices[0].body == "see <SECRET:github>"
    unjudged = (Unjudged(path="b.py", why=f"holds {key}"),)
    assert report_seat(review(detail=f"cut at {key}", could_not_judge=unjudged)).detail.count("<SECRET:github>") == 2


def test_one_unknown_price_makes_the_sum_unknown() -> None:
    usage = Usage(input=1, cached=2, cache_written=3, output=4)
    known = spent([review(usage=usage, usd=0.1), review(usage=usage, usd=0.2)])
    assert (known.usd, known.input, known.cached, known.output) == (0.3, 12, 4, 8)
    assert spent([review(usd=0.1), review(usd=None)]).usd is None
    assert spent([]).usd == 0


def challenged(*said: Verdict) -> Challenge | None:
    row = ranked(finding("ada", line=9))
    return report_finding(
        1, row.model_copy(update={"cluster": Cluster(findings=row.cluster.findings, verdicts=said)})
    ).challenge


def verdict(by: str, word: str, importance: int, **more: object) -> Verdict:
    values = {"about": "a", "by": by, "member": f"{by}/m", "verdict": word, "because": f"{by} saw it.",
              "importance": importance, "quote_stands": True} | more  # fmt: skip
    return Verdict.model_validate(values)


def word(by: str, said: str, importance: int) -> Word:
    return Word.model_validate({"by": by, "verdict": said, "importance": importance, "because": f"{by} saw it."})


def test_what_a_challenge_came_to_is_told_with_whose_it_is() -> None:
    assert challenged() is None
    assert challenged(verdict("ben", "upheld", 80)) == Challenge(
        by="ben", verdict="upheld", importance=80, because="ben saw it.", words=(word("ben", "upheld", 80),)
    )


def test_several_challenges_are_one_with_the_word_of_most_and_the_reason_of_each() -> None:
    said = (verdict("ben", "upheld", 80), verdict("cleo", "refuted", 10), verdict("dora", "upheld", 60))
    assert challenged(*said) == Challenge(
        by="ben, cleo and dora", verdict="upheld", importance=50,
        because="ben (upheld): ben saw it; cleo (refuted): cleo saw it; dora (upheld): dora saw it",
        words=(word("ben", "upheld", 80), word("cleo", "refuted", 10), word("dora", "upheld", 60)),
    )  # fmt: skip


def test_a_refutation_that_quotes_nothing_is_told_as_the_doubt_it_is() -> None:
    said = challenged(verdict("ben", "refuted", 10, quote_stands=False))
    assert said is not None
    assert (said.verdict, said.because) == (
        "unsure", "ben saw it. (It says refuted, and quotes no line of the change.)",
    )  # fmt: skip


def test_no_secret_that_a_challenger_repeats_is_in_the_report() -> None:
    said = challenged(verdict("ben", "upheld", 80, because="It logs AKIAIOSFODNN7EXAMPL0 in clear."))
    assert said is not None
    assert "AKIAIOSFODNN7EXAMPL0" not in said.because


def test_the_checks_shown_are_those_of_the_voice_that_counted() -> None:
    failed = Check(name="absence", holds=False, detail="a test names it")
    held = Check(name="absence", holds=True, detail="no test names it")
    voices = [
        finding(who, line=9).model_copy(update={"evidence": (made,)}) for who, made in (("ada", failed), ("ben", held))
    ]
    row = ranked(voices[0]).model_copy(update={"cluster": Cluster(findings=tuple(voices))})
    assert [one.detail for one in report_finding(1, row).evidence] == ["no test names it"]
