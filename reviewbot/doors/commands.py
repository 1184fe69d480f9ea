"""A person's order, from the comment that gave it to our reply: who may, how often, once.

Every order that is accepted ends in one reply, signed with the comment it answers. That reply is all the memory there
is: it says that the order was carried out, and how many were within the hour. Knows nothing of events or of runners.
"""

from collections.abc import Callable, Iterator, Sequence
from contextlib import suppress
from datetime import datetime
from functools import partial
from typing import NamedTuple

from reviewbot.council.budget import NOTHING_HELD, Hold, anew
from reviewbot.council.question import Answered, ask_question
from reviewbot.doors.passing import PASSING, unanswered
from reviewbot.doors.pull_request import Done, Watch, Wish, review_pull
from reviewbot.doors.session import Session
from reviewbot.errors import Doubtful, ForgeError, ReviewbotError
from reviewbot.forge.command import NAME, Again, Ask, Dismiss, Help, Misuse
from reviewbot.forge.earlier import Summary, said, spent_so_far, summaries
from reviewbot.forge.event import Command
from reviewbot.forge.marks import ReplyMark, Signer, scope_of
from reviewbot.forge.model import Address, Conversation, Pull, Remark
from reviewbot.record.spending import day_accounts
from reviewbot.report.headline import headline, unheard
from reviewbot.report.safe import code_span, inline, prose
from reviewbot.report.wording import count, dollars, listed
from reviewbot.settings import Operator
from reviewbot.sources.head_tree import open_head
from reviewbot.sources.pull_request import read_pull_request
from reviewbot.wiring import seat_council

MOST_AN_HOUR = 10
"""Orders answered on one pull request: two bots that answer each other stop here (THREATS S24)."""
HOUR = 3_600.0
"""Seconds."""
SETTLE = 5.0
"""Seconds after which a comment that was made is listed (THREATS G11)."""
MAX_ANSWER = 6_000
"""Characters of a model's answer: five times what it is asked for."""
MAX_SHOWN = 25_000
"""Characters of that once it is made safe, where a hidden one takes eleven. GitHub takes 65,536."""
MAX_DISMISSED = 500
"""Findings one pull request remembers as dismissed; the oldest make room."""
HELP = f"""\
A comment that begins with one of these is carried out, when its author may push to this repository:

- `{NAME} review` reads the whole change again, not only what is new
- `{NAME} ask` and a question: a model answers it from the diff
- `{NAME} dismiss` and the id that stands below a finding, or several: it is not said again
- `{NAME} help` says this"""


class _Answer(NamedTuple):
    """What a reply says, and what it cost."""

    text: str
    spent: Hold = NOTHING_HELD


class _Turn(NamedTuple):
    """One order, and the conversation it was given in."""

    session: Session
    command: Command
    pull: Pull
    conversation: Conversation
    signer: Signer


async def carry_out(session: Session, command: Command, operator: Operator, wish: Wish, watch: Watch) -> Done:
    """Carry out what a comment asks for, if its author may push to the repository (THREATS S23), and reply.

    Of `wish` neither the head nor the extent counts: who orders a review asks for all of it. An order is carried out
    once, also when its event comes again, and a failed one too: its reply says why. Where it is tried again after a
    passing fault (`wish.patient`), that fault has no reply, which would end it. Raises what the order raises, and
    Unreachable or Limited where GitHub cannot say who may: then nothing is done.
    """
    forge, number = session.forge, command.number
    if not wish.post:
        return _done(session, command, "commands are answered on the pull request, where nothing is to be posted")
    if not forge.may_write(command.actor):  # not even a reaction: strangers could use up what we may write
        return _done(session, command, f"refused, GitHub does not say that {command.actor} may push to the repository")
    pull = forge.pull(number)
    turn = _Turn(session, command, pull, forge.conversation(number), Signer(session.keys, scope_of(pull)))
    if why := _turned_down(turn):
        return _done(session, command, why)
    with suppress(ForgeError):  # a reaction is a courtesy, and the same one is never there twice
        forge.react(command.comment_id, "confused" if isinstance(command.order, Misuse) else "eyes")
    try:
        session.admit(pull)
        done, answer = await _carried_out(turn, operator, wish, watch)
    except ReviewbotError as e:
        if not (wish.patient and isinstance(e, PASSING)):
            with suppress(ForgeError):  # what the order met is what is told
                _reply(turn, _Answer(f"This could not be done: {inline(str(e))}"))
        raise
    if not (wish.patient and passing_fault(done)):
        _reply(turn, answer)
    return done


