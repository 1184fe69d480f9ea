"""The world of the service's benchmarks: a GitHub with many repositories, and a vendor of models.

An installation may write once a second and 400 times an hour (THREATS G08), so pull requests are spread over many
installations, each with a repository of its own. Every change has planted lines, and the vendor finds each one that it
is shown: what must stand on a pull request in the end is known without asking reviewbot.

Functions that take a `Github` or a `StandIn` are carried out in its process: see `service_rig.Hosted`.
"""

import json
import re
import sys
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from functools import partial
from pathlib import Path
from typing import Literal, NamedTuple

TESTS = Path(__file__).parents[1] / "tests"
sys.path[:0] = [str(TESTS)]

from hub import apps, contracts, deliveries, webhooks  # noqa: E402  the path above comes first
from hub.server import HubServer  # noqa: E402
from hub.world import World  # noqa: E402
from stand_in import Answer, Request, StandIn  # noqa: E402

from reviewbot.council import Usage  # noqa: E402
from reviewbot.forge.clock import Clock  # noqa: E402


class Place(NamedTuple):
    """A pull request: the how-manieth repository, and its number there."""

    repository: int
    number: int


class Event(NamedTuple):
    """A pull_request event to be told."""

    place: Place
    action: Literal["opened", "synchronize"]
    guid: str
    before: str = ""


class Github:
    """GitHub's side, in its own process: repositories, each of an installation of its own, and the App."""

    def __init__(self, folder: Path, repositories: int) -> None:
        self.app = apps.App(Clock())
        self.worlds = [_world(folder / str(at), at) for at in range(repositories)]
        self.parts: dict[Place, int] = {}
        """How many planted lines each pull request has, one in each of its files."""
        self.told: dict[str, deliveries.Event] = {}
        """Events by GUID: sent again they are the same bytes."""
        for world in self.worlds:
            self.app.install(world)
        self.server = HubServer(self.worlds[0], others=self.worlds[1:])
        contracts.graphql_schema()  # or a hundred first questions at once would each build it, for a minute


def _world(folder: Path, at: int) -> World:
    world = World(folder, name=f"octo{at}/shop", first_id=3_000_000_001 + at * 10_000_000)
    world.branch("main", world.commit((), {"README.md": b"# Shop\n"}))
    return world


@contextmanager
def github(folder: Path, repositories: int) -> Iterator[Github]:
    made = Github(folder, repositories)
    with made.server:
        yield made


def point_to(hub: Github, webhook_url: str) -> dict[str, str]:
    """Send events there from now on; the variables with which the service finds and enters this GitHub."""
    hub.app.webhook_url = webhook_url
    return {
        "GITHUB_APP_ID": str(hub.app.id),
        "GITHUB_APP_PRIVATE_KEY": apps.private_key(),
        "GITHUB_WEBHOOK_SECRET": hub.app.secret,
        "GITHUB_API_URL": hub.server.url,
        "GITHUB_GRAPHQL_URL": hub.server.graphql_url,
        "GITHUB_SERVER_URL": hub.server.origin,
    }


def opened(hub: Github, repository: int, *, lines: int = 20) -> Place:
    """Somebody opens a pull request with so many new lines, one of them planted. Nobody is told yet."""
    world = hub.worlds[repository]
    head = world.commit(world.branches["main"], {"part_1.py": code(1, lines)})
    place = Place(repository, world.open_pull("main", head).number)
    hub.parts[place] = 1
    return place


def pushed(hub: Github, place: Place, *, lines: int = 20) -> str:
    """Somebody pushes one more file with a planted line; the head before. Nobody is told yet."""
    world = hub.worlds[place.repository]
    before = world.pulls[place.number].head_sha
    hub.parts[place] += 1
    world.push(place.number, world.commit(before, {f"part_{hub.parts[place]}.py": code(hub.parts[place], lines)}))
    return before


def deliver(hub: Github, event: Event) -> int:
    """Tell the service as GitHub does; the status of its answer, 0 for none."""
    written = hub.told.setdefault(event.guid, _written(hub, event))
    return deliveries.deliver(hub.app, written).status_code


