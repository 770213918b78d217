"""Given rows: a spine that somebody has as a table or file already, asked row for row."""

from collections.abc import Mapping
from functools import cached_property
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

from pressroom.facts import (
    ARROW,
    INSTANT,
    Bool,
    FieldReference,
    Float,
    Int,
    Key,
    String,
    Timestamp,
    cast_column,
    did_you_mean,
    entity_name,
)
from pressroom.features.errors import BadSpine
from pressroom.values import Columns, Digest, FactSchema, FieldSchema, FieldType, digest_parts

_REFERENCES: dict[FieldType, type[FieldReference]] = {
    "int": Int, "float": Float, "bool": Bool, "string": String, "timestamp": Timestamp,
}  # fmt: skip
_AT_ONCE = 1 << 18


class GivenRows:
    """Rows that ask, one for one and in their own order. Make them with `spine`.

    `fact` describes the columns that can be spoken of, as if the rows were facts of a type; `rows["distance"]` is a
    reference to one. Columns of other types come along untouched. `labels` are all that policy calls its columns.
    """

    def __init__(
        self,
        columns: pa.Table | Path,
        *,
        as_of: str,
        keys: Mapping[str, str],
        zone: str | None,
        labels: Mapping[str, tuple[str, ...]],
    ) -> None:
        """Take columns or a Parquet file; `keys` names the entity of each key column."""
        self._columns = columns
        self._zone = zone
        self.instant = as_of
        self.labels = tuple(sorted({label for given in labels.values() for label in given}))
        schema = _schema_of(columns) if isinstance(columns, Path) else columns.schema
        for name in (as_of, *keys, *labels):
            if name not in schema.names:
                raise BadSpine(f"The rows have no column {name!r}.", next_step=did_you_mean(name, schema.names))
        twice = sorted({name for name in schema.names if schema.names.count(name) > 1})
        if twice:
            raise BadSpine(f"The rows have two columns {twice[0]!r}.", next_step="Rename one of them.")
        self.names = tuple(schema.names)
        fields = [_field(column, keys.get(column.name), labels.get(column.name, ())) for column in schema]
        self.fact = FactSchema(name="given_rows", doc="Rows as they were given.", fields=tuple(filter(None, fields)))

    def __getitem__(self, name: str) -> FieldReference:
        """The column called `name`, to ask for it, to go by it, or to learn it."""
        found = self.fact.field(name)
        if found is None:
            known = [field.name for field in self.fact.fields]
            why = "is of a type that nothing can be asked of" if name in self.names else "is not there"
            raise BadSpine(f"The column {name!r} {why}.", next_step=did_you_mean(name, known))
        kind = Key if found.entity is not None else _REFERENCES[found.type]
        return kind(self.fact, found)

    @cached_property
    def digest(self) -> Digest:
        """The identity of every value in every row, however the columns are cut into chunks."""
        parts: list[bytes | str] = [self.instant, self._zone or ""]
        table = self._table()
        for name in table.column_names:
            parts += [name, str(table.schema.field(name).type)]
        for start in range(0, table.num_rows, _AT_ONCE):
            piece = table.slice(start, _AT_ONCE)
            parts += [digest_parts(contents_of(column)) for column in piece.columns]
        return digest_parts(parts)

    def words(self) -> str:
        """The spine as a phrase."""
        source = f" in {self._columns.name}" if isinstance(self._columns, Path) else ""
        return f"{self._table().num_rows:,} given rows{source} at their {self.instant}"

    def rows(self) -> pa.Table:
        """All columns as they are, and `as_of` and the keys in the types in which they ask, in front.

        Raises BadSpine, which names the first row that can't ask.
        """
        table = self._table()
        asking = {"as_of": self._typed(table, self.instant, "timestamp")}
        nulls = asking["as_of"].null_count
        if nulls:
            row = pc.index(pc.is_null(asking["as_of"]), value=True).as_py()
            raise BadSpine(
                f"{nulls:,} rows have no {self.instant}; the first is row {row}.",
                next_step="Every row asks as of an instant: leave these rows out, or say when they ask.",
            )
        for field in self.fact.key_fields():
            asking[field.name] = self._typed(table, field.name, field.type)
        rest = {name: table.column(name) for name in table.column_names if name not in asking}
        return pa.table({**asking, **rest})

    def as_given(self) -> pa.Table:
        """The columns as they were given."""
        return self._table()

    def _table(self) -> pa.Table:
        return pq.read_table(self._columns) if isinstance(self._columns, Path) else self._columns

    def _typed(self, table: pa.Table, name: str, kind: FieldType) -> pa.ChunkedArray:
        column = table.column(name)
        if kind == "string" and pa.types.is_integer(column.type):
            column = column.cast(pa.string())
        fitting, misfits = cast_column(column, kind, zone=self._zone)
        if misfits:
            first = misfits[0]
            raise BadSpine(
                f"Row {first.row}: {name} is {first.value!r}, which is not {first.expected}.",
                next_step="Give instants with a zone (or name theirs with zone=...), and keys as text."
                if kind == "timestamp"
                else "Give keys as text.",
            )
        return fitting.cast(INSTANT) if kind == "timestamp" else fitting


