"""Rebuilding packed rows from facts: for a new view, and for entities about whom something was retracted."""

import pyarrow as pa
import pyarrow.compute as pc

from pressroom.facts import UNTIL, believed_at, key_column
from pressroom.features.arrivals import by_entity
from pressroom.features.packed import add, seal
from pressroom.features.stream import Stream
from pressroom.values import Instant


def rebuilt(stream: Stream, history: pa.Table, now: Instant) -> dict[bytes, bytes]:
    """The packed rows of all entities in `history`, made from the facts that are believed.

    A row leaves out what is known to be wrong, so it answers exactly from the newest retraction on; and it counts every
    fact in `history` as applied, so that those that come again from the log are not taken a second time.
    """
    history = history.sort_by("seq")
    parts = by_entity(stream, believed_at(history))
    rows = {key: add(stream, None, records, now=now, heap=heap) for key, records, heap in parts}
    if UNTIL not in history.column_names:
        return rows
    wrong = history.filter(pc.is_valid(history.column(UNTIL)))
    entities = key_column(wrong, stream.by).to_pylist()
    instants = wrong.column(UNTIL).cast(pa.int64()).to_pylist()
    for entity, until, seq in zip(entities, instants, wrong.column("seq").to_pylist(), strict=True):
        if entity is not None:
            key = stream.prefix + entity.encode()
            rows[key] = seal(rows.get(key), exact_from=until, applied_seq=seq)
    return rows
