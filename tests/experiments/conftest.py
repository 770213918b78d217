from collections.abc import Iterable
from pathlib import Path

import pytest
from tests.projects import END, HOUR, MINUTE, append, ready, request_row

from pressroom.serving import Prediction, check_rows


class Trial:
    """The experiment `trial` in memory, the people that it exposes, and what happens to their orders."""

    def __init__(self, folder: Path) -> None:
        self.workspace, self.definitions = ready(folder)
        self.definition = self.definitions.experiment("trial")
        self.given: list[Prediction] = []

    def ramp(self, treatment: float) -> None:
        self.workspace.experiments.ramp(self.definition, treatment)

    def expose(self, numbers: Iterable[int], *, minute: int = 0, customer: str = "u{}") -> None:
        """Ask about orders, of a customer each, at one minute after the history."""
        live = self.workspace.serving.live()
        live.refresh()
        predictor = live.predictor("risk")
        rows = [request_row(number, customer=customer.format(number)) for number in numbers]
        given = predictor.predict(check_rows(predictor.endpoint.question, rows), END + minute * MINUTE)
        log = self.workspace.serving.prediction_log()
        log.add(given)
        log.close()
        self.given += given

    def deliver(self, delays: dict[int, float], *, known: int = END + 2 * HOUR) -> None:
        """Hand orders over, one hour and a half after the history."""
        rows = [
            {"event": END + 90 * MINUTE, "known": known, "order": f"n{number}", "quarter": "q0", "delay": delay}
            for number, delay in delays.items()
        ]
        append(self.workspace, self.definitions.facts["delivered"], rows)

    def read_out(self, *, known_at: int = END + 10 * HOUR):
        return self.workspace.experiments.read_out("risk", known_at=known_at)


@pytest.fixture
def trial(tmp_path: Path) -> Trial:
    return Trial(tmp_path)
