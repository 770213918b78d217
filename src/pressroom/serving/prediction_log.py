"""The prediction log: answers become facts without slowing the answer.

Answers gather in memory and are appended together, at the latest 50 ms after they were given: that much can be lost in
a `kill -9`, and nothing in an orderly stop. When more than 20,000 answers wait, because writing falls behind or the
disk is full, the operator's choice holds: `block` lets requests wait for the writer, `drop` leaves answers out, and
counts them. Each worker of a server has a log of its own; they append to the same facts.
"""

import logging
import random
import threading
from collections.abc import Sequence
from itertools import chain
from typing import Literal

import numpy as np
import pyarrow as pa

from pressroom.facts import INSTANT, Facts, arrow_schema
from pressroom.models import Values, prediction_field
from pressroom.serving.answers import Answers, Shadowed
from pressroom.serving.endpoint import Endpoint
from pressroom.serving.route import Route
from pressroom.values import FactSchema, PressroomError

FLUSH_S = 0.05
_MOST_WAITING = 20_000
_logger = logging.getLogger(__name__)
WhenFull = Literal["block", "drop"]
_Waiting = tuple[Answers, Sequence[Shadowed]]


class PredictionLog:
    """Writes predictions as facts of their endpoint's type."""

    def __init__(self, facts: Facts, *, when_full: WhenFull = "block") -> None:
        """Start the writer."""
        self._facts = facts
        self._when_full = when_full
        self._waiting: list[_Waiting] = []
        self._count = 0
        self._lock = threading.Lock()
        self._writing = threading.Lock()
        self._stop = threading.Event()
        self.written = 0
        self.dropped = 0
        self.failure: Exception | None = None
        self._writer = threading.Thread(target=self._run, name="prediction-log", daemon=True)
        self._writer.start()

    def add(self, answers: Answers, shadowed: Sequence[Shadowed] = ()) -> None:
        """Take answers over. Too many waiting: drops them, or raises what stands against writing, as was chosen."""
        with self._lock:
            if self._when_full == "drop" and self._count + len(answers) > _MOST_WAITING:
                self.dropped += len(answers)
                return
            self._waiting.append((answers, shadowed))
            self._count += len(answers)
            crowded = self._count > _MOST_WAITING
        if crowded:
            self.flush()

    def is_crowded(self) -> bool:
        """Whether whoever may wait should flush before adding more."""
        return self._when_full == "block" and self._count > _MOST_WAITING // 2

    def waiting(self) -> int:
        """How many answers wait to be written."""
        return self._count

    def flush(self) -> None:
        """Write everything that waits, durably. What can't be written waits on."""
        with self._writing:
            with self._lock:
                taken, self._waiting = self._waiting, []
                count, self._count = self._count, 0
            if not taken:
                return
            try:
                self._facts.append_checked(_tables(taken))
            except BaseException:
                with self._lock:
                    self._waiting[:0] = taken
                    self._count += count
                raise
            self.written += count

    def close(self) -> None:
        """Write what waits and stop."""
        self._stop.set()
        self._writer.join()
        self.flush()

    def _run(self) -> None:
        while not self._stop.wait(FLUSH_S):
            try:
                self.flush()
                self.failure = None
            except PressroomError as error:
                self.failure = error
            except Exception as error:
                _logger.exception("Writing predictions met a defect; they wait.")
                self.failure = error


def _tables(taken: Sequence[_Waiting]) -> list[tuple[FactSchema, pa.Table]]:
    # By version too: around a push, answers to two different questions wait together.
    groups: dict[tuple[str, int], list[_Waiting]] = {}
    for answers, shadowed in taken:
        groups.setdefault((answers.endpoint.name, answers.endpoint.version), []).append((answers, shadowed))
    tables: list[tuple[FactSchema, pa.Table]] = []
    for group in groups.values():
        endpoint = group[0][0].endpoint
        tables.append(_predictions(endpoint, [answers for answers, _ in group]))
        beside = [(answers, each) for answers, shadowed in group for each in shadowed]
        if beside:
            tables.append(_shadows(endpoint, beside))
    return tables


