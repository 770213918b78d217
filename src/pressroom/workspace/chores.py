"""Chores: what has to be done to the facts every so often, by whoever looks first.

When a chore was begun and done is a record, changed only by who saw its newest version: of several that look at once,
one does it. Each chore is safe to do twice at the same time, too, so the record saves work and guards nothing.
"""

from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass
from typing import Literal

from pressroom.ports import Clock, Record, Records, VersionConflict
from pressroom.values import Instant, PressroomError, format_instant, from_document, parse_duration, to_document

Name = Literal["settle", "compact", "vacuum", "sweep", "fresh"]
Outcome = Literal["done", "waits", "elsewhere", "failed", "never"]

UNFINISHED_US = parse_duration("1h")
"""A chore that was begun so long ago and is not done is begun anew: whoever was at it is gone, or it failed."""

_KIND = "chore"


@dataclass(frozen=True, slots=True, kw_only=True)
class Chore:
    """What to do, and how often; `every_us` None: never. `do` says what it did, in words."""

    name: Name
    every_us: int | None
    do: Callable[[], list[str]]


@dataclass(frozen=True, slots=True, kw_only=True)
class Stamp:
    """When a chore was last begun, and whether it was brought to its end."""

    begun: Instant
    ended: bool = False

    def due(self, every_us: int) -> Instant:
        """When the chore is due again."""
        return self.begun + (every_us if self.ended else min(every_us, UNFINISHED_US))


@dataclass(frozen=True, slots=True, kw_only=True)
class Report:
    """What became of a chore. `due` is when it will be due next; None: never."""

    name: Name
    outcome: Outcome
    said: tuple[str, ...] = ()
    due: Instant | None = None

    def words(self) -> str:
        """The report as a line."""
        if self.outcome in ("done", "failed"):
            return f"{self.name}: {' '.join(self.said) or 'nothing to do.'}"
        if self.outcome == "waits" and self.due is not None:
            return f"{self.name}: not due before {format_instant(self.due)}."
        return f"{self.name}: {'somebody else is at it' if self.outcome == 'elsewhere' else 'never, by the settings'}."


class Chores:
    """The chores of one workspace."""

    def __init__(self, chores: tuple[Chore, ...], *, records: Records, clock: Clock) -> None:
        """Know what to do, and where it is written down when it was done."""
        self._chores = chores
        self._records = records
        self._clock = clock

    def do_due(self) -> list[Report]:
        """Do what is due, in order; one that fails is reported, and the others are done."""
        return [self._report(chore) for chore in self._chores]

    def next_due(self) -> Instant | None:
        """When the next chore is due: an instant that is not later than now, if one is already."""
        now = self._clock.now()
        return min(
            (
                _due(self._records.get(_KIND, chore.name), chore.every_us, now)
                for chore in self._chores
                if chore.every_us is not None
            ),
            default=None,
        )

    def _report(self, chore: Chore) -> Report:
        now = self._clock.now()
        if chore.every_us is None:
            return Report(name=chore.name, outcome="never")
        record = self._records.get(_KIND, chore.name)
        due = _due(record, chore.every_us, now)
        if due > now:
            return Report(name=chore.name, outcome="waits", due=due)
        begun = Stamp(begun=now)
        try:
            claim = self._write(chore.name, begun, seen=0 if record is None else record.version)
        except VersionConflict:
            return Report(name=chore.name, outcome="elsewhere", due=begun.due(chore.every_us))
        try:
            said = chore.do()
        except PressroomError as error:
            return Report(name=chore.name, outcome="failed", said=(str(error),), due=begun.due(chore.every_us))
        ended = Stamp(begun=now, ended=True)
        # Where somebody took it for abandoned and began it anew, theirs is the record.
        with suppress(VersionConflict):
            self._write(chore.name, ended, seen=claim)
        return Report(name=chore.name, outcome="done", said=tuple(said), due=ended.due(chore.every_us))

    def _write(self, name: Name, stamp: Stamp, *, seen: int) -> int:
        return self._records.put(_KIND, name, to_document(stamp), seen=seen).version


def _due(record: Record | None, every_us: int, now: Instant) -> Instant:
    stamp = None if record is None else from_document(record.document, Stamp)
    # A stamp from the future was made before the clock was put back, and says nothing.
    return now if stamp is None or stamp.begun > now else stamp.due(every_us)
