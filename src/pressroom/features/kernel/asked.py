"""The rows that ask, by one key: their codes and instants, in an order that is kind to searches."""

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from pressroom.features.kernel.timeline import Ints


@dataclass(frozen=True, slots=True, kw_only=True)
class Asked:
    """`keys` and `instants` are sorted by both; `back` undoes the sorting; `nulls` are the rows without a key."""

    keys: Ints
    instants: Ints
    back: Ints
    nulls: npt.NDArray[np.bool_]

    @staticmethod
    def of(keys: Ints, instants: Ints, nulls: npt.NDArray[np.bool_]) -> "Asked":
        """Sort once, for all aggregates of the key."""
        order = np.lexsort((instants, keys))
        back = np.empty(len(order), dtype=np.int64)
        back[order] = np.arange(len(order))
        return Asked(keys=keys[order], instants=instants[order], back=back, nulls=nulls)
