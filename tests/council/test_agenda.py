"""What one run asks, put together: pages, plan and brief."""

from contextlib import nullcontext

import pytest

from reviewbot.change import Change, Excerpt, parse_diff
from reviewbot.council import Invited, Member, Review, Seat
from reviewbot.council.agenda import Agenda, make_agenda
from reviewbot.council.prompt import read_page
from reviewbot.council.reading import Reading, read_change
from reviewbot.errors import NoCouncil
from reviewbot.findings import Draft
from reviewbot.settings import Budget, Operator, Policy, TierRules
from reviewbot.settings.policy import Tiers

DIFF = parse_diff(
    b"diff --git a/a.py b/a.py\nnew file mode 100644\n--- /dev/null\n+++ b/a.py\n@@ -0,0 +1,2 @@\n+one = 1\n+two = 2\n"
)
ADA = Invited(member=Member(name="a/m", family="a"), connect=lambda: nullcontext(None))


def agenda(*council: Invited, operator: Operator | None = None, policy: Policy | None = None) -> tuple[Reading, Agenda]:
    settings = operator or Operator()
    reading = read_change(Change(diff=DIFF, policy=policy or Policy()), settings)
    return reading, make_agenda(reading, settings, council or (ADA,), Budget(), with_tree=True)


def test_the_lenses_are_the_operators_then_the_tiers_then_the_policys() -> None:
    policy = Policy(lenses=("security",), tiers=Tiers(standard=TierRules(lenses=("architecture", "security"))))
    for operator, low, names in (
        (Operator(lenses=("assumptions",)), False, ["assumptions"]),
        (Operator(), False, ["architecture", "security"]),
        (Operator(tier="low"), True, ["security"]),
    ):
        asked = agenda(operator=operator, policy=policy)[1]
        assert [lens.name for lens in asked.asked] == names
        assert len(asked.known) == 3, f"the schema is the same for all: {low}"


def test_nobody_for_a_lens_is_no_council() -> None:
    rules = Invited(member=ADA.member, connect=ADA.connect, lenses=("security",), reads_prompts=False)
    with pytest.raises(NoCouncil, match="nobody who sits can look at architecture"):
        agenda(rules, operator=Operator(lenses=("architecture",)))


def test_the_page_about_code_around_the_change_is_sent_where_there_is_any() -> None:
    reading, asked = agenda()
    page = read_page("context.md").strip()
    assert page not in asked.brief(reading, reading.change, Operator(), key="k").rules
    excerpt = Excerpt(path="b.py", start_line=1, kind="caller", about="one", text="one()")
    around = reading.change.model_copy(update={"context": (excerpt,)})
    assert asked.brief(reading, around, Operator(), key="k").rules.endswith(page)
    assert set(asked.prompts(around, ())) == {"shared", "architecture", "security", "assumptions", "context"}
    challenge = Review(seat=Seat(member=ADA.member, lens="challenge"), state="ok")
    assert "challenge" in asked.prompts(reading.change, [challenge])


def test_what_came_through_several_lenses_gets_its_own_and_a_made_up_category_none() -> None:
    facts = {"title": "t", "body": "b", "severity": "high", "confidence": "likely", "path": "a.py", "side": "new"}
    drafts = tuple(
        Draft.model_validate(facts | {"line": 1, "quote": "one", "category": name, "assumption": None})
        for name in ("xss", "made up")
    )
    asked = agenda()[1]
    seat = Seat(member=ADA.member, lens="all", covers=("architecture", "security", "assumptions"))
    settled = asked.settled(Review(seat=seat, state="ok", drafts=drafts))
    assert settled.through == ("security", "architecture")
    assert [draft.category for draft in settled.drafts] == ["xss", "other"]
    assert asked.settled(Review(seat=Seat(member=ADA.member, lens="security"), state="ok")).through == ()


def test_what_a_member_says_holds_no_secret_of_the_change() -> None:
    reading, asked = agenda()
    name = reading.values.name("password", "kU8#vq92Lm!xTz7w")
    settled = asked.settled(Review(seat=Seat(member=ADA.member, lens="challenge"), state="ok", raw="kU8#vq92Lm!xTz7w"))
    assert settled.raw == str(name)