def spine(
    rows: Columns | Path | str,
    *,
    as_of: str,
    keys: Mapping[str, object],
    zone: str | None = None,
    labels: Mapping[str, tuple[str, ...]] | None = None,
) -> GivenRows:
    """Ask of rows as they are given: a table of pyarrow, pandas, Polars, DuckDB ..., or the path of a Parquet file.

    `as_of` names the column of the instants as of which the rows ask: with a zone, or naive and local to `zone`; a
    naive one is refused otherwise. `keys` says which columns name which entity: `{"tail": Aircraft}`. `labels` are
    what policy calls columns: `{"email": ("pii",)}`. Rows come out one for one, in their order, otherwise untouched.
    """
    columns = Path(rows) if isinstance(rows, str | Path) else pa.table(rows)
    named = {column: entity_name(entity) for column, entity in keys.items()}
    return GivenRows(columns, as_of=as_of, keys=named, zone=zone, labels=labels or {})


def _schema_of(path: Path) -> pa.Schema:
    try:
        return pq.read_schema(path)
    except (OSError, pa.ArrowException) as error:
        raise BadSpine(f"{path} can't be read as Parquet: {error}.", next_step="Name a Parquet file.") from error


def _field(column: pa.Field, entity: str | None, labels: tuple[str, ...]) -> FieldSchema | None:
    """What a column is called in questions; None for a type that no question knows."""
    kind: FieldType | None = "string" if entity is not None else _type_of(column.type)
    if kind is None:
        return None
    return FieldSchema(name=column.name, type=kind, optional=True, entity=entity, labels=labels)


def _type_of(kind: pa.DataType) -> FieldType | None:
    if isinstance(kind, pa.DictionaryType):
        return _type_of(kind.value_type)
    tests: tuple[tuple[FieldType, bool], ...] = (
        ("int", pa.types.is_integer(kind)),
        ("float", pa.types.is_floating(kind)),
        ("bool", pa.types.is_boolean(kind)),
        ("string", pa.types.is_string(kind) or pa.types.is_large_string(kind) or pa.types.is_string_view(kind)),
        ("timestamp", pa.types.is_timestamp(kind) and kind.tz is not None),
    )
    return next((name for name, holds in tests if holds), None)


def as_asked(rows: pa.Table, field: FieldSchema) -> pa.ChunkedArray:
    """A request field of given rows in the type in which models take it."""
    column = rows.column(field.name)
    return column if column.type == ARROW[field.type] else column.cast(ARROW[field.type])


def contents_of(column: pa.ChunkedArray) -> list[bytes]:
    """A column's values in one form: which are null, and the others, without what lies under nulls."""
    nulls = np.packbits(pc.is_null(column).to_numpy(zero_copy_only=False)).tobytes()
    if isinstance(column.type, pa.DictionaryType):
        column = column.cast(column.type.value_type)
    if pa.types.is_boolean(column.type):
        column = column.cast(pa.int8())
    values = pa.table({"": pa.chunked_array([column.drop_null().combine_chunks()], column.type)})
    sink = pa.BufferOutputStream()
    with pa.ipc.new_stream(sink, values.schema) as writer:
        writer.write_table(values)
    return [nulls, sink.getvalue().to_pybytes()]
