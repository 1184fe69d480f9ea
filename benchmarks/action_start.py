"""Seconds from the start of the Action's process to its first model call, once it is installed: goal 3 s.

    python benchmarks/action_start.py [--runs 5] [--vendors anthropic openai google]

The process is the one that `.action/run` starts; the pull request is on the fake GitHub of the tests, and the vendors
are the stand-in of the tests, all on this machine. What the network adds is not in it. Exit 1 when the median misses.
"""

import argparse
import json
import os
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parents[1] / "tests"))

from hub import webhooks
from hub.server import HubServer
from hub.world import World
from stand_in import StandIn

GOAL = 3.0
KEYS = {"anthropic": "INPUT_ANTHROPIC_API_KEY", "openai": "INPUT_OPENAI_API_KEY", "google": "INPUT_GEMINI_API_KEY"}
TOKEN = "ghs_" + "a" * 36


def once(folder: Path, vendors: list[str]) -> float:
    """One run of the Action over a pull request of one file."""
    world = World(folder)
    world.token(TOKEN, "reviewbot[bot]")
    base = world.commit((), {"app.py": b"import db\n"})
    world.branch("main", base)
    pull = world.open_pull("main", world.commit(base, {"app.py": b"import db\n\n\ndef find():\n    return db.all()\n"}))
    event = folder / "event.json"
    event.write_text(json.dumps(webhooks.pull_request("opened", webhooks.pull_in(world, pull.number))))
    with HubServer(world) as hub, StandIn() as models:
        models.answer_everything('{"findings": [], "could_not_judge": []}')
        first: list[float] = []
        answer = models.respond

        def noted(request: object) -> object:
            first.append(time.monotonic())
            return answer(request)

        models.respond = noted
        environ = {
            "PATH": os.environ["PATH"],
            "HOME": str(folder),
            "GITHUB_EVENT_NAME": "pull_request",
            "GITHUB_EVENT_PATH": str(event),
            "GITHUB_REPOSITORY": world.repository.name,
            "GITHUB_SERVER_URL": hub.origin,
            "GITHUB_API_URL": hub.url,
            "GITHUB_GRAPHQL_URL": hub.graphql_url,
            "GITHUB_WORKSPACE": str(folder),
            "GITHUB_OUTPUT": str(folder / "output"),
            "GITHUB_STEP_SUMMARY": str(folder / "summary"),
            "RUNNER_TEMP": str(folder),
            "INPUT_GITHUB_TOKEN": TOKEN,
            "ANTHROPIC_BASE_URL": models.url,
            "OPENAI_BASE_URL": f"{models.url}/v1",
            "GOOGLE_GEMINI_BASE_URL": models.url,
            **{KEYS[vendor]: "key-of-this-run" for vendor in vendors},
        }
        begun = time.monotonic()
        command = [sys.executable, "-I", "-m", "reviewbot", "action"]
        ended = subprocess.run(command, env=environ, capture_output=True, text=True, check=False)
    if not first:
        raise SystemExit(f"no model was called:\n{ended.stdout}\n{ended.stderr}")
    return first[0] - begun


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--runs", type=int, default=5)
    parser.add_argument("--vendors", nargs="+", choices=KEYS, default=list(KEYS))
    words = parser.parse_args()
    seconds = []
    for _ in range(words.runs):
        with tempfile.TemporaryDirectory() as folder:
            seconds.append(once(Path(folder), words.vendors))
    median = statistics.median(seconds)
    print(
        f"{', '.join(words.vendors)}: {median:.2f} s to the first model call ({min(seconds):.2f} to {max(seconds):.2f})"
    )
    return 0 if median <= GOAL else 1


if __name__ == "__main__":
    raise SystemExit(main())
