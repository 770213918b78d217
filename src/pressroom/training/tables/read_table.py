"""Reading a table: a file, or an Arrow table that somebody has; every column gets its kind."""

import re
from collections.abc import Mapping
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from pressroom.facts import BadBatch, cast_column, read_file
from pressroom.training.tables.column import Kind, Table, TableColumn, field_names
from pressroom.training.tables.text_column import typed_texts
from pressroom.values import InvalidInput

_UNIQUE = 0.95
_MANY = 50
_WORDS = 3.0
_ID = re.compile(r"(^|_)(id|ids|uuid|guid|key|number|no|nr|num|code|row|index)(_|$)")


def read_table(path: Path, *, zone: str | None = None) -> Table:
    """A CSV, Parquet, Arrow or JSON-lines file. Raises BadBatch, InvalidInput, naming the row and the column."""
    raw = read_file(path)
    if raw.broken:
        first = raw.broken[0]
        raise BadBatch(
            f"{path.name}, row {first.row}: {first.reason} ({len(raw.broken):,} such rows).",
            next_step="Mend these lines: a value that holds a comma stands in quotes.",
        )
    names = raw.table.column_names
    if len(names) == 1 and path.suffix.lower() == ".csv" and re.search(r"[;\t|]", names[0]):
        raise BadBatch(
            f"{path.name} has one column, called {names[0][:60]!r}: it is not separated by commas.",
            next_step="Save it with commas between the values, or as Parquet.",
        )
    return table_of(raw.table, source=path.name, zone=zone, as_text=raw.as_text)


def table_of(
    rows: pa.Table,
    *,
    source: str,
    zone: str | None = None,
    as_text: bool = False,
    labels: Mapping[str, tuple[str, ...]] | None = None,
) -> Table:
    """An Arrow table with a kind for each column. `as_text`: bytes in it are the text of a file; `labels` are what
    policy calls columns. Refuses a table without rows, and two columns of one name.
    """
    given = rows.column_names
    twice = sorted({name for name in given if given.count(name) > 1})
    if twice:
        raise InvalidInput(f"{source} has two columns {twice[0]!r}.", next_step="Rename one of them.")
    if not rows.num_rows:
        raise InvalidInput(f"{source} has no rows.", next_step="Give rows to learn from.")
    known = labels or {}
    columns = [
        _column(rows.column(place), given[place] or name, name, source, zone, as_text, known.get(given[place], ()))
        for place, name in enumerate(field_names(given))
    ]
    return Table(source=source, rows=rows.num_rows, columns=tuple(columns))


def _column(  # noqa: PLR0913  (what is known of it, and nothing else)
    values: "pa.ChunkedArray[pa.Scalar]",
    given: str,
    name: str,
    source: str,
    zone: str | None,
    as_text: bool,  # noqa: FBT001
    labels: tuple[str, ...],
) -> TableColumn:
    where = f"{source}, column {given!r}"
    if isinstance(values.type, pa.DictionaryType):
        values = values.cast(values.type.value_type)
    if as_text and pa.types.is_binary(values.type):
        values = _decoded(values, where)
    kind, values = _typed(values, where, zone)
    nulls = values.null_count
    distinct = int(pc.count_distinct(values, mode="only_valid").as_py()) if kind != "something else" else 0
    kind = _told_apart(kind, values, name, distinct)
    if kind == "whole number" and distinct == 2 and pc.min_max(values).as_py() == {"min": 0, "max": 1}:
        kind = "yes or no"
    return TableColumn(
        given=given, name=name, kind=kind, values=values, missing=nulls, distinct=distinct, labels=labels
    )


def _typed(
    values: "pa.ChunkedArray[pa.Scalar]", where: str, zone: str | None
) -> "tuple[Kind, pa.ChunkedArray[pa.Scalar]]":
    types, kind = pa.types, values.type
    if types.is_null(kind):
        return "empty", values.cast(pa.string())
    if types.is_boolean(kind):
        return "yes or no", values
    if types.is_integer(kind) and not types.is_uint64(kind):
        return "whole number", values.cast(pa.int64())
    if types.is_floating(kind) or types.is_decimal(kind) or types.is_integer(kind):
        return _numbers(values.cast(pa.float64(), safe=False), where)
    if types.is_date(kind):
        kind, values = pa.timestamp("us"), values.cast(pa.timestamp("us"))
    if types.is_timestamp(kind):
        if kind.tz is None and zone is None:
            return "instant without a zone", values
        return "instant", cast_column(values, "timestamp", zone=zone)[0]
    if types.is_string(kind) or types.is_large_string(kind) or types.is_string_view(kind):
        return typed_texts(values.cast(pa.string()), where=where, zone=zone)
    return "something else", values


def _numbers(values: "pa.ChunkedArray[pa.Scalar]", where: str) -> "tuple[Kind, pa.ChunkedArray[pa.Scalar]]":
    numbers = values.to_numpy()
    endless = np.isinf(numbers)
    if endless.any():
        raise InvalidInput(
            f"{where}, row {int(endless.argmax()) + 1}: infinity is no number to learn from.",
            next_step="Leave it empty, or write the largest number that it may be.",
        )
    made = pa.chunked_array([pa.array(numbers, from_pandas=True)])
    return ("empty" if made.null_count == len(made) else "number"), made


def _decoded(values: "pa.ChunkedArray[pa.Scalar]", where: str) -> "pa.ChunkedArray[pa.Scalar]":
    try:
        return values.cast(pa.string())
    except pa.ArrowInvalid:
        for row, value in enumerate(values.to_pylist(), start=1):
            try:
                (value or b"").decode()
            except UnicodeDecodeError as error:
                raise InvalidInput(
                    f"{where}, row {row}: {value!r} is no UTF-8 text.", next_step="Save the file as UTF-8."
                ) from error
        raise


def _told_apart(kind: Kind, values: "pa.ChunkedArray[pa.Scalar]", name: str, distinct: int) -> Kind:
    """Constants and identifiers among numbers; categories, texts and identifiers among texts."""
    told = len(values) - values.null_count
    if kind in ("empty", "something else", "instant without a zone", "date for people"):
        return kind
    if distinct <= 1 and not values.null_count:
        return "constant"
    unique = told >= _MANY and distinct > _UNIQUE * told
    if kind == "whole number":
        reach = pc.min_max(values).as_py()
        dense = reach["max"] - reach["min"] < 1.5 * distinct
        named = _ID.search(name) is not None and told >= _MANY and distinct > 0.2 * told
        return "identifier" if (unique and dense) or named else kind
    if kind != "text":
        return kind
    words = pc.mean(pc.count_substring(values, " ")).as_py() + 1.0
    if words >= _WORDS and distinct > 0.2 * told:
        return "text"
    named = _ID.search(name) is not None and told >= _MANY and distinct > 0.2 * told
    return "identifier" if unique or named else "category"