def sealed(hub: Github, events: Sequence[Event]) -> list[tuple[dict[str, str], bytes]]:
    """Headers and body of each event, for somebody who sends them himself."""
    written = [_written(hub, event) for event in events]
    return [(deliveries.signed_headers(hub.app, one), one.body) for one in written]


def _written(hub: Github, event: Event) -> deliveries.Event:
    world = hub.worlds[event.place.repository]
    pull = webhooks.pull_in(world, event.place.number)
    more = {"before": event.before} if event.before else {}
    payload = webhooks.pull_request(event.action, pull, sender=pull.author, **more)
    return deliveries.Event("pull_request", json.dumps(payload).encode(), event.guid)


def faults(hub: Github, place: Place) -> list[str]:
    """What is not on a pull request as it should be once all is done, in words."""
    world = hub.worlds[place.repository]
    with world.lock:
        pull = world.pulls[place.number]
        inline = [said.body for said in pull.review_comments]
        summaries = [said for said in pull.comments if said.author and said.author.kind == "Bot"]
        checks = [check for check in world.checks.values() if check.head_sha == pull.head_sha]
    counts = {part: sum(title(part) in body for body in inline) for part in range(1, hub.parts[place] + 1)}
    wrong = [f"the finding of part {part} is there {count} times" for part, count in counts.items() if count != 1]
    if len(inline) > sum(counts.values()):
        wrong.append(f"{len(inline)} comments, of which {sum(counts.values())} are findings")
    if len(summaries) != 1:
        wrong.append(f"{len(summaries)} summaries")
    if not checks or any(check.status != "completed" for check in checks):
        wrong.append(f"the checks of its head are {[check.status for check in checks]}")
    return [f"octo{place.repository}/shop#{place.number}: {what}" for what in wrong]


def misbehaved(hub: Github) -> list[str]:
    """What was said that GitHub does not know. A kill sends half a request, which says nothing."""
    whole = [each for each in hub.server.violations if "the body is missing" not in each]
    return [*whole, *(each for world in hub.worlds for each in world.forbidden)]


# the vendor


def code(part: int, lines: int) -> bytes:
    """A file of so many lines, of which the second is planted."""
    written = [f"value_{part}_{line} = compute({part}, {line})" for line in range(1, lines + 1)]
    written[1] = f"planted_{part} = trust(stranger_{part})"
    return "\n".join([*written, ""]).encode()


def title(part: int) -> str:
    return f"Plant {part} trusts a stranger"


BILL = Usage(input=1_000, output=100)


def find_plants(request: Request, *, seconds: float) -> Answer:
    """One finding for each planted line that the question shows, after so many seconds; whatever is claimed holds."""
    if claims := re.search(rb"Verdicts for: ([c0-9, ]+)", request.raw):
        names = claims[1].decode().strip(", ").split(", ")
        verdicts = [
            {"claim": name, "verdict": "upheld", "because": "it is planted", "importance": 90} for name in names
        ]
        return Answer(json.dumps({"findings": [], "verdicts": verdicts}), usage=BILL, first_byte=seconds)
    shown = sorted({int(part) for part in re.findall(rb"planted_(\d+) = trust", request.raw)})  # half of it, at a kill
    findings = [
        {
            "title": title(part), "body": "Whoever is stranger decides what happens.", "severity": "high",
            "confidence": "certain", "category": "injection", "path": f"part_{part}.py", "side": "new", "line": 2,
            "quote": f"planted_{part} = trust(stranger_{part})", "fix": None, "assumption": None,
        }
        for part in shown
    ]  # fmt: skip
    text = json.dumps({"findings": findings, "could_not_judge": []})
    return Answer(text, usage=BILL, first_byte=seconds)


@contextmanager
def vendor(seconds: float) -> Iterator[StandIn]:
    with StandIn() as stand_in:
        stand_in.respond = partial(find_plants, seconds=seconds)
        yield stand_in


def asked(stand_in: StandIn) -> list[bytes]:
    """Every question that was put to the vendor, as it came."""
    return [request.raw for request in stand_in.requests]


def url_of(stand_in: StandIn) -> str:
    return stand_in.url


def count_asked(stand_in: StandIn) -> int:
    """How many questions were put to the vendor so far."""
    return len(stand_in.requests)
