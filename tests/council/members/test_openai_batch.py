"""What is OpenAI's own: files that go up and are deleted, and a batch whose file does not hold."""

from asking import a_call
from batch_run import MODELS, Run
from batch_stand_in import BatchOffice
from stand_in import Answer, StandIn

from reviewbot.council.members import openai
from reviewbot.council.members.failures import Peer
from reviewbot.council.members.openai_batch import KEPT_SECONDS


async def test_a_call_is_a_line_of_a_file_that_is_deleted_in_days(server: StandIn) -> None:
    office = BatchOffice(server, lambda _: Answer("{}"))
    await Run(server, "openai").ask("q", effort="low")
    (sent,) = office.batches[0].values()
    peer = Peer(model=MODELS["openai"], url=server.url, variable="")
    assert sent == openai.request(peer, a_call(question="q", effort="low", cache=False))
    upload, created, *_ = server.requests
    assert str(KEPT_SECONDS).encode() in upload.raw
    assert created.body["output_expires_after"]["seconds"] == KEPT_SECONDS == 3 * 24 * 3600
    assert (created.body["endpoint"], created.body["completion_window"]) == ("/v1/responses", "24h")


async def test_a_batch_whose_file_does_not_hold_is_told_in_the_words_of_the_vendor(server: StandIn) -> None:
    BatchOffice(server, lambda _: Answer("{}")).state = "failed"
    (reply,) = await Run(server, "openai").ask("one")
    assert reply.outcome == "fatal"
    assert "over the limit" in reply.detail
