"""Columns put together as the rows of a fact, sorted by when they happened."""

import numpy as np
import pyarrow as pa

from pressroom.demo.wall_clocks import MINUTE_US, Mask, Minutes

_INSTANT = pa.timestamp("us", tz="UTC")


def instants(minutes: Minutes) -> pa.Array:
    """Minutes since 1970 in UTC as Arrow timestamps."""
    return pa.array(minutes * MINUTE_US).view(_INSTANT)


def fact_table(
    rows: pa.Table,
    flight: pa.Array,
    *,
    event: Minutes,
    known: Minutes,
    columns: dict[str, pa.Array | pa.ChunkedArray],
    kept: Mask,
) -> pa.Table:
    """The kept rows as a fact about flights, sorted by `event` and otherwise in the order of the file.

    In front of `columns` stand both times and who and where: flight, tail (null where none is stated), origin, dest,
    carrier.
    """
    table = pa.table(
        {
            "event": instants(event),
            "known": instants(known),
            "flight": flight,
            "tail": rows.column("tailnum"),
            "origin": rows.column("origin"),
            "dest": rows.column("dest"),
            "carrier": rows.column("carrier"),
            **columns,
        }
    )
    return table.take(pa.array(by_time(event, kept)))


def by_time(event: Minutes, kept: Mask) -> Minutes:
    """The places of the kept rows, earliest event first; rows of the same minute stay in their order."""
    places = np.flatnonzero(kept)
    return places[np.argsort(event[places], kind="stable")]
