"""The prediction log: answers become facts without slowing the answer.

Answers gather in memory and are appended together, at the latest 50 ms after they were given: that much can be lost in
a `kill -9`, and nothing in an orderly stop. When writing falls behind by more than 20,000 answers, or the disk is full,
requests wait for it: nothing is dropped in silence.
"""

import logging
import threading
from collections.abc import Sequence

import pyarrow as pa

from pressroom.facts import Facts, rows_as_facts
from pressroom.models import prediction_field
from pressroom.serving.endpoint import Endpoint
from pressroom.serving.predict import Prediction
from pressroom.values import FactSchema, PressroomError

FLUSH_S = 0.05
_MOST_WAITING = 20_000
_logger = logging.getLogger(__name__)


class PredictionLog:
    """Writes predictions as facts of their endpoint's type."""

    def __init__(self, facts: Facts) -> None:
        """Start the writer."""
        self._facts = facts
        self._waiting: list[tuple[Endpoint, Prediction]] = []
        self._lock = threading.Lock()
        self._writing = threading.Lock()
        self._stop = threading.Event()
        self.written = 0
        self.failure: Exception | None = None
        self._writer = threading.Thread(target=self._run, name="prediction-log", daemon=True)
        self._writer.start()

    def add(self, endpoint: Endpoint, predictions: Sequence[Prediction]) -> None:
        """Take predictions over. Raises what stands against writing once too many wait."""
        with self._lock:
            self._waiting.extend((endpoint, prediction) for prediction in predictions)
            crowded = len(self._waiting) > _MOST_WAITING
        if crowded:
            self.flush()

    def flush(self) -> None:
        """Write everything that waits, durably. What can't be written waits on."""
        with self._writing:
            with self._lock:
                taken, self._waiting = self._waiting, []
            if not taken:
                return
            try:
                self._facts.append_checked(_tables(taken))
            except BaseException:
                with self._lock:
                    self._waiting[:0] = taken
                raise
            self.written += len(taken)

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


def _tables(taken: Sequence[tuple[Endpoint, Prediction]]) -> list[tuple[FactSchema, pa.Table]]:
    # By version too: around a push, answers to two different questions wait together.
    groups: dict[tuple[str, int], tuple[Endpoint, list[dict[str, object]]]] = {}
    for endpoint, prediction in taken:
        groups.setdefault((endpoint.name, endpoint.version), (endpoint, []))[1].append(_row(endpoint, prediction))
    facts = [(endpoint.predictions(), rows) for endpoint, rows in groups.values()]
    return [(fact, rows_as_facts(fact, rows)) for fact, rows in facts]


def _row(endpoint: Endpoint, prediction: Prediction) -> dict[str, object]:
    features = {prediction_field(name): value for name, value in prediction.answered.values.items()}
    brought = {field.name: prediction.row[field.name] for field in endpoint.question.brought()}
    keys = {field.name: prediction.row[field.name] for field in endpoint.question.keys}
    return {
        "event": prediction.as_of,
        "known": prediction.as_of,
        **brought,
        **keys,
        **features,
        "prediction_id": prediction.prediction_id,
        "unit": prediction.unit,
        "prediction": prediction.prediction,
        "model": prediction.route.model,
        "version": prediction.route.version,
        "digest": prediction.route.digest,
        "variant": prediction.route.variant or None,
        "endpoint_version": endpoint.version,
        "latency_us": prediction.latency_us,
    }
