"""Spans for OpenTelemetry: one for each request, and under it what the answer was made of.

A trace that a caller began (W3C `traceparent`) goes on here, sampled as the caller decided; of the others a share is
sampled. Read only where traces are wanted: the library is an extra.
"""

import random
import time
from collections import deque
from collections.abc import Sequence
from contextvars import ContextVar
from dataclasses import dataclass, field
from typing import Any

from opentelemetry.sdk.resources import OTELResourceDetector, Resource
from opentelemetry.sdk.trace import TracerProvider
from opentelemetry.sdk.trace.sampling import ALWAYS_ON, ParentBased
from opentelemetry.trace import Span, SpanKind, Status, StatusCode, format_trace_id, set_span_in_context
from opentelemetry.trace.propagation.tracecontext import TraceContextTextMapPropagator

from pressroom.doors.inference.grpc_codes import code_of
from pressroom.doors.inference.paths import Kind, Place, place_of
from pressroom.doors.inference.span_export import Outbox
from pressroom.doors.inference.wire import Incoming
from pressroom.serving import Answers, Piece, PredictionLog, Shadowed

_ROUTES: dict[Kind, str] = {
    "predict": "/v1/endpoints/{name}:predict",
    "endpoint": "/v1/endpoints/{name}",
    "infer": "/v2/models/{name}/infer",
    "model": "/v2/models/{name}",
    "model_ready": "/v2/models/{name}/ready",
}
_SERVICE = "inference.GRPCInferenceService"
_GRPC_FAILED = frozenset({2, 4, 12, 13, 14, 15})
"""What counts as the server's own failure over gRPC."""

_METHODS = frozenset({"GET", "HEAD", "POST", "PUT", "DELETE", "PATCH", "OPTIONS", "TRACE", "CONNECT"})
"""What a method may be called in a span: strangers' words would make names without end."""

_CONTEXT = ("traceparent", "tracestate")
_REMEMBERED = 256


@dataclass(slots=True)
class Open:
    """A span that is not ended; `pieces` are the answers that its request got."""

    span: Span
    place: Place
    rpc: str
    pieces: list[Piece] = field(default_factory=list)


class WatchedLog:
    """The prediction log, for the desk; knows for a while when what was taken over."""

    def __init__(self, log: PredictionLog) -> None:
        """Hand over to `log`."""
        self._log = log
        self._lately: deque[tuple[Answers, int, int]] = deque(maxlen=_REMEMBERED)

    def add(self, answers: Answers, shadowed: Sequence[Shadowed] = ()) -> None:
        """Take answers over, as the log does."""
        started = time.perf_counter_ns()
        self._log.add(answers, shadowed)
        self._lately.append((answers, started, time.perf_counter_ns()))

    def when(self, answers: Answers) -> tuple[int, int] | None:
        """From when to when answers were handed over; None where that is not known any more."""
        return next(((start, end) for each, start, end in reversed(self._lately) if each is answers), None)


