"""Where the time of a delivery, a job, a review, a call went: spans, for a collector that speaks OTLP over HTTP.

Spans cost nothing until the operator names a collector, by OpenTelemetry's own variables. They carry ids, names and
numbers, never text of a pull request, of a prompt or of an answer.
"""

from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from typing import Final

from opentelemetry import trace
from opentelemetry.trace import StatusCode

from reviewbot.errors import BadSettings

ENDPOINTS: Final = ("OTEL_EXPORTER_OTLP_ENDPOINT", "OTEL_EXPORTER_OTLP_TRACES_ENDPOINT")


def start(environ: Mapping[str, str]) -> Callable[[], None]:
    """Send this process's spans to the collector that the environment names, if it names one.

    Everything else about it, headers and certificates, the SDK reads from the same environment. What is returned sends
    what is left. Raises BadSettings where a collector is named and the SDK is not installed.
    """
    named = next((name for name in ENDPOINTS if environ.get(name, "").strip()), None)
    if named is None:
        return lambda: None
    try:
        from opentelemetry.exporter.otlp.proto.http.trace_exporter import OTLPSpanExporter  # noqa: PLC0415  an extra
        from opentelemetry.sdk.resources import Resource  # noqa: PLC0415  as above
        from opentelemetry.sdk.trace import TracerProvider  # noqa: PLC0415  as above
        from opentelemetry.sdk.trace.export import BatchSpanProcessor  # noqa: PLC0415  as above
    except ImportError as e:
        raise BadSettings(named, "is set, and OpenTelemetry's SDK is not installed", _INSTALL) from e
    name = environ.get("OTEL_SERVICE_NAME", "").strip() or "reviewbot"
    provider = TracerProvider(resource=Resource.create({"service.name": name}))
    provider.add_span_processor(BatchSpanProcessor(OTLPSpanExporter()))
    trace.set_tracer_provider(provider)
    return provider.shutdown


_INSTALL: Final = "pip install 'reviewbot[server,otel]'"


@contextmanager
def span(name: str, **attributes: str | float | None) -> Iterator[None]:
    """The body as a span below the one it is in. What ends it early is named by its class alone (no text gets out)."""
    known = {key: value for key, value in attributes.items() if value is not None}
    with trace.get_tracer("reviewbot").start_as_current_span(
        name, attributes=known, record_exception=False, set_status_on_exception=False
    ) as current:
        try:
            yield
        except BaseException as e:
            current.set_status(StatusCode.ERROR, type(e).__name__)
            raise
