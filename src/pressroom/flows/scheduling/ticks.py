"""Ticks: instants at which a schedule was due, and what became of each. A record for each, changed only by whoever saw
its newest version, so that of two who would start one, one does.
"""

from collections.abc import Callable, Sequence
from contextlib import suppress
from dataclasses import dataclass, replace
from typing import Literal

from pressroom.flows.scheduling.process import Process
from pressroom.ports import Record, Records, VersionConflict
from pressroom.values import Instant, Period, from_document, to_document

TickState = Literal["due", "running", "done", "failed", "missed", "skipped"]
OPEN: frozenset[TickState] = frozenset({"due", "running"})
MOST_LOSSES = 3
_KIND = "schedule_tick"
_KEPT = 200


@dataclass(frozen=True, slots=True, kw_only=True)
class Tick:
    """A tick of the schedule of the flow `name` in `file`: what it is for, and how far it is.

    `losses` counts the processes that died over it; `words` says why it is in its state, where that needs saying.
    """

    name: str
    file: str
    owner: str
    at: Instant
    period: Period
    state: TickState
    words: str = ""
    run: str = ""
    process: Process | None = None
    begun: Instant | None = None
    ended: Instant | None = None
    losses: int = 0

    def key(self) -> str:
        """Its key among the records: sorted by time."""
        return _key(self.name, self.at)


class Ticks:
    """The ticks of one workspace."""

    def __init__(self, records: Records) -> None:
        """Keep them in `records`."""
        self._records = records

    def add(self, tick: Tick) -> bool:
        """Write down a new tick; False where it is there already."""
        return self._put(tick, seen=0) is not None

    def of(self, name: str) -> list[Tick]:
        """The ticks of a schedule, oldest first."""
        return [_read(record) for record in self._records.query(_KIND, prefix=f"{name}/")]

    def claim(self, name: str, at: Instant, *, process: Process, now: Instant) -> Tick | None:
        """Make a due tick one's own; None where it is not due (any more)."""
        return self._change(
            name, at, was="due", to=lambda tick: replace(tick, state="running", process=process, begun=now)
        )

    def end(self, tick: Tick, state: TickState, *, now: Instant, run: str = "", words: str = "") -> bool:
        """Write down what became of a tick; False where somebody else has meanwhile."""
        record = self._records.get(_KIND, tick.key())
        if record is None or _read(record) != tick:
            return False
        ended = replace(tick, state=state, ended=now, run=run or tick.run, words=words)
        return self._put(ended, seen=record.version) is not None

    def lose(self, tick: Tick, *, now: Instant) -> Tick | None:
        """The process of a tick is gone: it is due again, or failed when that happened too often."""
        losses = tick.losses + 1
        if losses >= MOST_LOSSES:
            words = f"its process was lost {losses} times"
            changed = replace(tick, state="failed", losses=losses, ended=now, words=words)
        else:
            changed = replace(tick, state="due", losses=losses, process=None)
        record = self._records.get(_KIND, tick.key())
        if record is None or _read(record) != tick:
            return None
        return changed if self._put(changed, seen=record.version) is not None else None

    def prune(self, name: str, ticks: Sequence[Tick]) -> Instant | None:
        """Forget all but the newest of those that ended; the newest that was forgotten."""
        ended = [tick for tick in ticks if tick.state not in OPEN][:-_KEPT]
        for tick in ended:
            self._records.delete(_KIND, _key(name, tick.at))
        return ended[-1].at if ended else None

    def _change(self, name: str, at: Instant, *, was: TickState, to: Callable[[Tick], Tick]) -> Tick | None:
        record = self._records.get(_KIND, _key(name, at))
        if record is None or _read(record).state != was:
            return None
        changed = to(_read(record))
        return changed if self._put(changed, seen=record.version) is not None else None

    def _put(self, tick: Tick, *, seen: int) -> Record | None:
        with suppress(VersionConflict):
            return self._records.put(_KIND, tick.key(), to_document(tick), seen=seen)
        return None


def _key(name: str, at: Instant) -> str:
    return f"{name}/{at:020d}"


def _read(record: Record) -> Tick:
    return from_document(record.document, Tick)
