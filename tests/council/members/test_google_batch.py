"""What is Google's own: requests inside the call, answers known by name or by place."""

import pytest
from asking import a_call
from batch_run import Run
from batch_stand_in import BatchOffice
from stand_in import Answer, StandIn


async def test_a_call_is_sent_as_it_would_be_alone(server: StandIn) -> None:
    office = BatchOffice(server, lambda _: Answer("{}"))
    await Run(server, "google").ask("q", effort="low")
    (sent,) = office.batches[0].values()
    call = a_call(question="q")
    assert sent["systemInstruction"]["parts"] == [{"text": call.rules}]
    assert sent["contents"][0]["parts"] == [{"text": call.shown}, {"text": "q"}]
    assert sent["generationConfig"]["responseJsonSchema"] == call.schema
    assert sent["generationConfig"]["maxOutputTokens"] == call.max_output_tokens
    assert sent["generationConfig"]["thinkingConfig"] == {"thinking_level": "LOW"}


async def test_answers_without_a_name_are_known_by_their_place(server: StandIn) -> None:
    BatchOffice(server, lambda question: Answer(f'"{question}"')).names = False
    assert [reply.text for reply in await Run(server, "google").ask("1", "2", "3")] == ['"1"', '"2"', '"3"']


@pytest.mark.parametrize(
    ("state", "outcome"),
    [("BATCH_STATE_FAILED", "fatal"), ("BATCH_STATE_CANCELLED", "fatal"), ("BATCH_STATE_EXPIRED", "transient")],
)
async def test_a_job_that_came_to_nothing_says_how(server: StandIn, state: str, outcome: str) -> None:
    BatchOffice(server, lambda _: Answer("{}")).state = state
    assert [reply.outcome for reply in await Run(server, "google").ask("1")] == [outcome]