def passing_fault(done: Done) -> str:
    """Why the same may end better when it is tried again: no model could be reached, or not all could be posted.

    Empty where it would end as it did.
    """
    if done.failure or done.report is None or done.ending != "reviewed":
        return done.failure
    return unanswered(done.report)


async def _carried_out(turn: _Turn, operator: Operator, wish: Wish, watch: Watch) -> tuple[Done, _Answer]:
    """How the order ended, and the reply to it, which is not sent yet."""
    session, command = turn.session, turn.command
    if not isinstance(command.order, Again):
        answer = await _answer(turn, command.order, operator, wish)
        return _done(session, command, f"replied to {command.actor}"), answer
    all_of_it = wish._replace(asked=True, whole=True, head=None)
    done = await review_pull(session, command.number, operator, all_of_it, watch)
    return done, _Answer(f"Asked to read everything again. {inline(_told_review(done))}")


def _told_review(done: Done) -> str:
    """How the review ended. What was posted of one in which nobody looked is no news."""
    if done.report is None or done.ending != "reviewed":
        return " ".join(filter(None, (done.said, done.failure)))
    said = "" if unheard(done.report) else done.said
    return ". ".join(filter(None, dict.fromkeys((headline(done.report), said, done.failure))))


def _done(session: Session, command: Command, said: str) -> Done:
    return Done(f"{Address(session.forge.repository, command.number)}: {said}")


def _turned_down(turn: _Turn) -> str | None:
    """Why an order of somebody who may give it is not carried out. Of too many, the first is told so."""
    replies = tuple(_replies(turn.conversation, turn.signer))
    if any(mark.comment_id == turn.command.comment_id for mark, _ in replies):
        return "this order was carried out before"
    recent = sum(turn.session.clock.now() - _written(remark) < HOUR for _, remark in replies)
    if recent < MOST_AN_HOUR:
        return None
    if recent == MOST_AN_HOUR:  # one more reply, or the refusals would be the loop
        said = f"{MOST_AN_HOUR} commands were answered here within an hour. Wait a while, then ask again."
        _reply(turn, _Answer(said))
    return f"refused, {recent} commands were answered within an hour"


def _written(remark: Remark) -> float:
    return datetime.fromisoformat(remark.created).timestamp()


def _replies(conversation: Conversation, signer: Signer) -> Iterator[tuple[ReplyMark, Remark]]:
    for remark in conversation.comments:
        signed = signer.read(remark.body) if remark.ours else None
        if signed and isinstance(signed.mark, ReplyMark):
            yield signed.mark, remark


def _reply(turn: _Turn, answer: _Answer) -> None:
    """One comment. A doubtful one is looked for before it is sent again; a second doubt is the caller's (G11)."""
    number, mark = turn.command.number, ReplyMark(comment_id=turn.command.comment_id, spent=answer.spent)
    body = turn.signer.sign(mark, answer.text)
    try:
        turn.session.forge.post_comment(number, body)
    except Doubtful:
        turn.session.clock.sleep(SETTLE)
        if mark not in (made for made, _ in _replies(turn.session.forge.conversation(number), turn.signer)):
            turn.session.forge.post_comment(number, body)


