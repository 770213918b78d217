"""Vectors: lists of so many numbers, each kept as a 32-bit float.

A null, NaN or infinity in a vector is refused, and so is what 32 bits would make infinite: one such number makes every
distance, mean and product with the vector meaningless, and nobody sees which. A vector that is not there is null.
"""

import math
from collections.abc import Iterator
from decimal import Decimal

import msgspec
import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

_AT_ONCE = 1 << 22
"""Numbers that are looked at together: 32 MiB of them."""

_NUMBERS = msgspec.json.Decoder(list[float], strict=True)
Mask = npt.NDArray[np.bool_]


def expected(length: int | None = None) -> str:
    """What a vector is, in words."""
    return "a list of numbers" if length is None else f"a list of {length} numbers"


def vector(value: object, length: int | None = None) -> list[float]:
    """A list, or its JSON text, as a vector of that length. Raises ValueError, saying what was expected."""
    wanted = expected(length)
    try:
        numbers = _NUMBERS.decode(value) if isinstance(value, str | bytes) else _as_floats(value)
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError) as error:
        raise ValueError(f"{wanted}, in text like [0.5, 1]") from error
    except (TypeError, OverflowError, ArithmeticError) as error:
        raise ValueError(wanted) from error
    if length is not None and len(numbers) != length:
        raise ValueError(f"{wanted}; this one has {len(numbers)}")
    there = [number for number in numbers if number is not None]
    if len(there) < len(numbers):
        raise ValueError(f"{wanted}; one of these is null")
    if not all(map(math.isfinite, there)):
        raise ValueError(f"{wanted}; one of these is NaN or infinite")
    narrow = _narrow(np.asarray(there, dtype=np.float64))
    if not np.isfinite(narrow).all():
        raise ValueError(f"{wanted} of 32 bits; one of these is too large")
    return narrow.tolist()


def is_list(kind: pa.DataType) -> bool:
    """Whether a column of this type holds lists, one after the other."""
    return pa.types.is_list(kind) or pa.types.is_large_list(kind) or pa.types.is_fixed_size_list(kind)


def vectors(column: pa.ChunkedArray, length: int) -> tuple[pa.ChunkedArray, Mask]:
    """A column of lists of numbers as vectors, null where one does not fit, and where that is."""
    pieces = [_fitting(piece, length) for piece in _pieces(column, length)]
    fitting = pa.chunked_array([piece for piece, _ in pieces], pa.list_(pa.float32()))
    return fitting, np.concatenate([np.zeros(0, dtype=bool), *(wrong for _, wrong in pieces)])


def _pieces(column: pa.ChunkedArray, length: int) -> Iterator[pa.Array]:
    rows = max(_AT_ONCE // length, 1)
    for chunk in column.chunks:
        for start in range(0, len(chunk), rows):
            yield chunk.slice(start, rows)


def _fitting(lists: pa.Array, length: int) -> tuple[pa.Array, Mask]:
    there = pc.is_valid(lists).to_numpy(zero_copy_only=False)
    long = pc.fill_null(pc.equal(pc.list_value_length(lists), length), fill_value=False)
    fits = long.to_numpy(zero_copy_only=False) & there
    numbers = lists.filter(pa.array(fits)).flatten().cast(pa.float64(), safe=False).to_numpy(zero_copy_only=False)
    rows = _narrow(numbers).reshape(-1, length)
    finite = np.isfinite(rows).all(axis=1)
    fits[fits] = finite
    starts = np.concatenate(([0], np.cumsum(fits, dtype=np.int64) * length)).astype(np.int32)
    values = pa.array(np.ascontiguousarray(rows[finite]).reshape(-1), pa.float32())
    return pa.ListArray.from_arrays(pa.array(starts), values, mask=pa.array(~fits)), there & ~fits


def _narrow(numbers: npt.NDArray[np.float64]) -> npt.NDArray[np.float32]:
    with np.errstate(over="ignore"):
        return numbers.astype(np.float32)


def _as_floats(value: object) -> list[float | None]:
    if isinstance(value, np.ndarray):
        value = value.tolist()
    if not isinstance(value, list | tuple):
        raise TypeError
    return [None if number is None else _as_float(number) for number in value]


def _as_float(number: object) -> float:
    if isinstance(number, bool | np.bool_) or not isinstance(number, int | float | Decimal | np.number):
        raise TypeError
    return float(number)
