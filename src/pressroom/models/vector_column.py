"""A column of vectors (n, length), from lists as rows bring them and from Arrow, every row checked.

A vector has as many numbers as its field says, all of them finite: one NaN would make every product with it NaN, and
nobody would see which. A vector that is not there is null, a row of NaN.
"""

from collections.abc import Sequence
from typing import Any

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

from pressroom.models.refusal import unwanted_null, wrong_type, wrong_vector
from pressroom.models.signature import Floats, length_of
from pressroom.values import FieldSchema


def vector_column(field: FieldSchema, values: "Sequence[object] | npt.NDArray[Any]") -> Floats:
    """From one list of numbers, or None, for each row; or from a matrix, in which a row of NaN is null.

    Raises SignatureMismatch naming row and field.
    """
    length = length_of(field)
    if isinstance(values, np.ndarray) and values.dtype != np.object_:
        return _of_matrix(field, values, length)
    made = np.empty((len(values), length))
    for place, value in enumerate(values):
        if value is None:
            if not field.optional:
                raise unwanted_null(field, place)
            made[place] = np.nan
        else:
            made[place] = _numbers(field, value, length, place)
    return made


def vectors_of_lists(field: FieldSchema, values: "pa.ChunkedArray[Any]") -> Floats:
    """From an Arrow column of lists. Raises SignatureMismatch naming row and field."""
    kind, types, length = values.type, pa.types, length_of(field)
    if types.is_null(kind):
        if len(values) and not field.optional:
            raise unwanted_null(field, 0)
        return null_vectors(field, len(values))
    if not is_list(kind) or not (types.is_floating(kind.value_type) or types.is_integer(kind.value_type)):
        raise wrong_type(field, kind)
    whole = values.combine_chunks()
    lists: Any = whole.combine_chunks() if isinstance(whole, pa.ChunkedArray) else whole
    there: npt.NDArray[np.bool_] = np.asarray(lists.is_valid(), dtype=np.bool_)
    if lists.null_count and not field.optional:
        raise unwanted_null(field, there.tolist().index(False))
    known = lists.drop_null()
    lengths: list[int] = pc.list_value_length(known).to_pylist()
    places = np.flatnonzero(there)
    wrong = next((place for place, found in enumerate(lengths) if found != length), None)
    if wrong is not None:
        raise wrong_vector(field, f"has {lengths[wrong]} numbers", int(places[wrong]))
    made = np.full((len(values), length), np.nan)
    numbers = known.flatten().cast(pa.float64(), safe=False).to_numpy(zero_copy_only=False)
    made[there] = _finite(field, numbers.reshape(-1, length), places)
    return made


def is_list(kind: pa.DataType) -> bool:
    """Whether an Arrow type is of lists."""
    return pa.types.is_list(kind) or pa.types.is_large_list(kind) or pa.types.is_fixed_size_list(kind)


def arrow_vectors(column: Floats) -> "pa.Array[Any]":
    """The Arrow column of vectors; the bytes under a null are the same everywhere."""
    null = np.asarray(np.isnan(column).all(axis=1), dtype=np.bool_)
    flat = np.where(null[:, None], 0.0, column).ravel()
    return pa.FixedSizeListArray.from_arrays(pa.array(flat), column.shape[1], mask=pa.array(null))


def from_arrow_vectors(values: "pa.ChunkedArray[Any]") -> Floats:
    """What `arrow_vectors` made."""
    length = values.type.list_size
    made = np.full((len(values), length), np.nan)
    there = np.asarray(values.is_valid(), dtype=np.bool_)
    made[there] = np.asarray(values.drop_null().combine_chunks().flatten()).reshape(-1, length)
    return made


def null_vectors(field: FieldSchema, count: int) -> Floats:
    """Null in every row."""
    return np.full((count, length_of(field)), np.nan)


def _of_matrix(field: FieldSchema, values: "npt.NDArray[Any]", length: int) -> Floats:
    if values.ndim != 2 or values.shape[1] != length:
        numbers = values.shape[1] if values.ndim == 2 else 1
        raise wrong_vector(field, f"has {numbers} numbers", 0)
    column = np.asarray(values, dtype=np.float64)
    fits = np.isfinite(column).all(axis=1)
    if fits.all():
        return column
    null = np.isnan(column).all(axis=1)
    if (null & (not field.optional)).any():
        raise unwanted_null(field, int(null.argmax()))
    if not (fits | null).all():
        raise wrong_vector(field, "holds NaN or infinity", int((~(fits | null)).argmax()))
    return column


def _numbers(field: FieldSchema, value: object, length: int, place: int) -> Floats:
    if not isinstance(value, list | tuple | np.ndarray):
        raise wrong_vector(field, f"is {value!r:.60}", place)
    if len(value) != length:
        raise wrong_vector(field, f"has {len(value)} numbers", place)
    if not isinstance(value, np.ndarray) and not set(map(type, value)) <= {float, int}:
        strange = next(one for one in value if type(one) not in (float, int))
        if not isinstance(strange, np.number):
            raise wrong_vector(field, "holds null" if strange is None else f"holds {strange!r:.60}", place)
    try:
        row = np.asarray(value, dtype=np.float64)
    except (TypeError, ValueError, OverflowError) as error:
        raise wrong_vector(field, "holds what is no number", place) from error
    if row.shape != (length,):
        raise wrong_vector(field, f"has the shape {row.shape}", place)
    return _finite(field, row[None, :], np.array([place]))[0]


def _finite(field: FieldSchema, rows: Floats, places: "npt.NDArray[np.int64]") -> Floats:
    finite = np.isfinite(rows).all(axis=1)
    if not finite.all():
        raise wrong_vector(field, "holds null, NaN or infinity", int(places[(~finite).argmax()]))
    return rows