async def _answer(turn: _Turn, order: Ask | Dismiss | Help | Misuse, operator: Operator, wish: Wish) -> _Answer:
    """What to reply, once the order is carried out. Every word of it is ours or made safe."""
    match order:
        case Misuse(why=why):
            return _Answer(f"{why[:1].upper()}{why[1:]}. `{NAME} help` says what can be asked for.")
        case Help():
            return _Answer(HELP)
        case Dismiss():
            return _Answer(_dismiss(turn, order))
        case Ask(question=question):
            change = read_pull_request(turn.session.forge, turn.pull, policy_file=wish.policy_file)
            council = seat_council(operator, change.policy)
            run = turn.session.begin(turn.pull, f"ask {turn.command.comment_id}", council)
            resumed = run.resumed or anew(spent_so_far(turn.conversation, turn.signer))
            shared = day_accounts(operator)
            with open_head(turn.session.forge.git_access, turn.pull.head_sha) as tree:
                answered = await ask_question(
                    change, question, run.council, operator, resumed, tree=tree, accounts=shared
                )
            text = _told(answered, turn.pull.head_sha, f"{turn.session.source_url}{turn.pull.head_sha}/")
            return _Answer(text, answered.spent)


def _told(answered: Answered, head: str, source_url: str) -> str:
    """A model's answer as a comment: what it says, what it cannot know, and whose it is."""
    member = code_span(answered.member)
    if answered.words is None:
        return f"{member} gave no answer ({answered.state}): {inline(answered.detail)}"
    parts = [_shown(answered.words.answer, source_url)]
    if answered.words.unsure_about:
        parts += ["**What the diff does not show:**", _shown(answered.words.unsure_about, source_url)]
    if answered.not_shown:
        parts.append(f"It was not shown all of {count(len(answered.not_shown), 'file')}.")
    told = f"{member} read the diff at {code_span(head[:8])} (cost: {dollars(answered.usd)}). It may be wrong."
    parts.append(f"<sub>{' '.join([told, *map(inline, answered.notes)])}</sub>")
    return "\n\n".join(parts)


def _shown(text: str, source_url: str) -> str:
    """A model's text made safe, with its end left out where a comment could not hold it."""
    kept = text[:MAX_ANSWER]
    while len(shown := prose(kept, source_url=source_url)) > MAX_SHOWN:
        kept = kept[: len(kept) // 2]
    cut = len(text) - len(kept)
    return f"{shown}\n\n({count(cut, 'more character')} not shown)" if cut else shown


def _dismiss(turn: _Turn, order: Dismiss) -> str:
    """Remember the ids in the newest summary's mark, and close the threads that say these findings."""
    summary = next(reversed(summaries(turn.conversation, turn.signer)), None)
    if summary is None:
        return "Nothing was reviewed here yet, so there is nothing to dismiss."
    threads = said(turn.conversation, turn.signer)
    told = {comment.mark.id for comment in threads} | {finding.id for finding in summary.mark.carried}
    known = tuple(name for name in order.ids if name in told or name in summary.signed.text)
    if known:
        body = _remembering(known, summary, turn.signer)
        _twice_if_doubtful(partial(turn.session.forge.edit_comment, summary.remark.id, body))
    for comment in threads:
        if comment.mark.id in known and not comment.thread.resolved:
            _twice_if_doubtful(partial(turn.session.forge.resolve, comment.thread.id))
    return _told_dismissed(known, [name for name in order.ids if name not in known], order.reason)


def _twice_if_doubtful(write: Callable[[], object]) -> None:
    """For writes that come to the same when they are done twice."""
    try:
        write()
    except Doubtful:
        write()


def _remembering(ids: tuple[str, ...], summary: Summary, signer: Signer) -> str:
    """The summary comment with more ids in its mark. Where a person edited its text, the mark goes on saying so."""
    dismissed = tuple(dict.fromkeys((*summary.mark.dismissed, *ids)))[-MAX_DISMISSED:]
    mark = summary.mark.model_copy(update={"dismissed": dismissed})
    text = summary.signed.text
    return f"{text}{signer.sign(mark, '')}" if summary.signed.edited else signer.sign(mark, text)


def _told_dismissed(known: Sequence[str], unknown: Sequence[str], reason: str) -> str:
    lines = []
    if known:
        because = f": {inline(reason)}" if reason else "."
        lines.append(f"Dismissed {listed([f'`{name}`' for name in known])}{because}")
    if unknown:
        lines.append(f"No finding here is called {listed([f'`{name}`' for name in unknown])}.")
    return "\n\n".join(lines)
