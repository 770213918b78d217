"""The notebook of a run: notes become facts, several in one durable step, by one writer."""

import time

from pressroom.costs import NO_SOURCES, NOBODY, USAGE, Sources, Spender, Usage, usage_said
from pressroom.facts import Facts, rows_as_facts
from pressroom.flows.attempt_facts import AttemptNote, ProgressNote, RunNote, note_said
from pressroom.ports import Clock
from pressroom.tiers import NOTHING, Share
from pressroom.values import FactSchema

_WAIT_S = 0.25


class Notebook:
    """Writes at most a quarter of a second after it was told: so much of what is known of a run a kill can lose. Of
    what steps made it can lose less: see `Results`.
    """

    def __init__(self, *, facts: Facts, clock: Clock) -> None:
        """Write to `facts`."""
        self._facts = facts
        self._clock = clock
        self._waiting: list[tuple[FactSchema, dict[str, object]]] = []
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
        self._waiting.append(note_said(note, at))
        if isinstance(note, AttemptNote) and (used is not None or (note.state == "kept" and spender.key)):
            said = usage_said(
                run=note.run,
                step=note.step,
                outcome=note.cause or note.state,
                usage=used or Usage(),
                at=at,
                spender=spender,
                asked=asked,
                sources=sources,
            )
            self._waiting.append((USAGE, said))

    def write(self, *, now: bool = False) -> None:
        """Write what has waited long enough, or all of it `now`."""
        if self._waiting and (now or time.monotonic() - self._since > _WAIT_S):
            by_fact: dict[str, list[dict[str, object]]] = {}
            schemas = {fact.name: fact for fact, _ in self._waiting}
            for fact, said in self._waiting:
                by_fact.setdefault(fact.name, []).append(said)
            self._facts.append_checked(
                [(schemas[name], rows_as_facts(schemas[name], rows)) for name, rows in by_fact.items()]
            )
            self._waiting.clear()
