"""Working formulas out on the columns of a table, piece by piece, and on the values of a few rows."""

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from pressroom.facts import ARROW
from pressroom.features.formulas.program import Program
from pressroom.features.formulas.values import DTYPES, Held
from pressroom.values import FieldType

_AT_ONCE = 16_384
"""Rows whose columns stay in a processor's nearest memory."""

Value = int | float | str | bool | None
ArrowColumn = pa.Array | pa.ChunkedArray


def work_out_columns(program: Program, columns: Mapping[str, ArrowColumn], rows: int) -> dict[str, pa.ChunkedArray]:
    """The results by name; `columns` has the inputs by name, each of `rows` values."""
    pieces: dict[str, list[pa.Array]] = {name: [] for name in program.outputs}
    for start in range(0, rows, _AT_ONCE):
        words, held = _taken(program, columns, start)
        for (name, kind), result in zip(program.outputs.items(), program.run(held), strict=True):
            pieces[name].append(_as_arrow(result, kind, words))
    return {name: pa.chunked_array(pieces[name], ARROW[kind]) for name, kind in program.outputs.items()}


def _taken(program: Program, columns: Mapping[str, ArrowColumn], start: int) -> tuple[pa.Array, list[Held]]:
    """A piece of each input, and the texts that numbers stand for."""
    pieces = {name: _combined(columns[name].slice(start, _AT_ONCE)) for name in program.inputs}
    texts = {name: pieces[name] for name, kind in program.inputs.items() if kind == "string"}
    every = pa.concat_arrays(
        [pa.array(program.texts, pa.string()), *(each.cast(pa.string()) for each in texts.values())]
    )
    encoded = every.dictionary_encode()
    codes, place = encoded.indices.fill_null(0).cast(pa.int64()).to_numpy(), len(program.texts)
    held: list[Held] = []
    for name, kind in program.inputs.items():
        piece = pieces[name]
        nulls = piece.is_null().to_numpy(zero_copy_only=False) if piece.null_count else None
        if kind == "string":
            held.append((codes[place : place + len(piece)], nulls))
            place += len(piece)
        else:
            held.append((_numbers(piece, kind), nulls))
    return encoded.dictionary, held


def _combined(piece: ArrowColumn) -> pa.Array:
    return piece.combine_chunks() if isinstance(piece, pa.ChunkedArray) else piece


def _numbers(piece: pa.Array, kind: FieldType) -> Any:
    if kind == "timestamp":
        piece = piece.cast(ARROW["timestamp"]).cast(pa.int64())
    if piece.null_count:
        piece = pc.fill_null(piece, False if kind == "bool" else 0)
    return piece.to_numpy(zero_copy_only=False).astype(DTYPES[kind], copy=False)


def _as_arrow(held: Held, kind: FieldType, words: pa.Array) -> pa.Array:
    values, nulls = held
    if kind == "string":
        return words.take(pa.array(values, mask=nulls))
    found = pa.array(values, mask=nulls)
    return found.cast(ARROW[kind]) if kind == "timestamp" else found


def work_out_rows(program: Program, columns: Sequence[Sequence[Value]]) -> list[list[Value]]:
    """The results in the order of the program's outputs; `columns` has the inputs in their order, one value a row."""
    codes: dict[Value, int] = {text: code for code, text in enumerate(program.texts)}
    held: list[Held] = []
    for kind, values in zip(program.inputs.values(), columns, strict=True):
        nulls, given = None, values
        if None in values:
            nulls = np.array([value is None for value in values])
            given = [0 if value is None else value for value in values]
        if kind == "string":
            given = [codes.setdefault(value, len(codes)) for value in given]
        held.append((np.array(given, DTYPES[kind]), nulls))
    words = list(codes) if "string" in program.outputs.values() else []
    return [
        _as_values(result, kind, words)
        for kind, result in zip(program.outputs.values(), program.run(held), strict=True)
    ]


def _as_values(held: Held, kind: FieldType, words: Sequence[Value]) -> list[Any]:
    values, nulls = held
    found: list[Any] = values.tolist()
    if kind == "string":
        missing = nulls.tolist() if nulls is not None else [False] * len(found)
        return [None if null else words[code] for code, null in zip(found, missing, strict=True)]
    if nulls is None:
        return found
    return [None if null else value for value, null in zip(found, nulls.tolist(), strict=True)]