class Spans:
    """One worker's spans."""

    def __init__(self, outbox: Outbox, *, share: float, scheme: str, version: str) -> None:
        """Send them by `outbox`; of requests that nobody traces yet, `share` are traced."""
        self._outbox = outbox
        self._scheme = scheme
        self._share = share
        # What the environment says of this service goes before what we would say.
        ours = Resource({"service.name": "pressroom", "service.version": version})
        self._provider = TracerProvider(
            resource=ours.merge(OTELResourceDetector().detect()),
            sampler=ParentBased(ALWAYS_ON),
            shutdown_on_exit=False,
        )
        self._provider.add_span_processor(outbox)
        self._tracer = self._provider.get_tracer("pressroom", version)
        self._reader = TraceContextTextMapPropagator()
        self._now: ContextVar[Open | None] = ContextVar("request", default=None)
        self._log: WatchedLog | None = None

    def watched(self, log: PredictionLog) -> WatchedLog:
        """The log as the desk is to use it, so that spans can tell how long it took."""
        self._log = WatchedLog(log)
        return self._log

    def begin(self, incoming: Incoming) -> Open | None:
        """A request's span begins; None where it has none."""
        told = {name: value for name in _CONTEXT if (value := incoming.headers.get(name)) is not None}
        # Drawn here: a span that is made and not sampled costs a tenth of an answer.
        if not told and random.random() >= self._share:
            return None
        parent = self._reader.extract(told) if told else None
        place = place_of(incoming.path)
        begun = Open(self._tracer.start_span(_name(incoming, place), parent, SpanKind.SERVER), place, incoming.rpc)
        if begun.span.is_recording():
            begun.span.set_attributes(_asked(incoming, place, self._scheme))
        self._now.set(begun)
        return begun

    def trace_of(self, begun: Open | None) -> str:
        """The trace that a request's span belongs to; empty where it has none."""
        found = 0 if begun is None else begun.span.get_span_context().trace_id
        return format_trace_id(found) if found else ""

    def note(self, piece: Piece) -> None:
        """The request that is being answered got these answers."""
        begun = self._now.get()
        if begun is not None and begun.span.is_recording():
            begun.pieces.append(piece)

    def end(self, begun: Open | None, status: int) -> None:
        """A request's span ends, with the status that it was answered with."""
        if begun is None:
            return
        self._now.set(None)
        span = begun.span
        if span.is_recording():
            failed = status >= 500
            if begun.rpc:
                code = code_of(status)
                failed = code in _GRPC_FAILED
                span.set_attribute("rpc.grpc.status_code", code)
            else:
                span.set_attribute("http.response.status_code", status)
            if failed:
                span.set_attribute("error.type", str(status))
                span.set_status(Status(StatusCode.ERROR))
            for piece in begun.pieces:
                span.set_attributes(_answered(piece))
                self._add_parts(span, piece)
        span.end()

    def totals(self) -> dict[str, int]:
        """What was sent, and what was not."""
        return {"spans_sent": self._outbox.sent, "spans_dropped": self._outbox.dropped}

    def close(self) -> None:
        """Send what waits, if it can be sent soon."""
        self._outbox.hurry()
        self._provider.shutdown()

    def _add_parts(self, span: Span, piece: Piece) -> None:
        answers = piece.answers
        asked, read, scored = answers.moments
        above, to_epoch = set_span_in_context(span), time.time_ns() - time.perf_counter_ns()
        rows = {"pressroom.batch_rows": len(answers)}
        parts: list[tuple[str, int, int, dict[str, Any]]] = []
        if answers.endpoint.question.bound() and read > asked:
            parts.append(("read features", asked, read, rows))
        if scored > read:
            parts.append(("predict", read, scored, {**rows, "pressroom.model": answers.routes[piece.start].model}))
        written = self._log.when(answers) if self._log is not None else None
        if written is not None:
            parts.append(("log", *written, rows))
        for name, start, end, attributes in parts:
            part = self._tracer.start_span(name, above, attributes=attributes, start_time=start + to_epoch)
            part.end(end + to_epoch)


def _name(incoming: Incoming, place: Place) -> str:
    if incoming.rpc:
        return f"{_SERVICE}/{incoming.rpc}"
    method = incoming.method if incoming.method in _METHODS else "HTTP"
    return f"{method} {_route(incoming, place)}".strip()


def _route(incoming: Incoming, place: Place) -> str:
    """The path without what differs; empty for one that means nothing."""
    return _ROUTES.get(place.kind, "" if place.kind == "nothing" else incoming.path)


def _asked(incoming: Incoming, place: Place, scheme: str) -> dict[str, str]:
    said = {"pressroom.endpoint": place.name} if place.name else {}
    if incoming.rpc:
        return {**said, "rpc.system": "grpc", "rpc.service": _SERVICE, "rpc.method": incoming.rpc}
    method = {"http.request.method": incoming.method}
    if incoming.method not in _METHODS:
        method = {"http.request.method": "_OTHER", "http.request.method_original": incoming.method}
    told = {**said, **method, "url.path": incoming.path, "url.scheme": scheme}
    return {**told, "http.route": _route(incoming, place)} if place.kind != "nothing" else told


def _answered(piece: Piece) -> dict[str, str | int]:
    answers, route = piece.answers, piece.answers.routes[piece.start]
    said: dict[str, str | int] = {
        "pressroom.endpoint_version": answers.endpoint.version,
        "pressroom.rows": piece.stop - piece.start,
        "pressroom.prediction_id": answers.ids[piece.start],
        "pressroom.model": route.model,
        "pressroom.model_version": route.version,
    }
    if route.variant:
        said["pressroom.variant"] = route.variant
    fallbacks = {answers.fallbacks[place] for place in range(piece.start, piece.stop) if place in answers.fallbacks}
    return {**said, "pressroom.fallback": ", ".join(sorted(fallbacks))} if fallbacks else said
