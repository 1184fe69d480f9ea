"""What is Anthropic's own: the body of a batch, and an address for its results."""

from asking import a_call
from batch_run import MODELS, Run
from batch_stand_in import BatchOffice
from stand_in import Answer, StandIn

from reviewbot.council.members import anthropic


async def test_a_call_is_sent_as_it_would_be_alone_without_a_mark_for_the_cache(server: StandIn) -> None:
    office = BatchOffice(server, lambda _: Answer("{}"))
    await Run(server, "anthropic").ask("q", effort="low", cache=True)
    (sent,) = office.batches[0].values()
    assert sent == anthropic.request(MODELS["anthropic"], a_call(question="q", effort="low", cache=False))


async def test_the_key_goes_to_no_other_server_where_the_results_are_said_to_lie(server: StandIn) -> None:
    with StandIn() as thief:
        BatchOffice(server, lambda _: Answer("{}")).results_at = thief.url
        (reply,) = await Run(server, "anthropic").ask("one")
    assert thief.requests == []
    assert reply.outcome == "fatal"
    assert "follows nobody" in reply.detail
