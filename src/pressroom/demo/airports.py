"""Where airports keep their time."""

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from pressroom.demo.wall_clocks import Zones

HOME = "America/New_York"
HOME_AIRPORTS = ("EWR", "JFK", "LGA")
"""All flights leave from these; dates and departure times are on New York's clock."""

_UNLISTED = {
    "BQN": "America/Puerto_Rico",
    "PSE": "America/Puerto_Rico",
    "SJU": "America/Puerto_Rico",
    "STT": "America/Puerto_Rico",
}
"""Aguadilla, Ponce and San Juan, and Saint Thomas beside them, are no states and not in the list of airports. They keep
Atlantic time (UTC-4) all year; with it, their flights spend 20 to 30 minutes on the ground like everybody else's."""


def airport_zones(airports: pa.Table, places: pa.ChunkedArray) -> Zones:
    """The time zone of each of `places` (three-letter codes); unknown for an airport that is not listed."""
    listed = airports.filter(pc.is_valid(airports.column("tzone")))
    codes = [*listed.column("faa").to_pylist(), *_UNLISTED]
    zones = pa.array([*listed.column("tzone").to_pylist(), *_UNLISTED.values()], type=pa.string())
    # The first match counts: the list, where it speaks, comes before our own table.
    found = pc.take(zones, pc.index_in(places, value_set=pa.array(codes, type=pa.string())))
    coded = pc.dictionary_encode(found)
    coded = coded.combine_chunks() if isinstance(coded, pa.ChunkedArray) else coded
    return Zones(
        names=tuple(str(name) for name in coded.dictionary.to_pylist()),
        codes=np.asarray(coded.indices.fill_null(-1), dtype=np.int64),
    )
