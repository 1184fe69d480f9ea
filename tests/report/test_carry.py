from report import samples

from reviewbot.report.carry import with_carried

SINCE = "abc1234def567890"


def carried(*findings):
    return with_carried(samples.run_of((samples.seat(),), (samples.finding(1), samples.finding(2))), findings, SINCE)


def test_what_still_holds_stands_behind_what_this_run_found():
    report = carried(samples.finding(9), samples.finding(7, severity="critical"))
    assert [(finding.rank, int(finding.id, 16)) for finding in report.findings] == [(1, 1), (2, 2), (3, 7), (4, 9)]


def test_a_carried_finding_is_told_in_the_summary_and_says_when_it_was_reviewed():
    held = carried(samples.finding(7)).findings[-1]
    assert (held.placement, held.reason) == ("summary", "as reviewed at abc1234d")


def test_a_finding_carried_twice_names_the_commit_it_was_found_at():
    once = carried(samples.finding(7)).findings[-1]
    again = with_carried(samples.nothing_found(), [once], "ffffffffff")
    assert again.findings[0].reason == "as reviewed at abc1234d"


def test_a_finding_that_this_run_has_too_is_told_once():
    report = carried(samples.finding(2), samples.finding(7), samples.finding(7, title="again"))
    assert [finding.id for finding in report.findings] == [samples.finding(n).id for n in (1, 2, 7)]
    assert report.findings[1].placement == "inline"


def test_what_was_withheld_stays_withheld():
    held = carried(samples.finding(7, placement="withheld", reason="below the policy's min_severity")).findings[-1]
    assert (held.placement, held.reason) == ("withheld", "below the policy's min_severity")


def test_nothing_carried_changes_nothing():
    report = samples.council()
    assert with_carried(report, (), SINCE) == report


def test_one_that_this_run_has_no_line_for_gives_way_to_the_carried_one():
    """A model may repeat what it says of a file that it was not shown again; the place is in the earlier report."""
    told = samples.finding(1, title="A Refund is sent twice", line=None, start_line=None, placement="summary")
    held = samples.finding(7, title="A refund is sent twice")
    report = with_carried(samples.run_of((samples.seat(),), (told,)), [held], SINCE)
    assert [(finding.id, finding.line) for finding in report.findings] == [(held.id, held.line)]
