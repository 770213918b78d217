"""Answers: what was predicted for the rows of some requests, with all that is needed to explain each later."""

import os
import threading
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

import msgspec

from pressroom.features import Answered, Value
from pressroom.serving.endpoint import Endpoint
from pressroom.serving.given import Asked
from pressroom.serving.route import Route
from pressroom.serving.spans import Ids, Spans
from pressroom.values import Instant


@dataclass(frozen=True, slots=True, kw_only=True)
class Prediction:
    """One answer: who gave it, from what, and how old that was. `fallback` says why another answered; empty: none."""

    prediction_id: str
    as_of: Instant
    row: Mapping[str, Value]
    unit: str | None
    route: Route
    prediction: float
    answered: Answered
    latency_us: int
    fallback: str = ""


class PredictionIds:
    """Names for answers: 64 random bits of this process and a count. Safe for several threads."""

    def __init__(self) -> None:
        """Draw the random part."""
        self._prefix = os.urandom(8).hex()
        self._next = int.from_bytes(os.urandom(4)) << 16
        self._turn = threading.Lock()

    def take(self, count: int) -> Ids:
        """The next `count` names, 32 hexadecimal digits each."""
        with self._turn:
            first = self._next
            self._next += count
        return Ids(self._prefix, first, count)


@dataclass(frozen=True, slots=True, kw_only=True)
class Answers:
    """Answers by column, in the order of the rows; row by row, they are predictions. `routes` says who answered.

    `traces` are the traces that the requests belong to (W3C Trace Context; empty: none).

    `moments` are when the rows were taken up, when their features were read and when they were scored (perf_counter).
    """

    endpoint: Endpoint
    ids: Ids
    as_of: Spans[Instant]
    asked: Asked
    units: Sequence[str | None]
    routes: Sequence[Route]
    predictions: Sequence[float]
    fallbacks: Mapping[int, str]
    latency_us: Spans[int]
    traces: Spans[str]
    moments: tuple[int, int, int]

    def __len__(self) -> int:
        """How many rows."""
        return len(self.predictions)

    def __iter__(self) -> Iterator[Prediction]:
        """Each row's answer."""
        return (self.at(place) for place in range(len(self)))

    def __getitem__(self, place: int) -> Prediction:
        """The answer to one row."""
        return self.at(range(len(self))[place])

    def at(self, place: int) -> Prediction:
        """The answer to one row."""
        return Prediction(
            prediction_id=self.ids[place],
            as_of=self.as_of[place],
            row=self.asked.row(place),
            unit=self.units[place],
            route=self.routes[place],
            prediction=self.predictions[place],
            answered=self.asked.answered(place),
            latency_us=self.latency_us[place],
            fallback=self.fallbacks.get(place, ""),
        )


class Piece(msgspec.Struct, frozen=True):
    """The answers to one request among those of a batch: the rows from `start` to before `stop`."""

    answers: Answers
    start: int
    stop: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Shadowed:
    """What a shadow route would have answered to the rows of some answers."""

    route: Route
    predictions: Sequence[float]
