"""The flights of the demo, several times over: every key with #0, #1 ... behind it, each fact and each row as often."""

from pathlib import Path

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

from pressroom.demo.definitions import Departure, Landing, WeatherObserved, late_arrival
from pressroom.demo.flights import flight_facts

_KEYS = ("flight", "tail", "origin", "dest", "carrier")
_COLUMNS = {
    Departure.schema.name: ("event", "known", "origin", "delay"),
    Landing.schema.name: ("event", "known", "tail", "delay"),
    WeatherObserved.schema.name: ("event", "known", "origin", "temp", "wind_speed", "precip", "visib", "pressure"),
}
SPINE = "scheduled"


def tables(times: int) -> dict[str, pa.Table]:
    """What the three view groups read, with `seq`, and the spine (`tail`, `origin`, `as_of`), `times` times over."""
    facts = flight_facts()
    read = dict(zip(_COLUMNS, (facts.departures, facts.landings, facts.weather), strict=True))
    found = {name: _with_seq(_times(read[name].select(list(columns)), times)) for name, columns in _COLUMNS.items()}
    as_of = pc.subtract(facts.scheduled.column("departs").cast(pa.int64()), late_arrival.spine.before_us)
    spine = facts.scheduled.select(["tail", "origin"]).append_column("as_of", as_of.cast(pa.timestamp("us", "UTC")))
    return {**found, SPINE: _times(spine, times)}


def write(found: dict[str, pa.Table], folder: Path) -> None:
    """Keep tables as Arrow files in `folder`, for other processes."""
    folder.mkdir(parents=True)
    for name, table in found.items():
        with pa.ipc.new_file(folder / name, table.schema) as writer:
            writer.write_table(table)


def read(folder: Path) -> dict[str, pa.Table]:
    """The tables in `folder`, in memory."""
    found: dict[str, pa.Table] = {}
    for path in sorted(folder.iterdir()):
        with pa.OSFile(str(path)) as file:
            found[path.name] = pa.ipc.open_file(file).read_all()
    return found


def _times(table: pa.Table, times: int) -> pa.Table:
    """Row by row: each stands `times` times before the next one follows, so that times of day stay in order."""
    if times == 1:
        return table
    rows = np.repeat(np.arange(table.num_rows), times)
    marks = _marks(table.num_rows, times)
    columns = {
        name: pc.binary_join_element_wise(column.take(pa.array(rows)), marks, "")
        if name in _KEYS
        else column.take(pa.array(rows))
        for name, column in zip(table.column_names, table.columns, strict=True)
    }
    return pa.table(columns, schema=table.schema).combine_chunks()


def _marks(rows: int, times: int) -> pa.Array:
    codes: npt.NDArray[np.int32] = np.tile(np.arange(times, dtype=np.int32), rows)
    return pa.DictionaryArray.from_arrays(codes, [f"#{copy}" for copy in range(times)]).cast(pa.string())


def _with_seq(table: pa.Table) -> pa.Table:
    return table.append_column("seq", pa.array(np.arange(table.num_rows)))
