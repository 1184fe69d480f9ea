"""Orders carried out on the fake GitHub: who may, once, what is replied, and what is changed."""

import json
from collections.abc import Iterator
from contextlib import nullcontext, suppress
from pathlib import Path
from typing import Any

import pytest
from hub import faults
from hub.hand_clock import hand_clock
from hub.memory import MemoryForge
from hub.records import Permission, Pull, Said
from hub.rejection import Rejection
from hub.world import PERSON, World
from stand_in import Failure, StandIn, nobody

from reviewbot.council import Usage
from reviewbot.council.budget import Hold
from reviewbot.doors.commands import HOUR, MAX_DISMISSED, MOST_AN_HOUR, carry_out, passing_fault
from reviewbot.doors.pull_request import Done, Wish
from reviewbot.doors.session import Session
from reviewbot.errors import BadSettings, Doubtful, ForgeError, Limited, NoCouncil
from reviewbot.forge.command import parse_command
from reviewbot.forge.earlier import said, spent_so_far, summaries
from reviewbot.forge.event import Command
from reviewbot.forge.marks import FindingMark, ReplyMark, Signer, SummaryMark, scope_of
from reviewbot.forge.model import NewComment, NewReview
from reviewbot.settings import Budget, Operator, Server

KEYS = (b"k" * 32,)
BEFORE = b"def pay(total):\n    charge(total)\n"
AFTER = b"def pay(total):\n    charge(total)\n    charge(total)\n"
ID, OTHER, UNKNOWN = "0123456789ab", "ba9876543210", "cccccccccccc"
RULES = Operator(models=("rules/builtin",))
ALWAYS = float("inf")
POST = Wish(post=True)
PATIENT = Wish(post=True, patient=True)


class Scene:
    """One pull request on the fake, and people who order things on it."""

    def __init__(self, root: Path) -> None:
        self.clock = hand_clock()
        self.world = World(root, clock=self.clock)
        base = self.world.commit(None, {"pay.py": BEFORE})
        self.world.branch("main", base)
        self.world.account("grace", "write")
        self.pull: Pull = self.world.open_pull("main", self.world.commit(base, {"pay.py": AFTER}))
        self.forge = MemoryForge(self.world)
        self.signer = Signer(KEYS, scope_of(self.forge.pull(self.number)))
        self.session = Session(
            forge=self.forge, keys=KEYS, source_url="https://code.example/octo/shop/blob/", started=self.clock.now(),
            clock=self.clock,
        )  # fmt: skip

    @property
    def number(self) -> int:
        return self.pull.number

    async def order(self, body: str, *, by: str = "grace", operator: Operator = RULES, wish: Wish = POST) -> Done:
        return await self.redeliver(self.world.say(self.number, by, body), by=by, operator=operator, wish=wish)

    async def redeliver(
        self, comment: Said, *, by: str = "grace", operator: Operator = RULES, wish: Wish = POST
    ) -> Done:
        order = parse_command(comment.body)
        assert order
        command = Command(number=self.number, comment_id=comment.id, actor=by, order=order)
        return await carry_out(self.session, command, operator, wish, lambda *_: nullcontext(lambda *_: None))

    @property
    def replies(self) -> list[str]:
        """Texts of our answers to orders, oldest first."""
        remarks = self.forge.conversation(self.number).comments
        signed = [self.signer.read(remark.body) for remark in remarks if remark.ours]
        return [one.text for one in signed if one and isinstance(one.mark, ReplyMark)]

    @property
    def reactions(self) -> list[str]:
        """On the last order."""
        orders = [one for one in self.pull.comments if one.body.startswith("/reviewbot")]
        return [reaction.content for reaction in orders[-1].reactions]

    def review(self, *, edited: bool = False, carried: int = 0) -> None:
        """An earlier review of ours: a comment on each finding, and a summary that names them."""
        comments = tuple(
            NewComment(
                path="pay.py", body=self.signer.sign(_finding(name), f"Paid twice ({name})"), line=3, side="RIGHT"
            )
            for name in (ID, OTHER)
        )
        self.forge.post_review(self.number, NewReview(commit=self.pull.head_sha, body="", comments=comments))
        mark = SummaryMark(
            key="k", head=self.pull.head_sha, base=self.pull.head_sha, setup="s", complete=True,
            dismissed=tuple(f"{n:012x}" for n in range(carried)),
        )  # fmt: skip
        made = self.forge.post_comment(self.number, self.signer.sign(mark, f"Two findings: {ID}, {OTHER}"))
        if edited:
            body = self.world.find_said(made.id).body
            self.world.edit(made.id, "ada", body.replace("Two findings", "Two FALSE findings"))


