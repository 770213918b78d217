"""The prediction log: answers become facts without slowing the answer.

Answers gather in memory and are appended together, at the latest 50 ms after they were given, sooner when there are
many: that much can be lost in a `kill -9`, and nothing in an orderly stop. When more than 20,000 answers wait, because
writing falls behind or the disk is full, the operator's choice holds: `block` lets requests wait for the writer, `drop`
leaves answers out, and counts them. Each worker of a server has a log of its own; they append to the same facts.
"""

import logging
import threading
from collections.abc import Callable, Sequence
from typing import Literal

from pressroom.facts import Facts
from pressroom.models import PREDICTIONS
from pressroom.serving.answers import Answers, Shadowed
from pressroom.serving.prediction_tables import PredictionTables, Waiting
from pressroom.serving.told import Telling
from pressroom.values import PressroomError

FLUSH_S = 0.05
_MOST_WAITING = 20_000
_HURRY = 4
"""The writer does not wait for its time where a part as small as this of the most answers waits."""

_logger = logging.getLogger(__name__)
WhenFull = Literal["block", "drop"]


class PredictionLog:
    """Writes predictions as facts of their endpoint's type."""

    def __init__(self, facts: Facts, *, when_full: WhenFull = "block") -> None:
        """Start the writer."""
        self._facts = facts
        self._tables = PredictionTables()
        self._when_full = when_full
        self._waiting: list[Waiting] = []
        self._count = 0
        self._lock = threading.Lock()
        self._writing = threading.Lock()
        self._stop = False
        self._due = threading.Event()
        self.written = 0
        self.sampled_out = 0
        self.dropped = 0
        self.failure: Exception | None = None
        self._telling = Telling(_logger)
        self._writer = threading.Thread(target=self._run, name="prediction-log", daemon=True)
        self._writer.start()

    def add(self, answers: Answers, shadowed: Sequence[Shadowed] = ()) -> None:
        """Take answers over. Too many waiting: drops them, or raises what stands against writing, as was chosen."""
        with self._lock:
            if self._when_full == "drop" and self._count + len(answers) > _MOST_WAITING:
                self.dropped += len(answers)
                return
            before = self._count
            self._waiting.append((answers, shadowed))
            self._count += len(answers)
            # Once, not for each that comes after: what can't be written is tried again in its time.
            if before <= _MOST_WAITING // _HURRY < self._count:
                self._due.set()
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
                made = self._tables.of(taken)
                self._facts.append_checked(made)
            except BaseException:
                with self._lock:
                    self._waiting[:0] = taken
                    self._count += count
                raise
            written = sum(table.num_rows for fact, table in made if fact.name.startswith(PREDICTIONS))
            self.written += written
            self.sampled_out += count - written

    def close(self) -> None:
        """Write what waits and stop."""
        self._stop = True
        self._due.set()
        self._writer.join()
        self.flush()

    def _run(self) -> None:
        # Nothing is appended at first: a log that is long takes a second to know, for which no answer should wait.
        self._try(lambda: self._facts.append_checked([]))
        while not self._stop:
            self._due.wait(FLUSH_S)
            self._due.clear()
            self._try(self.flush)

    def _try(self, write: Callable[[], object]) -> None:
        try:
            write()
        except PressroomError as error:
            self._note(error, f"Predictions can't be written; {self._waits()}. {error}", None)
        except Exception as error:  # noqa: BLE001  (whatever it is, the writer goes on)
            self._note(error, f"Writing predictions met a defect; {self._waits()}.", error)
        else:
            self.failure = None
            self._telling.over("write", "Predictions are written again.")

    def _note(self, failure: Exception, message: str, shown: Exception | None) -> None:
        self.failure = failure
        self._telling.trouble("write", message, shown)

    def _waits(self) -> str:
        kept = f"{self._count} wait"
        return kept if self._when_full == "block" else f"{kept}, {self.dropped} are left out"
