"""A raw batch against its fact's schema: what may be appended, and what is set aside and why. Pure."""

import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

from pressroom.facts.arrow import INSTANT, arrow_schema
from pressroom.facts.cast_column import Misfit
from pressroom.facts.cast_field import cast_column_to_field
from pressroom.facts.errors import BadBatch, did_you_mean
from pressroom.facts.known import KnownRule
from pressroom.facts.set_aside import SetAside
from pressroom.values import FactSchema, FieldSchema, Instant

_EVENT = FieldSchema(name="event", type="timestamp")
_KNOWN = FieldSchema(name="known", type="timestamp")
_MIX = np.int64(-7_046_029_254_386_353_131)
"""An odd number with many bits: products with it differ as their factors do."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Checked:
    """A batch after checking: the right rows, in their order, and the others. `places` says where the right rows stood
    in the batch, from 0.
    """

    table: pa.Table
    set_aside: tuple[SetAside, ...]
    places: npt.NDArray[np.int64]


def check(  # noqa: PLR0913  (all that is said about a batch, by name)
    raw: pa.Table,
    fact: FactSchema,
    *,
    known: KnownRule,
    now: Instant,
    zone: str | None = None,
    repeats: bool = False,
    as_text: bool = False,
) -> Checked:
    """Read `raw` as facts; with `as_text`, the bytes in it are the text of a file.

    A column nobody declared, or a required one that is missing, refuses the whole batch; a wrong value, a missing key
    or a row that says the same as an earlier one (unless `repeats`) sets its row aside.
    """
    _check_columns(raw, fact, known)
    rejected: dict[int, SetAside] = {}
    columns: list[pa.ChunkedArray] = []
    names = set(raw.column_names)
    expected = [_EVENT, *([_KNOWN] if known.kind == "column" else []), *fact.fields]
    for field in expected:
        if field.name not in names:
            columns.append(pa.chunked_array([pa.nulls(raw.num_rows, arrow_schema(fact).field(field.name).type)]))
            continue
        cast, misfits = cast_column_to_field(raw.column(field.name), field, zone=zone, as_text=as_text)
        _reject(cast, field, misfits, rejected)
        columns.append(cast)
    if known.kind != "column":
        columns.insert(1, _known_column(columns[0], known, now))
    table = pa.Table.from_arrays(columns, schema=arrow_schema(fact))
    if not repeats:
        _find_repeats(table, fact, rejected)
    right = np.ones(table.num_rows, dtype=bool)
    if rejected:
        right[list(rejected)] = False
        table = table.filter(pa.array(right))
    return Checked(
        table=table, set_aside=tuple(rejected[row] for row in sorted(rejected)), places=np.flatnonzero(right)
    )


def _check_columns(raw: pa.Table, fact: FactSchema, known: KnownRule) -> None:
    allowed = {"event", *(["known"] if known.kind == "column" else []), *(field.name for field in fact.fields)}
    names = raw.column_names
    for name in names:
        if name not in allowed:
            raise BadBatch(
                f"{fact.name} has no field {name!r}.",
                next_step=f"{did_you_mean(name, allowed)} Rename or drop the column, or declare the field.",
            )
    if len(set(names)) != len(names):
        raise BadBatch("Two columns have the same name.", next_step="Give every column a name of its own.")
    needed = ["event", *(["known"] if known.kind == "column" else [])]
    needed += [field.name for field in fact.fields if not field.optional]
    for name in needed:
        if name not in names:
            raise BadBatch(
                f"The column {name!r} of {fact.name} is missing.",
                next_step=f"There are: {', '.join(names) or 'none'}. Add the column or declare it optional.",
            )


def _reject(
    cast: pa.ChunkedArray, field: FieldSchema, misfits: Sequence[Misfit], rejected: dict[int, SetAside]
) -> None:
    """Note the rows whose value does not fit the field, or is missing where one must be."""
    for misfit in misfits:
        reason = f"expected {misfit.expected}"
        rejected.setdefault(
            misfit.row, SetAside(row=misfit.row + 1, field=field.name, value=misfit.value, reason=reason)
        )
    if cast.null_count and not field.optional:
        what = "the key is missing" if field.entity else "the value is missing"
        for row in np.flatnonzero(pc.is_null(cast).to_numpy()):
            rejected.setdefault(int(row), SetAside(row=int(row) + 1, field=field.name, value="", reason=what))


def _known_column(event: pa.ChunkedArray, known: KnownRule, now: Instant) -> pa.ChunkedArray:
    if known.kind == "now":
        return pa.chunked_array([pa.array(np.full(len(event), now, dtype=np.int64)).cast(INSTANT)])
    return pc.add(event.cast(pa.int64()), known.delay_us).cast(INSTANT)


def _find_repeats(table: pa.Table, fact: FactSchema, rejected: dict[int, SetAside]) -> None:
    """Right rows equal to an earlier one in all they say. Only those that share instant and first key are compared."""
    candidates = _sharing_rows(table, fact.key_fields()[0].name)
    if rejected:
        candidates = candidates[~np.isin(candidates, list(rejected))]
    if not len(candidates):
        return
    first: dict[tuple[object, ...], int] = {}
    names = ["event", *(field.name for field in fact.fields)]
    columns = [_comparable(table.column(name).take(pa.array(candidates))) for name in names]
    for row, said in zip(candidates, zip(*columns, strict=True), strict=True):
        earlier = first.setdefault(said, int(row))
        if earlier != row:
            reason = "says the same as an earlier row"
            rejected.setdefault(
                int(row), SetAside(row=int(row) + 1, field="", value=f"row {earlier + 1}", reason=reason)
            )


def _comparable(column: pa.ChunkedArray) -> list[object]:
    values = column.to_pylist()
    if pa.types.is_floating(column.type):
        return ["NaN" if isinstance(value, float) and math.isnan(value) else value for value in values]
    return [value and tuple(value) for value in values] if pa.types.is_list(column.type) else values


def _sharing_rows(table: pa.Table, key: str) -> npt.NDArray[np.int64]:
    """The rows whose instant and key another has too; by chance a few more, since both are mixed into one number."""
    codes = table.column(key).combine_chunks().dictionary_encode().indices
    event = table.column("event").cast(pa.int64())
    mixed = _filled(event) * _MIX + _filled(codes)
    ordered = np.sort(mixed)
    shared = ordered[1:][ordered[1:] == ordered[:-1]]
    return np.flatnonzero(np.isin(mixed, shared)) if len(shared) else shared


def _filled(numbers: pa.Array | pa.ChunkedArray) -> npt.NDArray[np.int64]:
    return (numbers.fill_null(-1) if numbers.null_count else numbers).to_numpy()
