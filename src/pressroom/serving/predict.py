"""Predicting: rows in, answers out, each with all that is needed to explain it later."""

import time
from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from uuid import uuid4

from pressroom.features import Answered, OnlineAnswers, Value
from pressroom.models import LoadedModel, inputs_from_rows
from pressroom.serving.endpoint import Endpoint
from pressroom.serving.route import Route, choose
from pressroom.values import Digest, Instant


@dataclass(frozen=True, slots=True, kw_only=True)
class Prediction:
    """One answer: who gave it, from what, and how old that was."""

    prediction_id: str
    as_of: Instant
    row: Mapping[str, Value]
    unit: str | None
    route: Route
    prediction: float
    answered: Answered
    latency_us: int


class Predictor:
    """An endpoint version, loaded and ready: safe to call from one thread at a time."""

    def __init__(self, endpoint: Endpoint, models: Mapping[Digest, LoadedModel], online: OnlineAnswers) -> None:
        """Answer for `endpoint` with these loaded models."""
        self.endpoint = endpoint
        self._models = models
        self._online = online

    def predict(self, rows: Sequence[Mapping[str, Value]], as_of: Sequence[Instant]) -> list[Prediction]:
        """One prediction for each row, as of its instant. Rows come from `check_rows`. Raises TooOld."""
        started = time.perf_counter_ns()
        answers = self._online.answer(rows, as_of)
        routes = [self._route(row) for row in rows]
        scores = self._scores(routes, answers)
        latency_us = (time.perf_counter_ns() - started) // 1_000
        return [
            Prediction(
                prediction_id=uuid4().hex,
                as_of=instant,
                row=row,
                unit=self._unit(row),
                route=route,
                prediction=score,
                answered=answer,
                latency_us=latency_us,
            )
            for row, instant, route, score, answer in zip(rows, as_of, routes, scores, answers, strict=True)
        ]

    def _unit(self, row: Mapping[str, Value]) -> str | None:
        value = row.get(self.endpoint.unit) if self.endpoint.unit else None
        return None if value is None else str(value)

    def _route(self, row: Mapping[str, Value]) -> Route:
        return choose(self.endpoint.routes, self.endpoint.salt, self._unit(row) or "")

    def _scores(self, routes: Sequence[Route], answers: Sequence[Answered]) -> list[float]:
        places: dict[Digest, list[int]] = defaultdict(list)
        for place, route in enumerate(routes):
            places[route.digest].append(place)
        scores = [0.0] * len(routes)
        for digest, chosen in places.items():
            model = self._models[digest]
            inputs = inputs_from_rows(model.package.signature, [answers[place].values for place in chosen])
            for place, score in zip(chosen, model.runnable.predict(inputs).tolist(), strict=True):
                scores[place] = score
        return scores
