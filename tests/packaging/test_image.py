"""The image, and the files that start it, as text: what they may hold, and that they say what the code says."""

import json
import re
import runpy
import subprocess
import sys
import tomllib
from http.server import BaseHTTPRequestHandler, HTTPServer
from importlib.metadata import PackageNotFoundError, requires
from pathlib import Path
from threading import Thread
from typing import Any

import pytest
import yaml
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

from reviewbot.doors.cli import cli

ROOT = Path(__file__).parents[2]
DOCKERFILE = (ROOT / "Dockerfile").read_text()
SBOM = runpy.run_path(str(ROOT / ".image" / "sbom.py"))
PARTS = SBOM["read_requirements"]((ROOT / ".image" / "requirements.txt").read_text())
PINS = {part.name: part.version for part in PARTS}
COMPOSE = yaml.safe_load((ROOT / "compose.yaml").read_text())
OURS = {name: one for name, one in COMPOSE["services"].items() if one["image"] == "reviewbot"}
MANIFESTS = [
    part
    for path in sorted((ROOT / "examples" / "kubernetes").glob("*.yaml"))
    for part in yaml.safe_load_all(path.read_text())
]
PODS = {one["metadata"]["name"]: one["spec"]["template"]["spec"] for one in MANIFESTS if one["kind"] == "Deployment"}
WRITTEN = [ROOT / "Dockerfile", ROOT / "compose.yaml", *sorted((ROOT / "examples" / "kubernetes").glob("*.yaml"))]
PORTS = {option.default for option in cli.commands["serve"].params if option.name in {"port", "metrics_port"}}

TMP = "/tmp"  # noqa: S108  the one folder beside its data that is writable in a container


def served(words: list[str]) -> dict[str, Any]:
    """What `reviewbot serve` understands when it is started so."""
    assert words[0] == "serve"
    return cli.commands["serve"].make_context("serve", words[1:]).params


# what is installed


def test_what_the_action_installs_too_is_the_same_version():
    action = dict(re.findall(r"^([\w.-]+)==(\S+)", (ROOT / ".action" / "requirements.txt").read_text(), re.MULTILINE))
    assert {name: version for name, version in PINS.items() if action.get(name, version) != version} == {}
    assert len(action.keys() & PINS.keys()) > 40


def test_every_extra_is_installed_with_all_that_it_needs():
    project = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]
    wanted = [Requirement(text) for extra in project["optional-dependencies"].values() for text in extra]
    seen: set[str] = set()
    while wanted:
        one = wanted.pop()
        name = canonicalize_name(one.name)
        assert PINS.get(name, "nothing") in one.specifier, f"{one}: run .image/renew"
        if name not in seen:
            seen.add(name)
            wanted += [part for part in _needed(one) if part.marker is None or part.marker.evaluate({"extra": ""})]
    assert len(seen) > 20


def _needed(one: Requirement) -> list[Requirement]:
    """What the package here says it needs; nothing where another version stands here."""
    try:
        return [Requirement(text) for text in requires(one.name) or []]
    except PackageNotFoundError:
        return []


def test_the_requirements_hold_no_address():
    text = (ROOT / ".image" / "requirements.txt").read_text()
    assert "://" not in text
    assert "index" not in text


# the bill of what is in it


def test_the_bill_lists_every_part_with_who_needs_it():
    made = subprocess.run([sys.executable, ROOT / ".image" / "sbom.py"], capture_output=True, check=True)
    bill = json.loads(made.stdout)
    assert (bill["bomFormat"], bill["specVersion"], bill["version"]) == ("CycloneDX", "1.6", 1)
    assert [(part["name"], part["version"]) for part in bill["components"]] == list(PINS.items())
    root = bill["metadata"]["component"]["bom-ref"]
    refs = {root, *(part["bom-ref"] for part in bill["components"])}
    assert len(refs) == len(PINS) + 1
    needs = {one["ref"]: one["dependsOn"] for one in bill["dependencies"]}
    assert needs.keys() == refs
    reached, open_ = set[str](), [root]
    while open_:
        reached.add(open_.pop())
        open_ += [ref for one in reached for ref in needs[one] if ref not in reached]
    assert reached == refs


