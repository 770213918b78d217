"""Metrics for Prometheus: plain counts in each worker, added up over all workers of a server when they are asked for.

Every worker writes its counts to a file of its own once a second, so that whichever worker is asked tells of all of
them; what a worker counted that is gone by now still counts.
"""

import os
from bisect import bisect_left
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path

import msgspec
from prometheus_client import CollectorRegistry, generate_latest
from prometheus_client.core import CounterMetricFamily, GaugeMetricFamily, HistogramMetricFamily, Metric

from pressroom.doors.response import Response
from pressroom.serving import BOUNDS_US, Piece

_TEXT = "text/plain; version=0.0.4; charset=utf-8"
_SEPARATOR = "\x1f"
_HELP = {
    "log_written": "Predictions that were written down.",
    "log_dropped": "Predictions that were left out because too many waited.",
    "log_sampled_out": "Predictions that were left out because their endpoint keeps a share.",
    "log_waiting": "Predictions that wait to be written.",
    "log_failing": "Workers that can't write predictions now.",
    "batches": "Batches that were answered.",
    "partial_hits": "Parts of answers that were found again.",
    "partial_misses": "Parts of answers that had to be worked out.",
    "partial_dropped": "Parts of answers that gave way to others.",
    "partial_bytes": "What remembered parts of answers take.",
    "spans_sent": "Spans that the collector took.",
    "spans_dropped": "Spans that were left out.",
    "workers": "Workers that run.",
    "requests_waiting": "Requests that wait or are being answered.",
    "endpoints_loaded": "Endpoint versions in memory, over all workers.",
    "model_bytes": "What models in memory take, as they are on disk, over all workers.",
}


class Counts(msgspec.Struct):
    """What one worker counted. Labels are joined to one key; durations are counts by class, then their sum."""

    requests: dict[str, int] = {}
    durations: dict[str, list[int]] = {}
    predictions: dict[str, int] = {}
    fallbacks: dict[str, int] = {}
    shed: dict[str, int] = {}
    totals: dict[str, int] = {}
    gauges: dict[str, float] = {}


@dataclass(frozen=True, slots=True, kw_only=True)
class Reading:
    """What a worker looks up when its counts are written: totals that grow, gauges, and who was sent away, by tier."""

    totals: Mapping[str, int] = field(default_factory=dict)
    gauges: Mapping[str, float] = field(default_factory=dict)
    shed: Mapping[str, int] = field(default_factory=dict)


class Metrics:
    """One worker's counts, and all workers' sums."""

    def __init__(self, folder: Path | None = None, *, also: Callable[[Piece], None] | None = None) -> None:
        """Count; share what is counted with the other workers through files in `folder` (None: with nobody).

        `also` is told of all answers, as they are counted.
        """
        self._folder = folder
        self._also = also
        self._requests: Counter[tuple[str, str, int]] = Counter()
        self._durations: dict[tuple[str, str], list[int]] = {}
        self._predictions: Counter[tuple[str, str, str]] = Counter()
        self._fallbacks: Counter[tuple[str, str]] = Counter()
        self._reading = Reading()

    def note(self, endpoint: str, kind: str, status: int, took_us: int) -> None:
        """Count a request."""
        self._requests[endpoint, kind, status] += 1
        classes = self._durations.get((endpoint, kind))
        if classes is None:
            classes = self._durations[endpoint, kind] = [0] * (len(BOUNDS_US) + 2)
        classes[bisect_left(BOUNDS_US, took_us)] += 1
        classes[-1] += took_us

    def note_unread(self, status: int) -> None:
        """Count a request whose body was not taken in."""
        self._requests["", "body", status] += 1

    def note_answers(self, piece: Piece) -> None:
        """Count the predictions of a request, and who gave them."""
        if self._also is not None:
            self._also(piece)
        answers = piece.answers
        routes = answers.routes[piece.start : piece.stop]
        if routes.count(routes[0]) == len(routes):
            self._predictions[answers.endpoint.name, routes[0].model, routes[0].version] += len(routes)
        else:
            for route in routes:
                self._predictions[answers.endpoint.name, route.model, route.version] += 1
        if answers.fallbacks:
            for place in range(piece.start, piece.stop):
                if place in answers.fallbacks:
                    self._fallbacks[answers.endpoint.name, answers.fallbacks[place].partition(":")[0]] += 1

    def share(self, reading: Reading) -> None:
        """Write the counts where the other workers find them."""
        self._reading = reading
        if self._folder is not None:
            path = self._folder / f"{os.getpid()}.json"
            with suppress(OSError):
                path.with_suffix(".new").write_bytes(msgspec.json.encode(self._counts()))
                path.with_suffix(".new").replace(path)

    def exposition(self) -> Response:
        """All workers' sums in the text format of Prometheus."""
        registry = CollectorRegistry()
        registry.register(_Collector([self._counts(), *self._others()]))
        return Response(status=200, body=generate_latest(registry), content_type=_TEXT)

    def _counts(self) -> Counts:
        return Counts(
            requests={_key(*key): count for key, count in [*self._requests.items()]},
            durations={_key(*key): [*classes] for key, classes in [*self._durations.items()]},
            predictions={_key(*key): count for key, count in [*self._predictions.items()]},
            fallbacks={_key(*key): count for key, count in [*self._fallbacks.items()]},
            shed=dict(self._reading.shed),
            totals=dict(self._reading.totals),
            gauges=dict(self._reading.gauges),
        )

    def _others(self) -> Iterator[Counts]:
        if self._folder is None:
            return
        for path in self._folder.glob("*.json"):
            if path.stem == str(os.getpid()):
                continue
            with suppress(OSError, msgspec.DecodeError):
                counts = msgspec.json.decode(path.read_bytes(), type=Counts)
                if not _is_running(int(path.stem)):
                    counts.gauges = {}
                yield counts


