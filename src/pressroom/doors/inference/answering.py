"""Answering: method, path and body in, a response out. Knows HTTP's words, and no server."""

import logging
import re

from pressroom.doors.inference.wire import (
    Response,
    answer,
    description,
    document,
    failure,
    problem,
    read_asked,
    read_instant,
)
from pressroom.ports import Clock
from pressroom.serving import Live, PredictionLog, check_rows
from pressroom.values import PressroomError

_PREDICT = re.compile(r"/v1/endpoints/([^/:]+):predict\Z")
_ENDPOINT = re.compile(r"/v1/endpoints/([^/:]+)\Z")
_logger = logging.getLogger(__name__)


class Answering:
    """Answers requests from the endpoints that are live, and logs every prediction."""

    def __init__(self, *, live: Live, log: PredictionLog, clock: Clock, replay: bool) -> None:
        """Answer from `live`; with `replay`, a request may say as of when it asks."""
        self._live = live
        self._log = log
        self._clock = clock
        self._replay = replay

    def respond(self, method: str, path: str, body: bytes) -> Response:
        """Answer one request. Every input has an answer; a defect of ours is a 500 that says so and is logged."""
        try:
            return self._respond(method, path, body)
        except PressroomError as error:
            return failure(error)
        except Exception:
            _logger.exception("A request met a defect: %s %s", method, path)
            return problem(500, "This is a defect in Pressroom.", "The server's own log has the details.")

    def _respond(self, method: str, path: str, body: bytes) -> Response:
        predict = _PREDICT.match(path)
        if predict:
            if method != "POST":
                return problem(405, f"{method} is not how to ask for a prediction.", "Use POST.")
            return self._predict(predict[1], body)
        if method not in ("GET", "HEAD"):
            return problem(405, f"{method} {path} means nothing here.", "POST goes to /v1/endpoints/NAME:predict.")
        return self._look_up(path)

    def _predict(self, name: str, body: bytes) -> Response:
        predictor = self._live.predictor(name)
        asked = read_asked(body)
        rows = check_rows(predictor.endpoint.question, asked.rows)
        as_of = read_instant(asked.as_of, now=self._clock.now(), replay=self._replay)
        predictions = predictor.predict(rows, [as_of] * len(rows))
        self._log.add(predictor.endpoint, predictions)
        return answer(predictor.endpoint, predictions)

    def _look_up(self, path: str) -> Response:
        if path == "/health/live":
            return document({"live": True})
        if path == "/health/ready":
            ready = bool(self._live.names()) and self._log.failure is None
            return document({"ready": ready, "endpoints": self._live.names()}, status=200 if ready else 503)
        if path == "/v1/endpoints":
            return document({"endpoints": self._live.names()})
        named = _ENDPOINT.match(path)
        if named:
            return description(self._live.predictor(named[1]).endpoint)
        return problem(404, f"Nothing answers at {path}.", "GET /v1/endpoints lists what there is.")
