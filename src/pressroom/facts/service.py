"""The counter of the room: facts in, facts out."""

from collections.abc import Callable, Sequence

import pyarrow as pa

from pressroom.facts import set_aside as set_aside_rows
from pressroom.facts.append import Batch, Receipt, append, append_checked
from pressroom.facts.read import FactVersion, read, version_of
from pressroom.facts.settle import held, settle
from pressroom.ports import Clock, Log, Records, Stored, Tables
from pressroom.values import FactSchema, Instant


class Facts:
    """Appends and reads the facts of one workspace."""

    def __init__(self, *, log: Log, tables: Tables, records: Records, clock: Clock) -> None:
        """Work on these backends."""
        self._log = log
        self._tables = tables
        self._records = records
        self._clock = clock

    def append(self, *batches: Batch) -> list[Receipt]:
        """Append batches, each exactly once, all in one durable step; wrong rows are set aside."""
        return append(batches, log=self._log, records=self._records, now=self._clock.now())

    def append_checked(self, tables: Sequence[tuple[FactSchema, pa.Table]]) -> int:
        """Append facts that the caller made itself, of several types in one durable step; how many."""
        return append_checked(tables, log=self._log)

    def read(self, fact: FactSchema, columns: Sequence[str] | None = None) -> tuple[pa.Table, FactVersion]:
        """Every fact of a type, unordered, and which version of it that is."""
        return read(fact, tables=self._tables, log=self._log, columns=columns)

    def version(self, fact: FactSchema) -> FactVersion:
        """Which version of a fact type a reader would see now."""
        return version_of(fact, tables=self._tables, log=self._log)

    def follow(self, position: int, each: Callable[[Stored], None]) -> int:
        """Hand every entry of the log from `position` on to `each`; where to go on next time."""
        for stored in self._log.read(position):
            each(stored)
            position = stored.next_position
        return position

    def log_end(self) -> int:
        """Where the next append will start."""
        return self._log.last()

    def log_start(self) -> int:
        """Where the oldest entry still in the log starts."""
        return self._log.first()

    def now(self) -> Instant:
        """What the clock shows."""
        return self._clock.now()

    def settle(self) -> dict[str, int]:
        """Move facts from the log into the tables; how many of each type."""
        return settle(tables=self._tables, log=self._log, records=self._records)

    def trim(self, position: int) -> None:
        """Let go of the log before `position`, as far as the tables hold it."""
        self._log.trim(held(position, tables=self._tables, log=self._log))

    def set_aside(self, fact: str = "") -> list[set_aside_rows.SetAsideBatch]:
        """What was set aside, of one fact or of all."""
        return set_aside_rows.kept(self._records, fact)
