"""The rows that ask, by one key: their codes and instants, in an order that is kind to searches."""

from dataclasses import dataclass, field
from typing import TypeVar

import numpy as np
import numpy.typing as npt

from pressroom.features.kernel.order import Codes, Ints, near_order
from pressroom.features.kernel.search import Sorted

Answer = TypeVar("Answer", bound=np.generic)


@dataclass(frozen=True, kw_only=True, eq=False)
class Asked:
    """`keys` and `instants` are sorted by key, and nearly by instant; `order` took the spine's rows there; `nulls` are
    the rows without a key, where they are in the spine.
    """

    keys: Ints
    instants: Ints
    order: Ints
    nulls: npt.NDArray[np.bool_]
    _counts: dict[tuple[Sorted, int], Ints] = field(default_factory=dict)

    @staticmethod
    def of(keys: Codes, instants: Ints, nulls: npt.NDArray[np.bool_]) -> "Asked":
        """Sort once, for all aggregates of the key."""
        order, in_order = near_order(keys, instants)
        return Asked(keys=in_order, instants=instants[order], order=order, nulls=nulls)

    def as_asked(self, answers: npt.NDArray[Answer]) -> npt.NDArray[Answer]:
        """Answers to the sorted rows, in the order of the spine."""
        back = np.empty_like(answers)
        back[self.order] = answers
        return back

    def count_until(self, entries: Sorted, *, less_us: int = 0) -> Ints:
        """For each row, how many entries lie before its key, plus those of its key up to `less_us` before its instant.

        The same is searched for once. The answer is not to be written to.
        """
        if (entries, less_us) not in self._counts:
            self._counts[entries, less_us] = entries.count_until(self.keys, self.instants, less_us=less_us)
        return self._counts[entries, less_us]
