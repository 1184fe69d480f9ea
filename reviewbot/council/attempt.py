"""One attempt of one member inside the budget: room is reserved before it, and settled from its bill after it.

Retries nothing and reads no answer. What an earlier try of the run has paid for is recalled, and costs nothing here.
"""

from dataclasses import replace

from reviewbot.council.budget import Ledger, is_unbilled, worst_case
from reviewbot.council.model import Ask, Billed, Call, Invited, Usage


async def attempt(ask: Ask, call: Call, *, invited: Invited, ledger: Ledger) -> Billed | str:
    """The reply and what it cost, or in words why the budget has no room for the call. `ask` is the open connection."""
    if recalled := invited.recall(call):
        call.started()
        return recalled
    hold = ledger.reserve(invited.member.name, worst_case(call) if invited.reads_prompts else Usage())
    if isinstance(hold, str):
        return hold
    begun: list[bool] = []

    def started() -> None:
        begun.append(True)
        call.started()

    reply = await ask(replace(call, started=started))
    if is_unbilled(reply, begun=bool(begun)):
        return Billed(reply, None)  # what was held stays held
    return Billed(reply, ledger.settle(hold, invited.member.name, reply.usage))