def test_each_part_of_the_bill_has_a_package_url_and_the_hashes_of_its_wheels():
    for part in SBOM["bill"]("1", PARTS)["components"]:
        assert part["type"] == "library"
        assert part["purl"] == f"pkg:pypi/{part['name']}@{part['version']}"
        (wheels,) = part["externalReferences"]
        assert wheels["type"] == "distribution"
        assert all(hash_["alg"] == "SHA-256" and len(hash_["content"]) == 64 for hash_ in wheels["hashes"])


@pytest.mark.parametrize("line", ["click", "click==8.5.1", "click @ file:///tmp", "click==8.5.1 \\\n    --hash=md5:00"])
def test_a_requirement_without_a_hash_makes_no_bill(line: str):
    with pytest.raises(ValueError, match="not a hashed requirement"):
        SBOM["read_requirements"](f"# Head\n{line}\n")


# the image


def test_the_image_offers_the_ports_that_the_service_listens_at():
    (exposed,) = re.findall(r"^EXPOSE (.+)$", DOCKERFILE, re.MULTILINE)
    assert {int(port) for port in exposed.split()} == PORTS


def test_only_what_the_image_is_made_of_gets_to_its_builder():
    """A secret that lies beside the sources cannot get in."""
    let_in = re.findall(r"^!(.+)$", (ROOT / ".dockerignore").read_text(), re.MULTILINE)
    assert re.search(r"^\*$", (ROOT / ".dockerignore").read_text(), re.MULTILINE)
    copied = re.findall(r"^COPY (?!--from)(.+) \S+$", DOCKERFILE, re.MULTILINE)
    assert sorted(let_in) == sorted(" ".join(copied).split())
    assert all((ROOT / name).exists() for name in let_in)


class _Healthz(BaseHTTPRequestHandler):
    answer = 200

    def do_GET(self):
        self.send_response(self.answer if self.path == "/healthz" else 404)
        self.end_headers()

    def log_message(self, *_said):
        """Nothing."""


@pytest.mark.parametrize(("answer", "exit_code"), [(200, 0), (503, 1)])
def test_the_image_asks_the_service_whether_it_is_well(answer: int, exit_code: int):
    (written,) = re.findall(r"^HEALTHCHECK .*?CMD (\[.*?\])$", DOCKERFILE, re.MULTILINE | re.DOTALL)
    program, *rest = json.loads(written.replace("\\\n", ""))
    assert program == "python"
    with HTTPServer(("127.0.0.1", 0), type("Answer", (_Healthz,), {"answer": answer})) as server:
        Thread(target=server.handle_request, daemon=True).start()
        command = [word.replace("8080", str(server.server_port)) for word in rest]
        assert subprocess.run([sys.executable, *command], check=False, capture_output=True).returncode == exit_code


def test_the_image_writes_nowhere_but_to_data_and_tmp():
    assert "REVIEWBOT_DATABASE_URL=sqlite:////data/" in DOCKERFILE
    assert re.search(r"install -d -o reviewbot -g reviewbot /data ", DOCKERFILE)
    assert "PYTHONDONTWRITEBYTECODE=1" in DOCKERFILE


# what starts it


@pytest.mark.parametrize("path", WRITTEN, ids=lambda path: path.name)
def test_every_image_has_a_digest_and_no_secret_is_written_down(path: Path):
    text = path.read_text()
    images = re.findall(r"^(?:FROM| +image:) (\S+)", text, re.MULTILINE)
    assert images
    assert all(image == "reviewbot" or re.search(r"@sha256:[0-9a-f]{64}$", image) for image in images)
    secrets = re.findall(r"_(?:KEY|TOKEN|SECRET|PASSWORD)(?:, value)?(?:: +|=)(\S+)|://[^:/\s]+:([^@\n]+)@", text)
    assert all("".join(secret).startswith(("${", "/run/secrets/")) for secret in secrets)


