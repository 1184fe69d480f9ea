"""What was said becomes problems in rank order, each finding once."""

from pipeline.scene import DIFF, IDENTITY, LOST, TWICE, member, report_of, unsure

from reviewbot.change import Change, parse_diff


async def test_the_same_defect_in_two_voices_is_one_finding_with_both() -> None:
    report = await report_of(
        member("ada", {"assumptions": [IDENTITY]}),
        member("ben", {"assumptions": [IDENTITY | {"title": "Account picked by e-mail"}], "architecture": [TWICE]}),
    )
    assert [(f.rank, f.line, f.raised_by) for f in report.findings] == [(1, 2, ("ada", "ben")), (2, 3, ("ben",))]
    assert [voice.member for voice in report.findings[0].voices] == ["ada/m", "ben/m"]
    assert set(report.findings[1].asked) == {"ada", "ben"}
    assert report.complete


async def test_found_is_what_is_placed() -> None:
    report = await report_of(member("ada", {"architecture": [TWICE, TWICE, LOST], "security": [IDENTITY]}))
    assert sum(len(f.voices) for f in report.findings) == sum(seat.findings for seat in report.seats) == 4
    lost = next(f for f in report.findings if f.title == LOST["title"])
    assert (lost.line, lost.placement) == (None, "summary")


async def test_who_could_not_judge_a_file_does_not_dissent_about_it() -> None:
    report = await report_of(member("ada", {"security": [TWICE]}), unsure("ben", found=False), unsure("cy", found=True))
    assert report.findings[0].asked == ("ada", "cy")
    assert report.complete, "ada looked"


async def test_a_category_on_no_list_is_other() -> None:
    report = await report_of(member("ada", {"security": [TWICE | {"category": "made up"}]}))
    assert report.findings[0].category == "other"


async def test_an_assumption_without_its_two_systems_is_not_put_at_the_line() -> None:
    report = await report_of(member("ada", {"assumptions": [TWICE | {"severity": "critical"}]}))
    assert (report.findings[0].placement, report.complete) == ("summary", True)
    assert "names no two systems" in report.findings[0].reason


async def test_ids_stay_when_the_code_moves() -> None:
    moved = DIFF.replace(b"@@ -1,2 +1,4 @@", b"@@ -41,2 +51,4 @@")
    first = await report_of(member("ada", {"security": [TWICE]}))
    later = await report_of(member("ada", {"security": [TWICE]}), of=Change(diff=parse_diff(moved)))
    assert [f.id for f in first.findings] == [f.id for f in later.findings]
    assert first.findings[0].line != later.findings[0].line
