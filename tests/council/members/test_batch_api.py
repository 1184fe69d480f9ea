"""What every vendor's batches have in common, over HTTP with the real SDKs."""

import json
from functools import partial

from asking import KEY
from batch_run import Run, every_vendor
from batch_stand_in import BatchOffice, Fate
from stand_in import Answer, Failure, StandIn

from reviewbot.council.model import Usage

FATES: dict[str, Fate] = {
    "good": Answer('{"a": "€\u2028"}', usage=Usage(input=70, cached=30, output=9)),
    "other": Answer("{}"),
    "wrong": Failure(400, "messages: is wrong", "invalid_request_error"),
    "busy": Failure(529, "Overloaded", "overloaded_error"),
    "late": "expired",
    "stopped": "cancelled",
    "garbled": "garbled",
    "leak": Answer(f'"{KEY}"'),
}


@every_vendor
async def test_each_call_gets_its_own_answer_out_of_one_batch_in_whatever_order(server: StandIn, vendor: str) -> None:
    office = BatchOffice(server, FATES.__getitem__)
    run, begun = Run(server, vendor), list[None]()
    replies = dict(zip(FATES, await run.ask(*FATES, started=partial(begun.append, None)), strict=True))
    assert len(office.batches) == 1
    assert replies["good"].text == '{"a": "€\u2028"}'
    assert replies["good"].usage == Usage(input=70, cached=30, output=9)
    assert {name: reply.outcome for name, reply in replies.items()} == {
        "good": "ok", "other": "ok", "leak": "blocked", "wrong": "fatal", "busy": "transient", "late": "transient",
        "stopped": "transient" if vendor == "google" else "fatal",
        "garbled": "transient" if vendor == "google" else "fatal",
    }  # fmt: skip
    assert "is wrong" in replies["wrong"].detail
    kept = (json.dumps(office.batches[0][name]) for name in run.log.sent)
    assert sorted('"good"' in body or '"other"' in body for body in kept) == [True, True]
    assert len(begun) == 3
    assert run.told[0].endswith("of 8 calls, which may take a day")


@every_vendor
async def test_a_batch_that_nobody_came_to_answers_nothing_and_may_be_sent_again(server: StandIn, vendor: str) -> None:
    office = BatchOffice(server, lambda _: "expired")
    office.state = {"openai": "expired", "google": "BATCH_STATE_EXPIRED"}.get(vendor)
    run, begun = Run(server, vendor), list[None]()
    replies = await run.ask("one", "two", started=partial(begun.append, None))
    assert {(reply.outcome, reply.detail) for reply in replies} == {
        ("transient", "the vendor did not come to it within the day that a batch has")
    }
    assert not run.log.sent
    assert not begun
