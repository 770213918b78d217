"""Sending spans to a collector, in the background: what can't be sent in time is left out, and counted."""

import logging
import time
from collections.abc import Sequence
from urllib.parse import urlsplit

from opentelemetry.exporter.otlp.proto.http.trace_exporter import OTLPSpanExporter
from opentelemetry.sdk.trace import ReadableSpan
from opentelemetry.sdk.trace.export import BatchSpanProcessor, SpanExporter, SpanExportResult

_MOST_WAITING = 2_048
_BATCH = 512
_EVERY_MS = 500
_TIMEOUT_S = 2.0
_LAST_S = 1.0
"""How long sending goes on after the server was told to stop."""

_logger = logging.getLogger(__name__)


class _Counted(SpanExporter):
    """Sends by OTLP over HTTP; counts what came through and what did not. Tells once when that changes."""

    def __init__(self, endpoint: str) -> None:
        self._exporter = OTLPSpanExporter(endpoint=endpoint, timeout=_TIMEOUT_S)
        self._endpoint = endpoint
        self._is_through = True
        self.until: float | None = None
        self.sent = 0
        self.failed = 0

    def export(self, spans: Sequence[ReadableSpan]) -> SpanExportResult:
        """Send spans."""
        is_late = self.until is not None and time.monotonic() > self.until
        result = SpanExportResult.FAILURE if is_late else self._exporter.export(spans)
        is_through = result is SpanExportResult.SUCCESS
        if is_through:
            self.sent += len(spans)
        else:
            self.failed += len(spans)
        if is_through != self._is_through:
            self._is_through = is_through
            said = "takes spans again" if is_through else "takes no spans; they are left out and counted"
            _logger.warning("The collector at %s %s.", self._endpoint, said)
        return result

    def shutdown(self) -> None:
        """Send no more."""
        self._exporter.shutdown()

    def force_flush(self, timeout_millis: int = 30_000) -> bool:
        """Nothing waits here."""
        return True


class Outbox(BatchSpanProcessor):
    """Spans that wait to be sent. Whoever adds one never waits; with too many waiting, it is left out."""

    def __init__(self, endpoint: str) -> None:
        """Send to the collector at `endpoint`, at the usual path where it has none."""
        # The library tells of every try that fails, and of every span that it leaves out.
        logging.getLogger("opentelemetry").setLevel(logging.CRITICAL)
        self._counted = _Counted(collector_url(endpoint))
        self._taken = 0
        self._left_out = 0
        super().__init__(
            self._counted,
            max_queue_size=_MOST_WAITING,
            schedule_delay_millis=_EVERY_MS,
            max_export_batch_size=_BATCH,
        )

    def on_end(self, span: ReadableSpan) -> None:
        """Take a span that ended; called on the event loop alone."""
        if not (span.context and span.context.trace_flags.sampled):
            return
        if self._taken - self.sent - self._counted.failed >= _MOST_WAITING:
            self._left_out += 1
            return
        self._taken += 1
        super().on_end(span)

    @property
    def sent(self) -> int:
        """How many the collector took."""
        return self._counted.sent

    @property
    def dropped(self) -> int:
        """How many were left out."""
        return self._counted.failed + self._left_out

    def hurry(self) -> None:
        """From now on, take no more time than is left to a server that stops."""
        self._counted.until = time.monotonic() + _LAST_S


def collector_url(told: str) -> str:
    """Where spans go: the address as it is, or the usual path at one that has none."""
    return f"{told.rstrip('/')}/v1/traces" if urlsplit(told).path in ("", "/") else told
