"""The baseline that needs no framework: the mean label of each combination of keys, drawn towards the overall mean.

A group of n rows with label sum s gets `(s + prior_weight * overall) / (n + prior_weight)`, which is the posterior mean
of a beta-binomial model whose prior counts as many rows as `prior_weight`. A combination never seen gets `overall`.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import cast

import numpy as np

from pressroom.models.errors import SignatureMismatch
from pressroom.models.signature import Column, Floats, Inputs, count_rows
from pressroom.values import InvalidInput

Key = tuple[str | float | None, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class MeanBy:
    """The recipe: which inputs make a group, and how many rows the overall mean counts for. No keys: one group."""

    keys: tuple[str, ...]
    prior_weight: float = 20.0

    def fit(self, inputs: Inputs, y: Floats) -> "GroupMeans":
        """The means of labels `y`, shape (n,), which must all be finite; at least one row."""
        if self.prior_weight < 0 or not np.isfinite(self.prior_weight):
            raise InvalidInput(
                f"A prior weight of {self.prior_weight} is no number of rows.", next_step="Give 0 or more."
            )
        if len(y) == 0 or not np.isfinite(y).all():
            raise InvalidInput(
                "A mean needs labels in all rows, and a row.", next_step="Leave out rows without a label."
            )
        places: dict[Key, int] = {}
        groups = [places.setdefault(key, len(places)) for key in _keys(self.keys, inputs, len(y))]
        rows = np.bincount(groups, minlength=len(places))
        sums = np.bincount(groups, weights=y, minlength=len(places))
        overall = float(y.mean())
        weights = rows + self.prior_weight
        means = (sums + self.prior_weight * overall) / weights
        return GroupMeans(keys=self.keys, overall=overall, means=dict(zip(places, means.tolist(), strict=True)))


@dataclass(frozen=True, slots=True, kw_only=True)
class GroupMeans:
    """The fitted means: serves as it is. Null, NaN and infinities are one key value, None."""

    keys: tuple[str, ...]
    overall: float
    means: dict[Key, float]

    def predict(self, inputs: Inputs) -> Floats:
        """The mean of each row's group, or the overall mean."""
        count = count_rows(inputs)
        means, overall = self.means, self.overall
        found = (means.get(key, overall) for key in _keys(self.keys, inputs, count))
        return np.fromiter(found, dtype=np.float64, count=count)


def _keys(names: tuple[str, ...], inputs: Inputs, count: int) -> Iterator[Key]:
    missing = [repr(name) for name in names if name not in inputs]
    if missing:
        raise SignatureMismatch(
            f"The keys {', '.join(missing)} are missing from the inputs.",
            next_step="Give every key that the means are taken by.",
        )
    vectors = [repr(name) for name in names if inputs[name].ndim == 2]
    if vectors:
        raise SignatureMismatch(f"{vectors[0]} is a vector, by which no mean is taken.", next_step="Name other keys.")
    if not names:
        return iter([()] * count)
    return zip(*(_values(inputs[name]) for name in names), strict=True)


def _values(column: Column) -> "list[str | float | None]":
    values = cast("list[str | float | None]", column.tolist())
    if column.dtype == np.float64:
        finite = np.isfinite(cast("Floats", column))
        if not finite.all():
            return [value if known else None for value, known in zip(values, finite.tolist(), strict=True)]
    return values
