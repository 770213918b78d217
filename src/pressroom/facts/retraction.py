"""Retractions: later facts about earlier ones. History is never edited; a fact is known to be wrong from an instant on.

In the log and in tables a retraction is a row that repeats what the wrong fact said, with the wrong fact's number in
the column `retracts` and its own `known`. A correction is a retraction and a new fact in one durable step.
"""

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from pressroom.facts.arrow import INSTANT, aligned, arrow_schema
from pressroom.facts.set_aside import SetAside
from pressroom.values import FactSchema

RETRACTS = "retracts"
UNTIL = "until"
_NUMBER = pa.field(RETRACTS, pa.int64())
ReadAll = Callable[[FactSchema], pa.Table]
"""Gives a fact type's rows with `seq` that are believed now."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Changes:
    """The rows to append for a correction or retraction, and the rows that found nothing to correct."""

    table: pa.Table
    set_aside: tuple[SetAside, ...]


def changes(said: pa.Table, fact: FactSchema, believed: pa.Table, *, renew: bool) -> Changes:
    """Retract the believed facts that have the keys and the event of a row in `said`; with `renew`, say the row
    instead.

    `said` has `event`, `known` and the keys, and with `renew` all fields.
    """
    names = ["event", *(field.name for field in fact.key_fields())]
    wanted = list(zip(*(said.column(name).to_pylist() for name in names), strict=True))
    first = names[1]
    near = believed.filter(pc.is_in(believed.column(first), value_set=said.column(first).combine_chunks()))
    places: dict[tuple[object, ...], list[int]] = {}
    for place, who in enumerate(zip(*(near.column(name).to_pylist() for name in names), strict=True)):
        places.setdefault(who, []).append(place)
    old = [(row, place) for row, who in enumerate(wanted) for place in places.get(who, [])]
    missing = [row for row, who in enumerate(wanted) if who not in places]
    wrong = near.take(pa.array([place for _, place in old], pa.int64()))
    known = said.column("known").take(pa.array([row for row, _ in old], pa.int64()))
    schema = arrow_schema(fact).append(_NUMBER)
    numbers = wrong.column("seq")
    retractions = aligned(wrong.set_column(wrong.schema.get_field_index("known"), "known", known), arrow_schema(fact))
    parts = [pa.Table.from_arrays([*retractions.columns, numbers], schema=schema)]
    if renew:
        renewed = [row for row, who in enumerate(wanted) if who in places]
        parts.append(aligned(said.take(pa.array(renewed, pa.int64())), schema))
    reason = "there is no such fact to correct: the same keys at the same event"
    aside = tuple(SetAside(row=row + 1, field=first, value=str(wanted[row][1]), reason=reason) for row in missing)
    return Changes(table=pa.concat_tables(parts), set_aside=aside)


def resolve(rows: pa.Table) -> pa.Table:
    """Rows as they lie in tables and log: retractions are taken out, and the facts they mean get `until`, the instant
    from which on they are known to be wrong. Without any retraction there is no such column.
    """
    if RETRACTS not in rows.column_names:
        return rows
    numbers = rows.column(RETRACTS)
    if numbers.null_count == rows.num_rows:
        return rows.drop_columns([RETRACTS])
    retracting = rows.filter(pc.is_valid(numbers)).sort_by("known")
    said = rows.filter(pc.is_null(numbers)).drop_columns([RETRACTS])
    _, earliest = np.unique(retracting.column(RETRACTS).to_numpy(), return_index=True)
    retracting = retracting.take(pa.array(earliest))
    found = pc.index_in(said.column("seq").combine_chunks(), value_set=retracting.column(RETRACTS).combine_chunks())
    until = retracting.column("known").combine_chunks().take(found)
    return said.append_column(pa.field(UNTIL, INSTANT), until)


def believed_at(rows: pa.Table, instant: pa.Scalar | None = None) -> pa.Table:
    """The rows, without `until`, that are not known to be wrong: at an instant, or at all."""
    if UNTIL not in rows.column_names:
        return rows
    until = rows.column(UNTIL)
    right = pc.is_null(until) if instant is None else pc.or_kleene(pc.is_null(until), pc.greater(until, instant))
    return rows.filter(right).drop_columns([UNTIL])
