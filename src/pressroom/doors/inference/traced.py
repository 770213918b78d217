"""Answering with spans around it. What goes wrong with a span is logged, and harms no answer."""

import logging
from importlib import import_module
from typing import Any, Protocol

from msgspec.structs import replace

from pressroom.doors.inference.desk import Writer
from pressroom.doors.inference.listening import need
from pressroom.doors.inference.wire import Incoming, Responds
from pressroom.doors.response import Response
from pressroom.serving import Piece, PredictionLog
from pressroom.workspace import Settings

_logger = logging.getLogger(__name__)
_GONE = 499
"""What is noted of a request whose asker went away."""


class Tracing(Protocol):
    """Whoever makes spans of requests."""

    def begin(self, incoming: Incoming) -> Any:
        """A request's span begins; None where it has none."""
        ...

    def trace_of(self, begun: Any) -> str:
        """The trace that a request's span belongs to; empty where it has none."""
        ...

    def note(self, piece: Piece) -> None:
        """The request that is being answered got these answers."""
        ...

    def end(self, begun: Any, status: int) -> None:
        """A request's span ends, with the status that it was answered with."""
        ...

    def watched(self, log: PredictionLog) -> Writer:
        """The log as the desk is to use it, so that spans can tell how long it took."""
        ...

    def totals(self) -> dict[str, int]:
        """What was sent, and what was not."""
        ...

    def close(self) -> None:
        """Send what waits, if it can be sent soon."""
        ...


class Traced:
    """Answers requests as `answering` does, each in a span."""

    def __init__(self, answering: Responds, spans: Tracing) -> None:
        """Begin and end `spans`."""
        self._answering = answering
        self._spans = spans

    async def respond(self, incoming: Incoming) -> Response:
        """Answer one request."""
        try:
            begun = self._spans.begin(incoming)
            trace = self._spans.trace_of(begun)
        except Exception:
            _logger.exception("A span met a defect; the request is answered without it.")
            return await self._answering.respond(incoming)
        status = _GONE
        try:
            told = replace(incoming, trace=trace) if trace else incoming
            response = await self._answering.respond(told)
            status = response.status
        finally:
            try:
                self._spans.end(begun, status)
            except Exception:
                _logger.exception("A span met a defect; the request is answered all the same.")
        return response


def check_traces(settings: Settings) -> None:
    """Raise ExtraMissing where traces are wanted that can't be made."""
    if settings.server.traces:
        need("Tracing", "otel", "opentelemetry.sdk.trace", "opentelemetry.exporter.otlp.proto.http")


def open_spans(settings: Settings, *, version: str) -> Tracing | None:
    """The spans that the settings want; None: none, and nothing is read for them."""
    told = settings.server
    if not told.traces:
        return None
    check_traces(settings)
    export = import_module("pressroom.doors.inference.span_export")
    spans = import_module("pressroom.doors.inference.spans")
    outbox = export.Outbox(told.traces)
    scheme = "https" if told.tls_cert else "http"
    return spans.Spans(outbox, share=told.trace_share, scheme=scheme, version=version)
