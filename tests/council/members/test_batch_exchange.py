"""One batch from sending to its answers: what passes is waited out, what does not is told."""

from asking import KEY
from batch_run import Run, every_vendor
from batch_stand_in import BatchOffice
from stand_in import Answer, Failure, StandIn


@every_vendor
async def test_faults_that_pass_are_waited_out_once_a_batch_is_sent(server: StandIn, vendor: str) -> None:
    office = BatchOffice(server, lambda _: Answer("{}"))
    office.looks = 8
    office.faults["look"] = [Failure(500), Failure(429), Failure(503)]
    office.faults["rows"] = [Failure(502)]
    run = Run(server, vendor)
    (reply,) = await run.ask("one")
    assert reply.outcome == "ok"
    assert len(office.batches) == 1
    looks = run.pauses[-10:] if vendor != "google" else run.pauses[-7:]
    assert looks == sorted(looks)
    assert (run.pauses[run.pauses.index(5.0) :][:2], looks[-1]) == ([5.0, 7.5], 60.0)


@every_vendor
async def test_a_key_that_is_refused_is_told_to_all_with_its_remedy(server: StandIn, vendor: str) -> None:
    office = BatchOffice(server, lambda _: Answer("{}"))
    office.faults["send"] = [Failure(401, f"bad key {KEY}")]
    replies = await Run(server, vendor).ask("one", "two")
    assert [reply.outcome for reply in replies] == ["auth", "auth"]
    assert "set THE_KEY to one that may use" in replies[0].detail
    assert KEY not in replies[0].detail


async def test_without_a_key_every_call_is_told_so(server: StandIn) -> None:
    (reply,) = await Run(server, "openai", api_key=None).ask("one")
    assert (reply.outcome, "set THE_KEY" in reply.detail) == ("fatal", True)
