"""The counter of the room: facts in, facts out."""

from collections.abc import Callable, Iterator, Sequence
from contextlib import suppress

import pyarrow as pa
import pyarrow.compute as pc

from pressroom.facts.append import Batch, Receipt, append, append_checked
from pressroom.facts.appended import APPENDED, Appended, find_noted
from pressroom.facts.aside_records import kept
from pressroom.facts.compact import KEEP_US, MANY_PARTS, compact
from pressroom.facts.errors import Moved
from pressroom.facts.mend import Mending, mend, to_mend
from pressroom.facts.pieces import pieces
from pressroom.facts.quality import QUALITY, Measure, declared, freshness, newest
from pressroom.facts.read import FactVersion, read, version_of
from pressroom.facts.retraction import believed_at
from pressroom.facts.set_aside import SetAsideBatch
from pressroom.facts.settle import held, settle
from pressroom.ports import Clock, Log, NoSpace, Records, Stored, Tables
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
        return append(
            batches,
            log=self._log,
            records=self._records,
            believed=lambda fact: self.read(fact)[0],
            now=self._clock.now(),
        )

    def noted(self, receipt: Receipt) -> Appended | None:
        """What became of a repeated batch when it came first; None where nobody wanted that noted."""
        rows, _ = self.read(APPENDED)
        return find_noted(rows, fact=receipt.fact, source=receipt.source, batch=receipt.batch)

    def append_checked(self, tables: Sequence[tuple[FactSchema, pa.Table]]) -> int:
        """Append facts that the caller made itself, of several types in one durable step; how many."""
        return append_checked(tables, log=self._log)

    def read(self, fact: FactSchema, columns: Sequence[str] | None = None) -> tuple[pa.Table, FactVersion]:
        """Every fact of a type that is believed now, unordered, and which version of it that is."""
        rows, version = self.history(fact, columns)
        return believed_at(rows), version

    def history(self, fact: FactSchema, columns: Sequence[str] | None = None) -> tuple[pa.Table, FactVersion]:
        """Every fact of a type, also those known to be wrong by now: since when, `until` says, a column that is missing
        where there is no such fact.
        """
        return read(fact, tables=self._tables, log=self._log, columns=columns)

    def pieces(self, fact: FactSchema, columns: Sequence[str]) -> tuple[FactVersion, Iterator[pa.Table]]:
        """A fact type's version, and its rows (also retractions, as rows with `retracts`) a piece at a time. Raises
        Moved while they are taken.
        """
        return pieces(fact, columns, tables=self._tables, log=self._log)

    def count(self, fact: FactSchema) -> int:
        """How many rows of a fact type there are, retractions too."""
        while True:
            with suppress(Moved):
                return sum(piece.num_rows for piece in self.pieces(fact, [])[1])

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
        """Move facts from the log into the tables; how many of each type.

        A table that has gathered many small parts by that is compacted; if there is no room for it now, another time.
        """
        moved = settle(tables=self._tables, log=self._log, records=self._records)
        for name in moved:
            with suppress(NoSpace):
                done = compact(name, tables=self._tables, least=MANY_PARTS)
                if done is not None and done.taken_parts:
                    self._tables.vacuum(name, keep_us=KEEP_US)
        return moved

    def trim(self, position: int) -> None:
        """Let go of the log before `position`, as far as the tables hold it."""
        self._log.trim(held(position, tables=self._tables, log=self._log))

    def set_aside(self, fact: str = "") -> list[SetAsideBatch]:
        """What was set aside, of one fact or of all; also batches of which every row was mended since."""
        return kept(self._records, fact)

    def to_mend(self, fact: str, batch: str, *, source: str = "") -> Mending:
        """The rows of a batch that are set aside, as they stood, with their numbers. Raises UnknownBatch."""
        return to_mend(self._records, fact, batch, source)

    def mend(self, batch: Batch, *, of: str) -> Receipt:
        """Append mended rows of a batch, each exactly once. Raises UnknownBatch, BadBatch."""
        return mend(
            batch,
            of,
            log=self._log,
            records=self._records,
            believed=lambda fact: self.read(fact)[0],
            now=self._clock.now(),
        )

    def quality(self, fact: FactSchema) -> list[Measure]:
        """Every check that a fact declares, with its newest measure; how fresh it is, as of now."""
        measures, _ = self.read(QUALITY)
        return newest(fact, measures, newest_event=self._newest_event(fact), now=self._clock.now())

    def fresh(self, fact: FactSchema) -> list[Measure]:
        """How fresh a fact is, as of now, if it declares how fresh it is to be."""
        checks = [check for check in declared(fact) if check.check == "fresh"]
        return [freshness(check, self._newest_event(fact), self._clock.now()) for check in checks]

    def _newest_event(self, fact: FactSchema) -> Instant | None:
        events, _ = self.read(fact, ["event", "known"])
        return pc.max(events.column("event").cast(pa.int64())).as_py()
