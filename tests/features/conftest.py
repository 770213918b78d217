"""Facts in memory with a clock that stands still, and what asks them."""

from collections.abc import Mapping, Sequence

import pyarrow as pa
import pytest

from pressroom.backends.memory.keys import MemoryKeys
from pressroom.backends.memory.log import MemoryLog
from pressroom.backends.memory.records import MemoryRecords
from pressroom.backends.memory.tables import MemoryTables
from pressroom.facts import INSTANT, Batch, Fact, Facts, KnownRule, RawBatch, arrow_schema
from pressroom.features import Features, OnlineAnswers, Question, View
from pressroom.testing.clock import TurnedClock

NOW = "2013-06-01T00:00Z"


class Floor:
    """The facts and features of one workspace in memory."""

    def __init__(self) -> None:
        self.clock = TurnedClock(NOW)
        self.log, self.tables, self.keys = MemoryLog(), MemoryTables(), MemoryKeys()
        self.facts = Facts(log=self.log, tables=self.tables, records=MemoryRecords(), clock=self.clock)
        self.features = Features(facts=self.facts, keys=self.keys)
        self._batches = 0

    def append(self, fact: type[Fact], *rows: Mapping[str, object]) -> None:
        """Rows as mappings; `known` is the event where it is not said."""
        self._batches += 1
        schema = arrow_schema(fact.schema)
        full = [{"known": row["event"], **row} for row in rows]
        table = pa.table(
            {name: pa.array([row.get(name) for row in full], schema.field(name).type) for name in schema.names}
        )
        known = KnownRule(kind="column")
        raw = RawBatch(table=table)
        (receipt,) = self.facts.append(
            Batch(fact=fact.schema, raw=raw, known=known, source="test", batch=str(self._batches), repeats=True)
        )
        assert (receipt.appended, receipt.set_aside) == (len(rows), 0)

    def offline(self, question: Question, asked: Sequence[Mapping[str, object]]) -> list[dict[str, object]]:
        """The answers to rows of `as_of`, keys and request fields; instants as whole numbers."""
        table, _ = self.features.offline(question, spine_of(question, asked))
        assert table.column_names == [field.name for field in question.inputs()]
        columns = [_plain(column).to_pylist() for column in table.columns]
        return [dict(zip(table.column_names, row, strict=True)) for row in zip(*columns, strict=True)]

    def follow(self, *views: View) -> int:
        return self.features.follow(views)

    def online(self, question: Question) -> OnlineAnswers:
        return self.features.online(question)


def spine_of(question: Question, asked: Sequence[Mapping[str, object]]) -> pa.Table:
    columns = {"as_of": pa.array([row["as_of"] for row in asked], INSTANT)}
    kinds = {"float": pa.float64(), "int": pa.int64(), "bool": pa.bool_(), "string": pa.string(), "timestamp": INSTANT}
    for field in (*question.keys, *question.brought()):
        columns[field.name] = pa.array([row[field.name] for row in asked], kinds[field.type])
    return pa.table(columns)


def _plain(column: pa.ChunkedArray) -> pa.ChunkedArray:
    return column.cast(pa.int64()) if pa.types.is_timestamp(column.type) else column


@pytest.fixture
def floor() -> Floor:
    return Floor()


@pytest.fixture(scope="session")
def new_floor() -> type[Floor]:
    """For properties, which need a floor for each example."""
    return Floor
