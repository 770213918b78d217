"""Signatures: what a model takes and what it gives, by name, type and unit.

`Inputs` are columns of equal length. A number, a boolean (0.0, 1.0) or a timestamp (microseconds UTC) is a float64
column in which NaN stands for null; a string is an object column of `str | None`. Whole numbers beyond 2**53 lose
their last digits, as they do in every framework.
"""

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from pressroom.models.errors import SignatureMismatch
from pressroom.values import FieldSchema

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


def width(signature: Signature) -> int:
    """How many numbers an answer has where it is a vector; 0 where it is one number, which has no axis of its own."""
    length = signature.output.length
    return length if signature.output.type == "vector" and isinstance(length, int) else 0


def matrix(signature: Signature, inputs: Inputs) -> Floats:
    """The inputs as one C-contiguous (n, k) matrix, columns in the signature's order.

    Refuses missing columns and strings, naming them: there is no number that a string stands for.
    """
    fields = signature.inputs
    check_present(signature, inputs)
    texts = [field.name for field in fields if field.type == "string"]
    if texts:
        raise SignatureMismatch(
            f"A matrix can't hold the strings of {_listed(texts)}.",
            next_step="Leave these inputs out of the model's signature, or turn them into numbers first.",
        )
    rows = np.empty((count_rows(inputs), len(fields)), dtype=np.float64)
    for place, field in enumerate(fields):
        rows[:, place] = inputs[field.name]
    return rows


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


def _listed(names: tuple[str, ...] | list[str]) -> str:
    return ", ".join(repr(name) for name in names)
