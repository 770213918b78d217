"""What became of batches, as facts: so that a batch that is sent again is answered with what became of the first."""

from dataclasses import dataclass

import pyarrow as pa
import pyarrow.compute as pc

from pressroom.facts.arrow import rows_as_facts
from pressroom.values import FactSchema, FieldSchema, Instant

APPENDED = FactSchema(
    name="appended",
    doc="A batch was appended whose sender wanted that noted.",
    fields=(
        FieldSchema(name="fact", type="string", entity="fact", doc="which fact type"),
        FieldSchema(name="source", type="string", doc="who sent the batch"),
        FieldSchema(name="batch", type="string", doc="which batch"),
        FieldSchema(name="content", type="string", doc="what stands for the rows that were sent"),
        FieldSchema(name="rows", type="int", doc="how many rows went in"),
        FieldSchema(name="set_aside", type="int", doc="how many rows were set aside"),
    ),
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Appended:
    """What became of a batch when it came first."""

    content: str
    rows: int
    set_aside: int
    at: Instant


def noted(  # noqa: PLR0913  (the fields of a fact, by name)
    *, fact: str, source: str, batch: str, content: str, rows: int, set_aside: int, now: Instant
) -> pa.Table:
    """The note about a batch, as a row of APPENDED."""
    said = {"fact": fact, "source": source, "batch": batch, "content": content, "rows": rows, "set_aside": set_aside}
    return rows_as_facts(APPENDED, [{"event": now, "known": now, **said}])


def find_noted(rows: pa.Table, *, fact: str, source: str, batch: str) -> Appended | None:
    """The note about a batch among rows of APPENDED; None where nobody wanted one."""
    mine = rows.filter(
        pc.and_(
            pc.equal(rows.column("batch"), batch),
            pc.and_(pc.equal(rows.column("fact"), fact), pc.equal(rows.column("source"), source)),
        )
    )
    if not mine.num_rows:
        return None
    (first,) = mine.slice(0, 1).select(["content", "rows", "set_aside"]).to_pylist()
    return Appended(at=mine.column("event").cast(pa.int64())[0].as_py(), **first)
