"""Spans on their way to a collector, and none without one."""

import asyncio
import http.server
import sys
import threading
from collections.abc import Iterator
from typing import NamedTuple

import pytest
from opentelemetry import trace
from opentelemetry.proto.collector.trace.v1.trace_service_pb2 import ExportTraceServiceRequest

from reviewbot.doors.service import traces
from reviewbot.errors import BadSettings


class Collector(NamedTuple):
    url: str
    bodies: list[bytes]


@pytest.fixture
def collector() -> Iterator[Collector]:
    """Takes spans by OTLP over HTTP."""
    bodies: list[bytes] = []

    class Take(http.server.BaseHTTPRequestHandler):
        def do_POST(self):
            bodies.append(self.rfile.read(int(self.headers["Content-Length"])))
            self.send_response(200)
            self.send_header("Content-Length", "0")
            self.end_headers()

        def log_message(self, *_args):
            """Silence."""

    with http.server.ThreadingHTTPServer(("127.0.0.1", 0), Take) as server:
        thread = threading.Thread(target=server.serve_forever, args=(0.01,))
        thread.start()
        yield Collector(f"http://127.0.0.1:{server.server_port}", bodies)
        server.shutdown()
        thread.join()


def test_without_a_collector_a_span_is_nothing():
    traces.start({"OTEL_EXPORTER_OTLP_ENDPOINT": " "})()
    with traces.span("job", kind="review", number=None):
        assert not trace.get_current_span().is_recording()


def test_spans_of_a_job_arrive_as_one_tree_without_any_text(collector, monkeypatch):
    monkeypatch.setenv("OTEL_EXPORTER_OTLP_ENDPOINT", collector.url)
    monkeypatch.setenv("SSL_CERT_FILE", "")
    finish = traces.start({"OTEL_EXPORTER_OTLP_ENDPOINT": collector.url})

    async def call(member: str) -> None:
        with traces.span("call", member=member):
            await asyncio.sleep(0)
            raise ValueError("canary")

    async def review() -> None:
        with traces.span("review"):
            await asyncio.gather(call("a"), call("b"), return_exceptions=True)

    with traces.span("job", kind="review", number=7, repository=None):
        asyncio.run(review())
    finish()
    [resource] = ExportTraceServiceRequest.FromString(collector.bodies[0]).resource_spans
    spans = {span.span_id: span for scope in resource.scope_spans for span in scope.spans}
    tree = sorted(
        (span.name, spans[span.parent_span_id].name if span.parent_span_id else "") for span in spans.values()
    )
    assert tree == [("call", "review"), ("call", "review"), ("job", ""), ("review", "job")]
    assert {span.status.message for span in spans.values() if span.name == "call"} == {"ValueError"}
    assert b"canary" not in collector.bodies[0]
    names = {pair.key: pair.value.string_value for pair in resource.resource.attributes}
    assert names["service.name"] == "reviewbot"


def test_a_collector_without_the_sdk_is_a_setting_to_mend(monkeypatch):
    monkeypatch.setitem(sys.modules, "opentelemetry.sdk.trace", None)
    with pytest.raises(BadSettings, match=r"pip install 'reviewbot\[server,otel\]'"):
        traces.start({"OTEL_EXPORTER_OTLP_TRACES_ENDPOINT": "http://127.0.0.1:9/v1/traces"})
