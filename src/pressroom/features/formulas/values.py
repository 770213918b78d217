"""Values of a column in hand: numbers of numpy, and which of them are null."""

from typing import Any

import numpy as np
import numpy.typing as npt

from pressroom.features.formulas.formula import Step, constant_in
from pressroom.values import FieldType

Values = npt.NDArray[Any]
Nulls = npt.NDArray[np.bool_] | None
Held = tuple[Values, Nulls]
"""Values, and where they are null; None: nowhere. Where they are null, anything may stand. Text is held as numbers that
are equal where the texts are; instants as microseconds.
"""
DTYPES: dict[FieldType, Any] = {
    "float": np.float64, "int": np.int64, "bool": np.bool_, "timestamp": np.int64, "string": np.int64,
}  # fmt: skip


def held_constant(step: Step, codes: dict[str, int]) -> Held:
    """A constant (a null: one that is null); `codes` says by which number a text is held."""
    if step.do == "null":
        return np.zeros((), DTYPES[step.type]), np.ones((), np.bool_)
    value = constant_in(step)
    plain = codes[value] if isinstance(value, str) else value
    return np.array(plain, DTYPES[step.type]), None


def either(one: Nulls, other: Nulls) -> Nulls:
    """Where one or the other is null."""
    if one is None:
        return other
    return one if other is None else one | other
