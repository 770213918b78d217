"""One fact type with a field of every kind, and a counter in memory."""

from collections.abc import Callable
from pathlib import Path
from types import SimpleNamespace

import pyarrow as pa
import pytest

from pressroom.backends.memory.log import MemoryLog
from pressroom.backends.memory.records import MemoryRecords
from pressroom.backends.memory.tables import MemoryTables
from pressroom.facts import Batch, Bool, Entity, Fact, Facts, Float, Int, Key, KnownRule, RawBatch, String, Timestamp
from pressroom.facts import field as say
from pressroom.testing.clock import TurnedClock


class Plane(Entity):
    """One aircraft."""


class Landing(Fact):
    """A plane landed."""

    tail: Key[Plane]
    delay: Float = say(optional=True, unit="min")
    seats: Int = say(optional=True)
    smooth: Bool = say(optional=True)
    gate: String = say(optional=True)
    planned: Timestamp = say(optional=True)


@pytest.fixture(scope="session")
def landing() -> type[Fact]:
    return Landing


@pytest.fixture
def desk() -> SimpleNamespace:
    """A counter (`facts`) and the backends behind it."""
    log, tables, records, clock = MemoryLog(), MemoryTables(), MemoryRecords(), TurnedClock("2013-06-01T00:00Z")
    facts = Facts(log=log, tables=tables, records=records, clock=clock)
    return SimpleNamespace(facts=facts, log=log, tables=tables, records=records, clock=clock)


@pytest.fixture(scope="session")
def batch_of() -> Callable[..., Batch]:
    """`batch_of(table, known="event", ...)`: a batch of landings, or of another fact."""

    def make(table: pa.Table | RawBatch, **more: object) -> Batch:
        raw = table if isinstance(table, RawBatch) else RawBatch(table=table)
        known = KnownRule.parse(str(more.pop("known", "event")))
        return Batch(**{"fact": Landing.schema, "source": "test", **more, "raw": raw, "known": known})

    return make


@pytest.fixture
def file(tmp_path: Path) -> Callable[[str, str | bytes], Path]:
    """`file(name, content)`: a file with this content."""

    def write(name: str, content: str | bytes) -> Path:
        path = tmp_path / name
        path.write_bytes(content.encode() if isinstance(content, str) else content)
        return path

    return write
