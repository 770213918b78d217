"""What a question answers: of one row, or of an entity that many rows name."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

from pressroom.features.online_value import Value
from pressroom.values import Instant, compose_key

Values = Sequence[Any] | npt.NDArray[np.generic]
"""A column of rows."""

_Whom = tuple[str | None, Instant]


# Not frozen: to freeze it would take a tenth of the time that reading a row does.
@dataclass(slots=True, kw_only=True)
class Answered:
    """The inputs of one row by name, and the age in seconds of the newest fact behind each feature (None: no fact). A
    derived feature is as old as the oldest of what it is made from.

    Of features that are asked through links, the ages of these are told too: `punctuality.through.assigned.tail`.
    """

    values: dict[str, Value]
    ages_s: dict[str, float | None]


@dataclass(slots=True, kw_only=True)
class OfEntity:
    """The answers about those whom rows name under `key`: one for each different entity and instant, and which of them
    each row has (None: all rows have the one that there is).
    """

    key: str
    answered: list[Answered]
    which: npt.NDArray[np.int64] | None

    def of_row(self, place: int) -> Answered:
        """The answer about whom a row names."""
        return self.answered[0 if self.which is None else self.which[place]]


def different(
    columns: Mapping[str, Values], fields: Sequence[str], as_of: Sequence[Instant]
) -> tuple[list[_Whom], npt.NDArray[np.int64] | None]:
    """Whom rows name in some fields taken together, and when, each once; and which of them each row has."""
    lists = [_listed(columns[field]) for field in fields]
    if len(lists) == 1:
        names = [None if value is None else str(value) for value in lists[0]]
    else:
        texts = ([None if value is None else str(value) for value in row] for row in zip(*lists, strict=True))
        names = [compose_key(row) for row in texts]
    order: dict[_Whom, int] = {}
    which = [order.setdefault(whom, len(order)) for whom in zip(names, as_of, strict=True)]
    return [*order], None if len(order) == 1 else np.array(which, dtype=np.int64)


def _listed(values: Values) -> Sequence[Any]:
    return values.tolist() if isinstance(values, np.ndarray) else values