def _finding(name: str) -> FindingMark:
    return FindingMark(
        id=name, path="pay.py", side="new", category="money", lens="security", lines=(), head="a" * 40, title="t"
    )


@pytest.fixture
def scene(tmp_path: Path) -> Iterator[Scene]:
    scene = Scene(tmp_path)
    yield scene
    assert scene.world.forbidden == []


def model(server: StandIn) -> Operator:
    return Operator(models=("box/some-model",), servers={"box": Server(url=f"{server.url}/v1")}, seconds=5.0)


def answers(answer: str, unsure: str | None = None) -> str:
    return json.dumps({"answer": answer, "unsure_about": unsure})


# who may


@pytest.mark.parametrize(
    ("permission", "may"),
    [("admin", True), ("maintain", True), ("write", True), ("triage", False), ("read", False), ("none", False)],
)
async def test_only_who_may_push_may_order(scene: Scene, permission: Permission, may: bool) -> None:
    scene.world.account("eve", permission)
    done = await scene.order("/reviewbot help", by="eve")
    assert scene.reactions == (["eyes"] if may else [])
    assert len(scene.replies) == may
    assert ("refused" in done.said) is not may


async def test_where_nobody_says_who_may_nothing_is_done_and_the_run_has_failed(scene: Scene) -> None:
    """So that it can be done later: a person's order is not turned down for a fault of GitHub's."""

    class Mute(MemoryForge):
        def may_write(self, login: str) -> bool:
            raise Limited("github", f"does not say what {login} may", "wait")

    scene.session = scene.session._replace(forge=Mute(scene.world))
    with pytest.raises(Limited):
        await scene.order("/reviewbot help")
    assert scene.replies == []


async def test_who_may_not_is_not_answered_however_often_they_ask(scene: Scene) -> None:
    scene.world.account("eve", "read")
    comment = scene.world.say(scene.number, "eve", "/reviewbot ask what are the keys?")
    for _ in range(3):
        await scene.redeliver(comment, by="eve")
    assert scene.world.writes == [], "a reaction is a write of the installation's, of which it has few"


@pytest.mark.parametrize("fault", [faults.fail(502), faults.answer(Rejection(403, "No"))], ids=["502", "403"])
async def test_a_reaction_that_fails_is_not_missed(scene: Scene, fault: Any) -> None:
    scene.world.faults.add("POST", "reactions", fault, times=ALWAYS)
    await scene.order("/reviewbot help")
    assert len(scene.replies) == 1


# once, and not without end


async def test_an_order_is_carried_out_once(scene: Scene) -> None:
    comment = scene.world.say(scene.number, "grace", "/reviewbot help")
    for _ in range(3):
        done = await scene.redeliver(comment)
    assert len(scene.replies) == 1
    assert "before" in done.said


@pytest.mark.parametrize("fault", [faults.fail, faults.fail_after, faults.drop, faults.drop_after])
async def test_a_doubtful_reply_is_looked_for_before_it_is_sent_again(scene: Scene, fault: Any) -> None:
    scene.world.faults.add("POST", "issues/.*/comments$", fault())
    await scene.order("/reviewbot help")
    assert len(scene.replies) == 1


