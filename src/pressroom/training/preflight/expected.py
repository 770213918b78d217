"""What a job says about its data, so that it can be checked."""

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

from pressroom.values import InvalidInput


@dataclass(frozen=True, slots=True, kw_only=True)
class ExpectedData:
    """The columns of a table that a job learns from.

    `time` is the instant that a row is about, and `known` the instant at which the last of its features was known: it
    must not be later. `split` says "train" or something else; `entity` names whom a row is about where the split is by
    entity. `shuffled` is False where the job takes rows in their order.
    """

    features: tuple[str, ...]
    target: str
    time: str | None = None
    known: str | None = None
    split: str | None = None
    entity: str | None = None
    shuffled: bool = True

    def __post_init__(self) -> None:
        """Refuse what says nothing, or asks for the answer."""
        if not self.features:
            raise InvalidInput("No features are named.", next_step="Name the columns that the model learns from.")
        if self.target in self.features:
            raise InvalidInput(f"{self.target} is the target and a feature.", next_step="Leave it out of the features.")

    def columns(self) -> dict[str, str]:
        """Every column that must be there, and as what."""
        others = {"time": self.time, "known": self.known, "split": self.split, "entity": self.entity}
        named = {name: f"the {use}" for use, name in others.items() if name is not None}
        return {**dict.fromkeys(self.features, "a feature"), self.target: "the target", **named}


def numbers_of(column: pa.ChunkedArray) -> pa.ChunkedArray | None:
    """A column of numbers, yes or no, or instants as float64 with nulls; None where it is none of these."""
    kind = column.type
    if pa.types.is_timestamp(kind) or pa.types.is_boolean(kind):
        column = column.cast(pa.int64() if pa.types.is_timestamp(kind) else pa.int8())
    elif not (pa.types.is_integer(kind) or pa.types.is_floating(kind)):
        return None
    return column.cast(pa.float64(), safe=False)


def rows_where(mask: pa.ChunkedArray) -> npt.NDArray[np.int64]:
    """The rows, counted from 0, where a mask says yes; where it says nothing, it does not say yes."""
    return np.flatnonzero(pc.fill_null(mask, fill_value=False).to_numpy())