def test_every_container_of_compose_may_do_as_little_as_possible():
    for one in COMPOSE["services"].values():
        assert one["read_only"] is True
        assert one["cap_drop"] == ["ALL"]
        assert one["security_opt"] == ["no-new-privileges:true"]
        assert any(re.fullmatch(rf"{TMP}:size=\d+[mg]", mounted) for mounted in one["tmpfs"])
        assert all(":size=" in mounted for mounted in one["tmpfs"])
        assert all(port.startswith("127.0.0.1:") for port in one.get("ports", []))
    assert {name for name, one in COMPOSE["services"].items() if "ports" in one} == {"web"}


def test_compose_builds_the_image_once():
    assert [name for name, one in COMPOSE["services"].items() if "build" in one] == ["web"]


def test_compose_starts_the_service_as_its_command_line_understands_it():
    started = {name: served(one["command"].split()) for name, one in OURS.items()}
    assert {name: (one["web"], one["worker"]) for name, one in started.items()} == {
        "web": (True, False), "worker": (False, True),
    }  # fmt: skip
    assert all(one["host"] == "0.0.0.0" for one in started.values())  # noqa: S104  inside a container
    assert OURS["web"]["ports"] == [f"127.0.0.1:{started['web']['port']}:{started['web']['port']}"]
    assert str(started["worker"]["metrics_port"]) in OURS["worker"]["healthcheck"]["test"][-1]


def test_every_pod_may_do_as_little_as_possible():
    assert PODS
    for pod in PODS.values():
        assert pod["automountServiceAccountToken"] is False
        assert pod["securityContext"]["runAsNonRoot"] is True
        assert f"--uid {pod['securityContext']['runAsUser']} " in DOCKERFILE
        (container,) = pod["containers"]
        assert container["securityContext"] == {
            "allowPrivilegeEscalation": False, "readOnlyRootFilesystem": True, "capabilities": {"drop": ["ALL"]},
        }  # fmt: skip
        assert TMP in [mount["mountPath"] for mount in container["volumeMounts"]]


def test_probes_go_to_the_ports_and_paths_that_are_there():
    for pod in PODS.values():
        (container,) = pod["containers"]
        started = served(container["args"])
        there = {"http": started["port"], "metrics": started["metrics_port"]}
        ports = {port["name"]: port["containerPort"] for port in container["ports"]}
        assert ports.items() <= there.items()
        for kind in ("readinessProbe", "livenessProbe", "startupProbe"):
            probe = container.get(kind, {"tcpSocket": {"port": "metrics"}})
            (asked,) = [probe[how] for how in ("httpGet", "tcpSocket") if how in probe]
            assert asked["port"] in ports
            assert asked.get("path", "/healthz") == "/healthz"
    (service,) = [one for one in MANIFESTS if one["kind"] == "Service"]
    assert [port["targetPort"] for port in service["spec"]["ports"]] == ["http"]


def test_a_selector_selects_its_own_pods():
    labels = {
        one["metadata"]["name"]: one["spec"]["template"]["metadata"]["labels"]
        for one in MANIFESTS
        if one["kind"] == "Deployment"
    }
    for one in MANIFESTS:
        wanted = one["spec"]["selector"].get("matchLabels", one["spec"]["selector"])
        name = "reviewbot-web" if one["kind"] != "Deployment" else one["metadata"]["name"]
        assert [label for label, has in labels.items() if wanted.items() <= has.items()] == [name]


@pytest.mark.parametrize("name", ["prove", "renew"])
def test_a_script_of_the_image_is_plain_bash_that_stops_at_the_first_failure(name: str):
    script = ROOT / ".image" / name
    subprocess.run(["bash", "-n", str(script)], check=True)
    assert "set -euo pipefail" in script.read_text()
