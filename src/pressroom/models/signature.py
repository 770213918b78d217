"""Signatures: what a model takes and what it gives, by name, type and unit.

`Inputs` are columns of equal length. A number, a boolean (0.0, 1.0) or a timestamp (microseconds UTC) is a float64
column in which NaN stands for null; a string is an object column of `str | None`; a vector is a float64 matrix (n,
length) in which a row of NaN stands for null. Whole numbers beyond 2**53 lose their last digits, as they do in every
framework.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from pressroom.models.errors import SignatureMismatch
from pressroom.values import FieldSchema, InvalidInput

Floats = npt.NDArray[np.float64]
Column = npt.NDArray[np.float64] | npt.NDArray[np.object_]
Inputs = Mapping[str, Column]


@dataclass(frozen=True, slots=True, kw_only=True)
class Signature:
    """The inputs in the order in which the model sees them, and its output: one number, or a vector of them (chances by
    class, an embedding). Only optional inputs may be null.
    """

    inputs: tuple[FieldSchema, ...]
    output: FieldSchema

    def names(self) -> tuple[str, ...]:
        """The inputs' names, in order."""
        return tuple(field.name for field in self.inputs)

    def columns(self) -> tuple[str, ...]:
        """The names of a matrix's columns: an input's own; of a vector as many as it is long, `NAME.0` and so on."""
        return tuple(name for field in self.inputs for name in _columns(field))


def width(signature: Signature) -> int:
    """How many numbers an answer has where it is a vector; 0 where it is one number, which has no axis of its own."""
    length = signature.output.length
    return length if signature.output.type == "vector" and isinstance(length, int) else 0


def length_of(field: FieldSchema) -> int:
    """How many numbers a vector input has. Refuses a vector that does not say so."""
    if not isinstance(field.length, int) or field.length < 1:
        raise InvalidInput(
            f"The input {field.name!r} is a vector of no known length.", next_step="Say how long: length=64."
        )
    return field.length


def matrix(signature: Signature, inputs: Inputs) -> Floats:
    """The inputs as one C-contiguous (n, k) matrix, columns in the signature's order, a vector's numbers side by side.

    Refuses missing columns and strings, naming them: there is no number that a string stands for.
    """
    check_present(signature, inputs)
    check_numbers(signature)
    names = signature.columns()
    rows = np.empty((count_rows(inputs), len(names)), dtype=np.float64)
    place = 0
    for field in signature.inputs:
        if field.type == "vector":
            length = length_of(field)
            rows[:, place : place + length] = inputs[field.name]
            place += length
        else:
            rows[:, place] = inputs[field.name]
            place += 1
    return rows


def side_by_side(columns: Sequence[Column], count: int) -> Floats:
    """Number columns of `count` rows as one (numbers, n) array, at once: one row is the usual question, and a look at
    each column costs more than most answers.
    """
    if not columns:
        return np.empty((0, count))
    try:
        found = np.concatenate(columns, dtype=np.float64)
    except ValueError:
        found = np.concatenate([column.T.ravel() for column in columns], dtype=np.float64)
    return (found if found.ndim == 1 else found.T.ravel()).reshape(-1, count) if count else np.empty((len(columns), 0))


def check_numbers(signature: Signature) -> None:
    """Refuse strings, naming them: a matrix can't hold them."""
    texts = [field.name for field in signature.inputs if field.type == "string"]
    if texts:
        raise SignatureMismatch(
            f"A matrix can't hold the strings of {_listed(texts)}.",
            next_step="Leave these inputs out of the model's signature, or turn them into numbers first.",
        )


def check_present(signature: Signature, inputs: Inputs) -> None:
    """Refuse inputs that lack a column of the signature, naming all that are missing."""
    missing = [field.name for field in signature.inputs if field.name not in inputs]
    if missing:
        raise SignatureMismatch(
            f"The model's inputs {_listed(missing)} are missing.",
            next_step=f"Give every input of the signature: {_listed(signature.names())}.",
        )


def count_rows(inputs: Inputs) -> int:
    """How many rows the columns have; 0 when there is no column."""
    return next((len(column) for column in inputs.values()), 0)


def take_rows(inputs: Inputs, places: npt.NDArray[np.int64]) -> Inputs:
    """The rows at `places`, which may repeat."""
    return {name: column[places] for name, column in inputs.items()}


def _columns(field: FieldSchema) -> list[str]:
    return [f"{field.name}.{place}" for place in range(length_of(field))] if field.type == "vector" else [field.name]


def _listed(names: tuple[str, ...] | list[str]) -> str:
    return ", ".join(repr(name) for name in names)
