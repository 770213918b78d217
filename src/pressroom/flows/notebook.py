"""The notebook of a run: notes become facts, several in one durable step, by one writer."""

import time

import pyarrow as pa

from pressroom.costs import USAGE, Usage, usage_row
from pressroom.facts import Facts
from pressroom.flows.attempt_facts import AttemptNote, ProgressNote, RunNote, note_row
from pressroom.ports import Clock
from pressroom.values import FactSchema

_WAIT_S = 0.25


class Notebook:
    """Writes at most a quarter of a second after it was told: so much of what is known of a run a kill can lose, and
    nothing of what steps made.
    """

    def __init__(self, *, facts: Facts, clock: Clock) -> None:
        """Write to `facts`."""
        self._facts = facts
        self._clock = clock
        self._waiting: list[tuple[FactSchema, pa.Table]] = []
        self._since = 0.0

    def tell(self, note: RunNote | AttemptNote | ProgressNote) -> None:
        """Note something; and what an attempt used, for the bill."""
        if not self._waiting:
            self._since = time.monotonic()
        at = self._clock.now()
        self._waiting.append(note_row(note, at))
        if isinstance(note, AttemptNote) and note.state in ("done", "failed", "cancelled"):
            usage = Usage(cpu_s=note.cpu_s, wall_s=note.wall_s, peak_bytes=note.peak_bytes)
            outcome = note.cause or note.state
            self._waiting.append((USAGE, usage_row(run=note.run, step=note.step, outcome=outcome, usage=usage, at=at)))

    def write(self, *, now: bool = False) -> None:
        """Write what has waited long enough, or all of it `now`."""
        if self._waiting and (now or time.monotonic() - self._since > _WAIT_S):
            by_fact: dict[str, list[pa.Table]] = {}
            schemas = {fact.name: fact for fact, _ in self._waiting}
            for fact, row in self._waiting:
                by_fact.setdefault(fact.name, []).append(row)
            self._facts.append_checked([(schemas[name], pa.concat_tables(rows)) for name, rows in by_fact.items()])
            self._waiting.clear()