def _predictions(endpoint: Endpoint, all_answers: Sequence[Answers]) -> tuple[FactSchema, pa.Table]:
    chosen = [_sampled(len(answers), endpoint.promise.log_share) for answers in all_answers]
    columns: dict[str, list[Values]] = {}
    for answers, places in zip(all_answers, chosen, strict=True):
        for name, values in _columns(endpoint, answers).items():
            columns.setdefault(name, []).append(values if places is None else [values[place] for place in places])
    return _table(endpoint.predictions(), columns)


def _shadows(endpoint: Endpoint, beside: Sequence[tuple[Answers, Shadowed]]) -> tuple[FactSchema, pa.Table]:
    columns: dict[str, list[Values]] = {}
    for answers, shadowed in beside:
        route, count = shadowed.route, len(answers)
        said: dict[str, Values] = {field.name: answers.asked.column(field.name) for field in endpoint.question.keys}
        said |= {"event": answers.as_of, "known": answers.as_of, "prediction_id": answers.ids}
        said |= {"prediction": shadowed.predictions, "told": answers.predictions}
        said |= {"model": [route.model] * count, "version": [route.version] * count, "digest": [route.digest] * count}
        said |= {"endpoint_version": [endpoint.version] * count}
        for name, values in said.items():
            columns.setdefault(name, []).append(values)
    return _table(endpoint.shadows(), columns)


def _sampled(count: int, share: float) -> list[int] | None:
    return None if share >= 1.0 else [place for place in range(count) if random.random() < share]


def _columns(endpoint: Endpoint, answers: Answers) -> dict[str, Values]:
    asked, routes, count = answers.asked, answers.routes, len(answers)
    columns: dict[str, Values] = {field.name: asked.column(field.name) for field in endpoint.question.keys}
    columns |= {field.name: asked.column(field.name) for field in endpoint.question.brought()}
    columns |= {prediction_field(field.name): asked.column(field.name) for field in endpoint.question.inputs()}
    return columns | {
        "event": answers.as_of,
        "known": answers.as_of,
        "prediction_id": answers.ids,
        "unit": answers.units,
        "prediction": answers.predictions,
        **_routes(routes),
        "endpoint_version": [endpoint.version] * count,
        "latency_us": answers.latency_us,
        "fallback": [answers.fallbacks.get(place) for place in range(count)] if answers.fallbacks else [None] * count,
    }


def _routes(routes: Sequence[Route]) -> dict[str, Values]:
    first = routes[0]
    if len(set(map(id, routes))) == 1:
        count = len(routes)
        return {
            "model": [first.model] * count,
            "version": [first.version] * count,
            "digest": [first.digest] * count,
            "variant": [first.variant or None] * count,
        }
    return {
        "model": [route.model for route in routes],
        "version": [route.version for route in routes],
        "digest": [route.digest for route in routes],
        "variant": [route.variant or None for route in routes],
    }


def _table(fact: FactSchema, columns: dict[str, list[Values]]) -> tuple[FactSchema, pa.Table]:
    schema = arrow_schema(fact)
    made = [_array(columns[column.name], column.type) for column in schema]
    return fact, pa.Table.from_arrays(made, schema=schema)


def _array(parts: Sequence[Values], kind: pa.DataType) -> pa.Array:
    plain = pa.int64() if kind == INSTANT else kind
    arrays = [part for part in parts if isinstance(part, np.ndarray) and part.ndim == 1]
    # NaN is how a tensor says null.
    if len(arrays) == len(parts):
        made = pa.array(arrays[0] if len(arrays) == 1 else np.concatenate(arrays), from_pandas=True).cast(plain)
    else:
        lists = (part.tolist() if isinstance(part, np.ndarray) else part for part in parts)
        made = pa.array([*chain.from_iterable(lists)], plain, from_pandas=True)
    return made if plain == kind else made.cast(kind)
