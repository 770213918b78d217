"""In which order rows are taken, as a pure function of the seed: any batch can be told without those before it."""

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from pressroom.values import InvalidInput


@dataclass(frozen=True, slots=True, kw_only=True)
class Order:
    """Batches of `batch_rows` out of `rows` rows, `epochs` times over, shuffled anew in each. The last one of an epoch
    may be smaller.
    """

    rows: int
    batch_rows: int
    epochs: int
    seed: int
    shuffled: bool = True

    def __post_init__(self) -> None:
        """Refuse an order of nothing."""
        if self.rows < 1 or self.batch_rows < 1 or self.epochs < 1:
            raise InvalidInput(
                f"{self.rows} rows in batches of {self.batch_rows}, {self.epochs} times over.",
                next_step="Each must be one at least.",
            )

    @property
    def batches_per_epoch(self) -> int:
        """How many batches an epoch has."""
        return -(-self.rows // self.batch_rows)

    @property
    def batches(self) -> int:
        """How many there are in all."""
        return self.batches_per_epoch * self.epochs

    def permutation(self, epoch: int) -> npt.NDArray[np.int64]:
        """The rows of an epoch in their order."""
        if not self.shuffled:
            return np.arange(self.rows)
        return np.random.Generator(np.random.PCG64([self.seed, epoch])).permutation(self.rows)

    def rows_of(self, number: int, permutation: npt.NDArray[np.int64]) -> npt.NDArray[np.int64]:
        """The rows of the batch `number`, counted from 0 over all epochs; `permutation` is that of its epoch."""
        start = number % self.batches_per_epoch * self.batch_rows
        return permutation[start : start + self.batch_rows]