class _Collector:
    """The sums as Prometheus' own client wants them."""

    def __init__(self, counts: Sequence[Counts]) -> None:
        self._counts = counts

    def collect(self) -> Iterable[Metric]:
        requests = CounterMetricFamily(
            "pressroom_requests", "Requests that were answered.", labels=["endpoint", "kind", "status"]
        )
        for labels, count in _sums(each.requests for each in self._counts):
            requests.add_metric(labels, count)
        yield requests
        yield self._histogram()
        predictions = CounterMetricFamily(
            "pressroom_predictions", "Rows that were answered.", labels=["endpoint", "model", "version"]
        )
        for labels, count in _sums(each.predictions for each in self._counts):
            predictions.add_metric(labels, count)
        yield predictions
        fallbacks = CounterMetricFamily(
            "pressroom_fallbacks", "Rows that another than the meant model answered.", labels=["endpoint", "because"]
        )
        for labels, count in _sums(each.fallbacks for each in self._counts):
            fallbacks.add_metric(labels, count)
        yield fallbacks
        shed = CounterMetricFamily("pressroom_shed", "Requests that were sent away under load.", labels=["tier"])
        for labels, count in _sums(each.shed for each in self._counts):
            shed.add_metric(labels, count)
        yield shed
        for (name,), count in _sums(each.totals for each in self._counts):
            yield CounterMetricFamily(f"pressroom_{name}", _HELP.get(name, name.replace("_", " ")), value=count)
        for (name,), value in _sums(each.gauges for each in self._counts):
            yield GaugeMetricFamily(f"pressroom_{name}", _HELP.get(name, name.replace("_", " ")), value=value)

    def _histogram(self) -> Metric:
        family = HistogramMetricFamily(
            "pressroom_request_duration_seconds", "From request read to response ready.", labels=["endpoint", "kind"]
        )
        sums: dict[str, list[int]] = {}
        for counts in self._counts:
            for key, classes in counts.durations.items():
                sums[key] = [a + b for a, b in zip(sums.get(key, [0] * len(classes)), classes, strict=True)]
        for key, classes in sums.items():
            so_far, buckets = 0, list[tuple[str, float]]()
            for bound, count in zip((*BOUNDS_US, None), classes[:-1], strict=True):
                so_far += count
                buckets.append(("+Inf" if bound is None else repr(bound / 1e6), so_far))
            family.add_metric(key.split(_SEPARATOR), buckets, classes[-1] / 1e6)
        return family


def _sums(parts: Iterable[Mapping[str, float]]) -> Iterator[tuple[list[str], float]]:
    sums: Counter[str] = Counter()
    for part in parts:
        for key, count in part.items():
            sums[key] += count  # pyright: ignore[reportArgumentType]
    for key in sorted(sums):
        yield key.split(_SEPARATOR), sums[key]


def _key(*labels: object) -> str:
    return _SEPARATOR.join(map(str, labels))


def _is_running(pid: int) -> bool:
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    except PermissionError:
        return True
    return True
