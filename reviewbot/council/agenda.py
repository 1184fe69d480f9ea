"""What one run asks, put together before anybody is asked: its lenses, the pages they stand on, its plan and its brief.

Knows the prompt pages of this install and the repository's own; nothing of how a question is put.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

from reviewbot.change import Change
from reviewbot.change.redact import Values
from reviewbot.council.brief import Brief
from reviewbot.council.model import CHALLENGE, Invited, Lens, Review
from reviewbot.council.pack import diff_bytes
from reviewbot.council.plan import Plan, make_plan
from reviewbot.council.prices import BYTES_PER_TOKEN, size_in_bytes
from reviewbot.council.prompt import (
    choose_lenses,
    digest,
    lens_of,
    load_lenses,
    read_page,
    standing_orders,
    wire_schema,
)
from reviewbot.council.reading import Reading
from reviewbot.council.roster import told_of
from reviewbot.council.said import without_secrets
from reviewbot.council.savings import Load, within_budget
from reviewbot.errors import NoCouncil
from reviewbot.settings import Budget, Operator

CONTEXT, CHALLENGED = "context.md", "challenge.md"
"""Pages that are sent where there is code around the change, and where somebody is asked to refute a finding."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Agenda:
    """The questions of one run."""

    known: tuple[Lens, ...]
    """All lenses there are: the schema is the same whatever is asked."""
    asked: tuple[Lens, ...]
    shared: str
    """The page every member is given first."""
    rules: str
    schema: dict[str, Any]
    plan: Plan
    values: Values = field(repr=False)
    """The secrets of the change. They are in no fact."""

    def brief(self, reading: Reading, change: Change, settings: Operator, *, key: str) -> Brief:
        """What is shown of the change, which has the code around it by now."""
        return Brief(
            change=change,
            rules=f"{self.rules}\n\n{read_page(CONTEXT).strip()}" if change.context else self.rules,
            schema=self.schema,
            key=key,
            max_output_tokens=self.plan.answer_tokens or settings.max_output_tokens,
            seconds=settings.seconds,
            call_seconds=settings.call_seconds,
            max_prompt_tokens=self.plan.prompt_tokens or settings.max_prompt_tokens,
            left_out=tuple(sorted({gap.path for gap in reading.gaps})),
            held_back=reading.held_back,
        )

    def prompts(self, change: Change, reviews: Iterable[Review]) -> dict[str, str]:
        """Name of each page that a model was sent to the digest of its text."""
        if not self.plan.models:
            return {}
        challenged = any(review.seat.lens == CHALLENGE for review in reviews)
        further = [page for page, sent in ((CONTEXT, change.context), (CHALLENGED, challenged)) if sent]
        return (
            {"shared": digest(self.shared)}
            | {lens.name: digest(lens.text) for lens in self.asked}
            | {page.removesuffix(".md"): digest(read_page(page)) for page in further}
        )

    def settled(self, review: Review) -> Review:
        """A category on no list is "other": a server need not hold its model to the schema. What came through several
        lenses at once gets its own. What is a secret of the change has its name in what is said of it too.
        """
        review = without_secrets(review, self.values)
        known = {category for lens in self.known for category in lens.categories}
        drafts = tuple(
            draft if draft.category in known else draft.model_copy(update={"category": "other"})
            for draft in review.drafts
        )
        covered = tuple(lens for lens in self.asked if lens.name in review.seat.covers)
        through = tuple(lens_of(draft, covered) for draft in drafts) if covered else ()
        return review.model_copy(update={"drafts": drafts, "through": through})


def make_agenda(
    reading: Reading, settings: Operator, council: Sequence[Invited], left: Budget, *, with_tree: bool
) -> Agenda:
    """Raises BadSettings for a lens that does not exist, BadPrompt for one that does not hold, NoCouncil when nobody
    who sits can look through those asked for.
    """
    change, tier = reading.change, reading.stakes.tier
    narrowed = getattr(change.policy.tiers, tier)
    lenses = load_lenses(change.lenses)
    asked = choose_lenses(lenses, settings.lenses, narrowed.lenses, change.policy.lenses)
    shared, schema = read_page("shared.md"), wire_schema(lenses.values())
    rules = standing_orders(shared, change)
    load = Load(
        around=size_in_bytes(rules, change.intent, str(schema)),
        change=diff_bytes(change.diff),
        context=settings.context_tokens * BYTES_PER_TOKEN if with_tree else 0,
    )
    plan = make_plan(council, asked, reading.stakes, rules=narrowed, settings=settings, with_context=with_tree)
    plan = within_budget(plan, load, settings, left)
    plan = replace(plan, notes=(*told_of(council, asked, settings, change.policy, narrowed), *plan.notes))
    if change.diff.files and not plan.sittings:
        names = " or ".join(lens.name for lens in asked)
        remedy = " ".join((*plan.notes, "Seat a model: reviewbot check --help"))
        raise NoCouncil("council", f"nobody who sits can look at {names}", remedy)
    known = tuple(lenses.values())
    return Agenda(known=known, asked=asked, shared=shared, rules=rules, schema=schema, plan=plan, values=reading.values)
