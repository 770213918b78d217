"""The notebook of a run: notes become facts, several in one durable step, by one writer."""

import time

import pyarrow as pa

from pressroom.costs import NO_SOURCES, NOBODY, USAGE, Sources, Spender, Usage, usage_row
from pressroom.facts import Facts
from pressroom.flows.attempt_facts import AttemptNote, ProgressNote, RunNote, note_row
from pressroom.ports import Clock
from pressroom.tiers import NOTHING, Share
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

    def tell(
        self,
        note: RunNote | AttemptNote | ProgressNote,
        *,
        spender: Spender = NOBODY,
        used: Usage | None = None,
        asked: Share = NOTHING,
        sources: Sources = NO_SOURCES,
    ) -> None:
        """Note something; and what an attempt used, or would have used if its result were not kept, for the bill, with
        who counted it.
        """
        if not self._waiting:
            self._since = time.monotonic()
        at = self._clock.now()
        self._waiting.append(note_row(note, at))
        if isinstance(note, AttemptNote) and (used is not None or (note.state == "kept" and spender.key)):
            row = usage_row(
                run=note.run,
                step=note.step,
                outcome=note.cause or note.state,
                usage=used or Usage(),
                at=at,
                spender=spender,
                asked=asked,
                sources=sources,
            )
            self._waiting.append((USAGE, row))

    def write(self, *, now: bool = False) -> None:
        """Write what has waited long enough, or all of it `now`."""
        if self._waiting and (now or time.monotonic() - self._since > _WAIT_S):
            by_fact: dict[str, list[pa.Table]] = {}
            schemas = {fact.name: fact for fact, _ in self._waiting}
            for fact, row in self._waiting:
                by_fact.setdefault(fact.name, []).append(row)
            self._facts.append_checked([(schemas[name], pa.concat_tables(rows)) for name, rows in by_fact.items()])
            self._waiting.clear()
