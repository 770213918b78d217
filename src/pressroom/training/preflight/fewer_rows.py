"""A run whose batches are smaller than they will be, and which counts how many there would be."""

from collections.abc import Iterator
from typing import Any

from pressroom.training.lasting.rows import rows_by_place
from pressroom.training.lasting.training_run import TrainingRun


class FewerRows:
    """Stands for a run in a job's loop: all of it is the run's, but for the size of batches."""

    def __init__(self, run: TrainingRun, share: float) -> None:
        """Batches of `share` of the rows that are asked for, one at least."""
        self._run = run
        self._share = share
        self.size = 0
        self.planned = 0

    def __getattr__(self, name: str) -> Any:
        """Whatever else a run has."""
        return getattr(self._run, name)

    def batches(self, rows: Any, *, size: int, epochs: int = 1, **options: Any) -> Iterator[Any]:
        """The run's own batches, smaller."""
        self.size = size
        self.planned = -(-rows_by_place(rows).count() // max(1, size)) * epochs
        return self._run.batches(rows, size=max(1, round(size * self._share)), epochs=epochs, **options)
