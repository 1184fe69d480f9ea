"""What a member is asked: the pages, the fence, and one schema for everybody."""

import json
import re
from pathlib import Path

import pytest

from reviewbot.change import Change, Diff, Document, File
from reviewbot.council.prompt import (
    LENSES,
    MAX_LENS_CHARACTERS,
    all_lenses,
    choose_lenses,
    digest,
    lens_of,
    load_lenses,
    parse_lens,
    prompts_root,
    read_page,
    standing_orders,
    wire_schema,
)
from reviewbot.errors import BadPrompt, BadSettings
from reviewbot.findings import Draft
from reviewbot.settings import Policy


def test_a_lens_says_what_it_asks_how_an_example_and_what_not_to_report() -> None:
    for lens in load_lenses().values():
        assert lens.origin == "built in"
        assert lens.categories
        assert len(lens.text) < 2_000, "a lens is paid for with every call"
        for part in ("Lens: ", "\nHow: ", "\nExample: ", "Not this lens: ", "very finding of this lens"):
            assert part in lens.text


def test_no_category_belongs_to_two_lenses() -> None:
    categories = [category for lens in load_lenses().values() for category in lens.categories]
    assert len(categories) == len(set(categories))


def test_a_repository_adds_a_lens_with_one_page() -> None:
    page = "---\ntitle: Data retention\ncategories: [retention]\n---\nLens: retention. What is kept for ever?\n"
    lenses = load_lenses([Document(path=".reviewbot/lenses/data-retention.md", text=page)])
    assert list(lenses) == [*LENSES, "data-retention"]
    own = lenses["data-retention"]
    assert (own.title, own.categories, own.origin) == (
        "Data retention",
        ("retention",),
        ".reviewbot/lenses/data-retention.md",
    )
    assert "retention" in wire_schema(lenses.values())["$defs"]["Draft"]["properties"]["category"]["enum"]


def test_a_readme_beside_the_lenses_is_no_lens() -> None:
    assert list(load_lenses([Document(path=".reviewbot/lenses/README.md", text="About these.")])) == list(LENSES)


@pytest.mark.parametrize(
    ("path", "text", "reason"),
    [
        ("security.md", "Lens: mine.", "already a lens"),
        ("Big Lens.md", "Lens: mine.", "no name for a lens"),
        ("challenge.md", "Lens: mine.", "no name for a lens"),
        ("empty.md", "---\ntitle: Nothing\n---\n\n", "0 characters"),
        ("long.md", "x" * (MAX_LENS_CHARACTERS + 1), "4001 characters"),
        ("head.md", "---\ntitel: Wrong\n---\ntext", "does not hold"),
        ("yaml.md", "---\ntitle: [\n---\ntext", "is not YAML we can read"),
        ("date.md", "---\ntitle: 2024-13-45\n---\ntext", "is not YAML we can read"),
        ("deep.md", "---\ntitle: " + "[" * 5_000 + "\n---\ntext", "is not YAML we can read"),
        ("bomb.md", "---\na: &a [x]\ntitle: [*a, *a]\n---\ntext", "aliases are not allowed"),
    ],
)
def test_a_page_that_is_no_lens_is_refused_with_the_reason(path: str, text: str, reason: str) -> None:
    with pytest.raises(BadPrompt, match=re.escape(reason)):
        load_lenses([Document(path=f".reviewbot/lenses/{path}", text=text)])


def test_a_lost_page_says_how_to_get_it_back(tmp_path: Path) -> None:
    with pytest.raises(BadPrompt, match=r"prompt page shared\.md: cannot be read .*; install reviewbot again"):
        read_page("shared.md", tmp_path)


def test_a_page_without_a_head_is_a_lens_named_after_its_file() -> None:
    own = parse_lens("tone", "Lens: tone.", "x")
    assert (own.title, own.categories) == ("tone", ("tone",))
    together = [*load_lenses().values(), own]
    assert "Lens: tone.\nCategory of its findings: tone." in all_lenses(together).text


def test_the_schema_stays_inside_what_every_vendor_takes() -> None:
    schema = wire_schema(load_lenses().values())
    text = json.dumps(schema)
    for keyword in ("minimum", "maximum", "minLength", "pattern", "default", "patternProperties", "format"):
        assert f'"{keyword}":' not in text
    for part in (schema, *schema["$defs"].values()):
        assert part["type"] == "object"
        assert part["required"] == list(part["properties"])
        assert part["additionalProperties"] is False
    assert schema["properties"].keys() == {"findings", "could_not_judge", "verdicts"}
    assert "title" in schema["$defs"]["Draft"]["properties"], "a field may be called title"


def test_several_lenses_make_one_question() -> None:
    lenses = tuple(load_lenses().values())
    whole = all_lenses(lenses)
    assert whole.name == "all"
    for lens in lenses:
        assert f"{lens.text}\nCategory of its findings: {', '.join(lens.categories)}." in whole.text
    assert set(whole.categories) == {category for lens in lenses for category in lens.categories}


@pytest.mark.parametrize(
    ("category", "assumption", "name"),
    [
        ("xss", None, "security"),
        ("money", None, "assumptions"),
        ("other", {"system_a": "a", "system_b": "b"}, "assumptions"),
        ("other", None, "architecture"),
    ],
)
def test_what_came_through_several_lenses_is_told_apart_by_its_category(
    category: str, assumption: dict[str, str] | None, name: str
) -> None:
    facts = {"title": "t", "body": "b", "severity": "high", "confidence": "likely", "path": "a.py", "side": "new"}
    said = assumption and assumption | {"relies_on": "r", "guaranteed_by": None, "breaks_when": "w", "ask": "q"}
    draft = Draft.model_validate(facts | {"line": 1, "quote": "x", "category": category, "assumption": said})
    assert lens_of(draft, tuple(load_lenses().values())) == name


def test_the_first_choice_of_lenses_that_is_made_counts() -> None:
    lenses = load_lenses()
    assert [lens.name for lens in choose_lenses(lenses, (), None, ("security",))] == ["security"]
    assert [lens.name for lens in choose_lenses(lenses, (), None)] == list(LENSES)
    with pytest.raises(BadSettings, match=r"lens securty: there is no such lens; did you mean security\?"):
        choose_lenses(lenses, ("securty",))


def test_people_at_the_base_commit_add_to_the_orders() -> None:
    policy = Policy(language="Deutsch", paths={"db/*": "Migrations run twice.", "web/*": "No inline scripts."})
    migration = File(path="db/001.sql", old_path=None, status="added")
    change = Change(
        diff=Diff(files=(migration,)), policy=policy, invariants=(Document(path="AGENTS.md", text="Ids are ULIDs.\n"),)
    )
    orders = standing_orders("Shared.", change)
    assert orders.startswith("Shared.")
    assert re.search(r"in Deutsch: .*because and the texts of assumption", orders)
    assert "AGENTS.md:\n\nIds are ULIDs." in orders
    assert "db/*: Migrations run twice." in orders
    assert "inline scripts" not in orders


def test_prompts_are_read_from_the_checkout() -> None:
    assert prompts_root().joinpath("shared.md").is_file()


def test_a_digest_is_twelve_digits_of_the_content() -> None:
    assert digest("a") == "ca978112ca1b"