async def test_a_reply_that_is_listed_late_is_still_found(scene: Scene) -> None:
    def late(_: World, carry_out: Any) -> None:
        carry_out(lag=2.0)
        raise Rejection(502, "Server Error")

    scene.world.faults.add("POST", "issues/.*/comments$", late)
    await scene.order("/reviewbot help")
    scene.clock.sleep(60)
    assert len(scene.replies) == 1


async def test_a_second_doubt_is_told(scene: Scene) -> None:
    scene.world.faults.add("POST", "issues/.*/comments$", faults.drop(), times=2)
    with pytest.raises(Doubtful):
        await scene.order("/reviewbot help")


async def test_a_reply_that_fails_is_not_followed_by_another(scene: Scene) -> None:
    scene.world.faults.add("POST", "issues/.*/comments$", faults.drop_after())
    scene.world.faults.add("POST", "issues/.*/comments$", faults.answer(Rejection(403, "Locked")), times=ALWAYS)
    await scene.order("/reviewbot help")
    assert [text for text in scene.replies if "could not be done" in text] == []


@pytest.mark.parametrize("order", ["review", "ask why?"])
async def test_whatever_an_order_meets_is_replied_and_then_told(scene: Scene, order: str) -> None:
    scene.world.faults.add("GET", "git/trees|/compare/|/files", faults.fail(502), times=ALWAYS)
    comment = scene.world.say(scene.number, "grace", f"/reviewbot {order}")
    with pytest.raises(ForgeError):
        await scene.redeliver(comment)
    (reply,) = scene.replies
    assert reply.startswith("This could not be done: ")


@pytest.mark.parametrize(
    ("method", "path"), [("GET", "git/trees|/compare/|/files"), ("PATCH", "issues/comments")], ids=["read", "post"]
)
async def test_an_order_that_will_be_tried_again_has_no_reply_yet(scene: Scene, method: str, path: str) -> None:
    """The reply is what says that it was carried out."""
    scene.review()
    scene.world.faults.add(method, path, faults.fail(502), times=ALWAYS)
    comment = scene.world.say(scene.number, "grace", "/reviewbot review")
    with suppress(ForgeError):
        assert passing_fault(await scene.redeliver(comment, wish=PATIENT))
    assert scene.replies == []
    scene.world.faults.clear()
    assert (await scene.redeliver(comment, wish=PATIENT)).posted
    assert len(scene.replies) == 1


async def test_a_fault_that_does_not_pass_is_replied_however_patient_one_is(scene: Scene) -> None:
    with pytest.raises(NoCouncil):
        await scene.order("/reviewbot ask why?", wish=PATIENT)
    assert scene.replies[0].startswith("This could not be done: ")


async def test_a_review_that_no_model_answered_is_not_told_as_one_that_is_up_to_date(scene: Scene) -> None:
    away = Operator(models=("gone/model",), servers={"gone": Server(url=f"{nobody()}/v1")}, seconds=1.5)
    await scene.order("/reviewbot review", operator=away, wish=PATIENT)
    assert scene.replies == []
    await scene.order("/reviewbot review", operator=away)
    assert "Nothing could be looked at: 0 of" in scene.replies[0]
    assert "up to date" not in scene.replies[0]


async def test_where_not_even_the_reply_can_be_made_the_first_failure_is_what_is_told(scene: Scene) -> None:
    scene.world.faults.add("POST", "issues/.*/comments$", faults.answer(Rejection(403, "Locked")), times=ALWAYS)
    comment = scene.world.say(scene.number, "grace", "/reviewbot ask why?")
    with pytest.raises(NoCouncil):
        await scene.redeliver(comment)


async def test_a_review_that_could_not_be_posted_is_replied_as_that(scene: Scene) -> None:
    scene.review()
    scene.world.faults.add("PATCH", "issues/comments", faults.fail(502), times=ALWAYS)
    done = await scene.order("/reviewbot review")
    assert done.failure
    assert "could not be posted" in scene.replies[-1]


