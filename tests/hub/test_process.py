import json
import os
import subprocess
import sys
from pathlib import Path
from urllib.request import Request, urlopen

TESTS = Path(__file__).parents[1]


def test_the_fake_runs_as_a_process_until_its_input_ends(tmp_path: Path) -> None:
    command = [sys.executable, "-m", "hub.process", "--root", str(tmp_path), "--pulls", "2", "--weather", "3"]
    paths = os.pathsep.join((str(TESTS), str(TESTS.parent), os.environ["PYTHONPATH"]))
    with subprocess.Popen(
        command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, env={**os.environ, "PYTHONPATH": paths}
    ) as process:
        assert process.stdin is not None
        assert process.stdout is not None
        told = json.loads(process.stdout.readline())
        asked = Request(f"{told['url']}/repos/octo/shop/pulls/{told['pulls'][1]}")  # noqa: S310  loopback
        asked.add_header("Authorization", f"token {told['token']}")
        with urlopen(asked, timeout=10) as reply:  # noqa: S310
            assert json.load(reply)["changed_files"] == 2
        with urlopen(f"{told['origin']}/_fake/state", timeout=10) as reply:  # noqa: S310
            state = json.load(reply)
        process.stdin.close()
        assert process.wait(10) == 0
    assert (sorted(state["pulls"]), state["violations"]) == (["7", "8"], [])
