"""Pace: how long steps took when they were done last, so that a queue knows what it may expect."""

from contextlib import suppress

from pressroom.ports import Records, VersionConflict
from pressroom.values import from_document, to_document

_KIND = "step_pace"
_KEPT = 0.5
"""What the new time counts against those before it."""


class Pace:
    """Seconds by step, learnt from runs; written once a run."""

    def __init__(self, records: Records) -> None:
        """Keep them in `records`."""
        self._records = records
        self._known: dict[str, float] = {}
        self._learnt: dict[str, float] = {}

    def of(self, step: str) -> float:
        """The seconds that are to be expected; 0 where nobody knows."""
        if step not in self._known:
            record = self._records.get(_KIND, step)
            self._known[step] = from_document(record.document, float) if record else 0.0
        return self._known[step]

    def learn(self, step: str, wall_s: float) -> None:
        """It took so long."""
        before = self.of(step)
        self._known[step] = self._learnt[step] = before + _KEPT * (wall_s - before) if before else wall_s

    def close(self) -> None:
        """Write down what was learnt; where somebody else has just done so, theirs stands."""
        for step, seconds in self._learnt.items():
            record = self._records.get(_KIND, step)
            with suppress(VersionConflict):
                self._records.put(_KIND, step, to_document(seconds), seen=record.version if record else 0)
        self._learnt.clear()