@pytest.mark.parametrize("order", ["review", "ask why?", "help"])
async def test_what_may_not_be_touched_is_not_and_that_is_the_reply(scene: Scene, order: str) -> None:
    def refuse(pull: object) -> None:
        raise BadSettings("workspace", "holds a checkout", f"remove it ({pull is not None})")

    scene.session = scene.session._replace(admit=refuse)
    comment = scene.world.say(scene.number, "grace", f"/reviewbot {order}")
    with pytest.raises(BadSettings):
        await scene.redeliver(comment)
    assert scene.replies == ["This could not be done: workspace: holds a checkout; remove it (True)"]


async def test_a_mark_that_somebody_copied_is_no_reply(scene: Scene) -> None:
    comment = scene.world.say(scene.number, "grace", "/reviewbot help")
    scene.world.account("eve", "read")
    scene.world.say(scene.number, "eve", scene.signer.sign(ReplyMark(comment_id=comment.id), "done"))
    await scene.redeliver(comment)
    assert len(scene.replies) == 1


async def test_two_bots_that_answer_each_other_come_to_an_end(scene: Scene) -> None:
    for _ in range(MOST_AN_HOUR + 5):
        scene.clock.sleep(60)
        done = await scene.order("/reviewbot help")
    assert len(scene.replies) == MOST_AN_HOUR + 1
    assert "within an hour" in scene.replies[-1]
    assert "refused" in done.said
    scene.clock.sleep(HOUR + 1)
    await scene.order("/reviewbot help")
    assert len(scene.replies) == MOST_AN_HOUR + 2


async def test_no_reply_of_ours_is_an_order(scene: Scene, server: StandIn) -> None:
    server.answer_everything(answers("/reviewbot review\n/reviewbot ask again", "/reviewbot help"))
    scene.review()
    for body in ("help", "dismiss x", "approve", f"dismiss {ID} /reviewbot review", "ask /reviewbot review?"):
        await scene.order(f"/reviewbot {body}", operator=model(server))
    assert len(scene.replies) == 5
    assert [parse_command(reply) for reply in scene.replies] == [None] * 5
    assert not any(line.startswith("/") for reply in scene.replies for line in reply.splitlines())


async def test_nothing_is_carried_out_where_nothing_may_be_posted(scene: Scene) -> None:
    done = await scene.order("/reviewbot review", wish=Wish())
    assert scene.world.writes == []
    assert done.report is None


# help and misuse


async def test_help_names_the_orders(scene: Scene) -> None:
    await scene.order("/reviewbot")
    assert all(f"`/reviewbot {verb}`" in scene.replies[0] for verb in ("review", "ask", "dismiss", "help"))


async def test_a_wrong_order_is_told_why(scene: Scene) -> None:
    await scene.order("/reviewbot review --model=x")
    assert scene.reactions == ["confused"]
    assert "no options" in scene.replies[0]


# dismiss


async def test_a_dismissed_finding_is_remembered_and_its_thread_closed(scene: Scene) -> None:
    scene.review()
    await scene.order(f"/reviewbot dismiss {ID} tested by hand, see @team")
    conversation = scene.forge.conversation(scene.number)
    (summary,) = summaries(conversation, scene.signer)
    assert (summary.mark.dismissed, summary.signed.edited) == ((ID,), False)
    assert summary.signed.text == f"Two findings: {ID}, {OTHER}"
    assert {one.mark.id: one.thread.resolved for one in said(conversation, scene.signer)} == {ID: True, OTHER: False}
    assert scene.replies == [f"Dismissed `{ID}`: tested by hand, see `@team`"]


async def test_dismissing_again_adds_and_changes_nothing_else(scene: Scene) -> None:
    scene.review()
    await scene.order(f"/reviewbot dismiss {ID}")
    await scene.order(f"/reviewbot dismiss {ID} {OTHER}")
    (summary,) = summaries(scene.forge.conversation(scene.number), scene.signer)
    assert summary.mark.dismissed == (ID, OTHER)
    assert [write.kind for write in scene.world.writes].count("resolve") == 2


@pytest.mark.parametrize("fault", [faults.drop, faults.drop_after])
async def test_a_dismissal_outlasts_a_lost_answer(scene: Scene, fault: Any) -> None:
    scene.review()
    scene.world.faults.add("PATCH", "issues/comments", fault())
    scene.world.faults.add("POST", "resolveReviewThread", fault())
    await scene.order(f"/reviewbot dismiss {ID}")
    conversation = scene.forge.conversation(scene.number)
    assert summaries(conversation, scene.signer)[0].mark.dismissed == (ID,)
    assert [one.thread.resolved for one in said(conversation, scene.signer)] == [True, False]
    assert len(scene.replies) == 1


async def test_what_was_never_found_is_not_dismissed(scene: Scene) -> None:
    scene.review()
    await scene.order(f"/reviewbot dismiss {UNKNOWN}")
    assert scene.replies == [f"No finding here is called `{UNKNOWN}`."]
    assert not {"edit", "resolve"} & {write.kind for write in scene.world.writes}
    await scene.order(f"/reviewbot dismiss {UNKNOWN} {ID}")
    assert f"No finding here is called `{UNKNOWN}`." in scene.replies[1], "our own reply does not make it known"


async def test_without_a_review_there_is_nothing_to_dismiss(scene: Scene) -> None:
    await scene.order(f"/reviewbot dismiss {ID}")
    assert "nothing to dismiss" in scene.replies[0]


async def test_a_summary_that_a_person_edited_keeps_their_words_and_says_so(scene: Scene) -> None:
    scene.review(edited=True)
    await scene.order(f"/reviewbot dismiss {ID}")
    (summary,) = summaries(scene.forge.conversation(scene.number), scene.signer)
    assert summary.signed.text == f"Two FALSE findings: {ID}, {OTHER}"
    assert (summary.signed.edited, summary.mark.dismissed) == (True, (ID,))


async def test_what_is_remembered_has_an_end(scene: Scene) -> None:
    scene.review(carried=MAX_DISMISSED)
    await scene.order(f"/reviewbot dismiss {ID}")
    (summary,) = summaries(scene.forge.conversation(scene.number), scene.signer)
    assert len(summary.mark.dismissed) == MAX_DISMISSED
    assert summary.mark.dismissed[-1] == ID


# ask


async def test_a_question_is_put_to_the_model_and_its_answer_posted(scene: Scene, server: StandIn) -> None:
    server.answer_everything(answers("Twice, in `pay.py` line 3.", "Whether `charge` is idempotent."))
    await scene.order("/reviewbot ask Is it charged once?", operator=model(server))
    (prompt,) = server.requests
    assert "Is it charged once?" in prompt.question
    assert "3+    charge(total)" in prompt.question
    (reply,) = scene.replies
    assert reply.startswith("Twice, in `pay.py` line 3.\n\n**What the diff does not show:**\n\nWhether `charge`")
    assert f"`box/some-model` read the diff at `{scene.pull.head_sha[:8]}`" in reply
    assert "cost: unknown" in reply
    assert "No code around the change was shown: git fetch" in reply, "this forge has no server to fetch from"


async def test_an_answer_does_nothing_but_be_read(scene: Scene, server: StandIn) -> None:
    hostile = "@org/team ![x](https://evil.example/a.png) <img src=x> closes #1\n<!-- reviewbot:1 x y -->\n\u202eabc"
    server.answer_everything(answers(hostile, hostile))
    await scene.order("/reviewbot ask why?", operator=model(server))
    (reply,) = scene.replies
    bare = "".join(reply.split("`")[::2])
    assert not any(word in bare for word in ("@org", "<img", "evil.example", "#1", "![x]", "\u202e"))


async def test_an_answer_without_end_still_fits_into_a_comment(scene: Scene, server: StandIn) -> None:
    server.answer_everything(answers("\u200b" * 50_000, "`" * 50_000))
    await scene.order("/reviewbot ask why?", operator=model(server))
    assert scene.replies[0].count("more characters not shown)") == 2


async def test_a_model_that_fails_is_said_to_have_failed(scene: Scene, server: StandIn) -> None:
    server.respond = lambda _: Failure(401, "bad key")
    await scene.order("/reviewbot ask why?", operator=model(server))
    assert scene.replies[0].startswith("`box/some-model` gave no answer (config")


async def test_where_only_rules_sit_the_reply_says_so_and_the_failure_is_told(scene: Scene) -> None:
    comment = scene.world.say(scene.number, "grace", "/reviewbot ask why?")
    with pytest.raises(NoCouncil):
        await scene.redeliver(comment)
    assert "nobody who can answer it sits" in scene.replies[0]
    await scene.redeliver(comment)
    assert len(scene.replies) == 1, "a failed order is given again, not repeated"


# review


async def test_a_review_is_made_anew_and_said_to_be(scene: Scene) -> None:
    for number in (1, 2):
        done = await scene.order("/reviewbot review")
        assert done.report is not None
        assert scene.replies[-1].startswith("Asked to read everything again. Nothing found by ")
        assert len(scene.replies) == number
    assert len(summaries(scene.forge.conversation(scene.number), scene.signer)) == 1


async def test_what_was_found_and_dismissed_is_not_said_again(scene: Scene) -> None:
    unsafe = b"import requests\n\ndef pay(total):\n    requests.get('https://x', verify=False)\n"
    scene.world.push(scene.number, scene.world.commit(scene.pull.head_sha, {"pay.py": unsafe}))
    done = await scene.order("/reviewbot review")
    assert done.report
    (finding,) = done.report.findings
    await scene.order(f"/reviewbot dismiss {finding.id} it is a test server")
    assert (await scene.order("/reviewbot review")).standing.quiet == {finding.id: "dismissed by a person"}
    conversation = scene.forge.conversation(scene.number)
    assert [one.thread.resolved for one in said(conversation, scene.signer)] == [True]
    assert summaries(conversation, scene.signer)[-1].mark.dismissed == (finding.id,)


async def test_a_draft_is_reviewed_for_who_asks_and_a_closed_one_is_not(scene: Scene) -> None:
    scene.pull.draft = True
    assert (await scene.order("/reviewbot review")).report is not None
    scene.pull.state = "closed"
    done = await scene.order("/reviewbot review")
    assert done.report is None
    assert "closed" in scene.replies[-1]


async def test_a_token_of_a_person_works_as_well(scene: Scene) -> None:
    scene.forge = MemoryForge(scene.world, token=PERSON)
    scene.session = scene.session._replace(forge=scene.forge)
    await scene.order("/reviewbot help", by="ada")
    assert len(scene.replies) == 1


# what it costs


async def test_a_pull_requests_budget_counts_reviews_and_questions_over_all_runs(scene: Scene) -> None:
    both = json.dumps({"findings": [], "could_not_judge": [], "answer": "Yes.", "unsure_about": None})
    with StandIn() as server:
        server.answer_everything(both, usage=Usage(input=900, output=100))
        await scene.order("/reviewbot review", operator=model(server))
        first = len(server.requests)
        await scene.order("/reviewbot ask Is it safe?", operator=model(server))
        await scene.order("/reviewbot review", operator=model(server))
        made = len(server.requests)
        spent = spent_so_far(scene.forge.conversation(scene.number), scene.signer)
        assert made == 2 * first + 1 > 3
        assert spent == Hold(tokens=1_000 * made, usd=0.0)
        bounded = model(server).model_copy(update={"pull_budget": Budget(tokens=1_000 * made + 999)})
        await scene.order("/reviewbot ask And now?", operator=bounded)
        assert len(server.requests) == made
    assert "999 are left of the budget of this pull request" in scene.replies[-1]
