"""Checks of the target, and of what gives it away."""

from collections.abc import Iterator

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from pressroom.stats import auc
from pressroom.training.preflight.expected import ExpectedData, numbers_of
from pressroom.training.preflight.finding import Finding, data_finding

FEWEST_ROWS = 50
_FEWEST_OF_A_CLASS = 10
_MOST_CLASSES = 50
_GIVEN_AWAY = 0.995
"""An AUC, or a rank correlation, of one column alone that no honest one reaches on data worth learning from."""
_TELLS_MUCH, _NONE_ELSE = 0.93, 0.8
"""A column of the first strength, when no other one is of the second, is asked about: good features have company."""
_SAMPLE = 50_000


def too_few_rows(table: pa.Table, expected: ExpectedData) -> Iterator[Finding]:
    """Fewer rows than anything can be learnt from."""
    rows = table.num_rows
    if rows < FEWEST_ROWS:
        yield data_finding("too_few_rows", "refused", f"There are {rows} rows.", f"Give {FEWEST_ROWS} or more.", "")
    elif rows < 10 * len(expected.features):
        message = f"There are {rows:,} rows for {len(expected.features)} features."
        yield data_finding("too_few_rows", "warned", message, "Give more rows, or fewer features.", "")


def classes(table: pa.Table, expected: ExpectedData) -> Iterator[Finding]:
    """A target that is always the same, or a class that nearly never comes."""
    counted = pc.value_counts(table.column(expected.target).drop_null())
    if len(counted) == 1:
        value = counted[0]["values"].as_py()
        message = f"{expected.target} is {value!r} in every row."
        yield data_finding("one_class", "refused", message, "Look at how it is made.", expected.target)
    elif len(counted) <= _MOST_CLASSES and not _is_measured(counted.field("values")):
        counts = counted.field("counts")
        fewest = pc.min(counts).as_py()
        if fewest < _FEWEST_OF_A_CLASS:
            value = counted[pc.index(counts, fewest).as_py()]["values"].as_py()
            message = f"{expected.target} is {value!r} in {fewest} of {table.num_rows:,} rows."
            yield data_finding("rare_class", "warned", message, "Give more rows of it.", expected.target)


def given_away(table: pa.Table, expected: ExpectedData) -> Iterator[Finding]:
    """Columns that say the target by themselves: copies of it, and what is known only when it is."""
    rows = _sample(table.num_rows)
    target = _ranked(table.column(expected.target).take(rows))
    if target is None or len(np.unique(target)) < 2:
        return
    strengths: dict[str, float] = {}
    for name in expected.features:
        column = table.column(name).take(rows)
        missing = pc.is_null(column).to_numpy(zero_copy_only=False)
        if 0.01 < missing.mean() < 0.99 and _strength(missing.astype(float), target) > _GIVEN_AWAY:
            message = f"{name} is missing exactly when {expected.target} says so."
            yield data_finding("given_away", "refused", message, "It is filled in afterwards: leave it out.", name)
            continue
        values = _ranked(column)
        if values is not None and len(np.unique(values)) > 1:
            strength = _strength(values, target)
            strengths[name] = strength
            if strength > _GIVEN_AWAY:
                message = f"{name} alone tells {expected.target} ({strength:.4f} of 1)."
                step = "It is the answer, or known only with it: leave it out."
                yield data_finding("given_away", "refused", message, step, name)
    if len(np.unique(target)) == 2:
        yield from _tells_much(strengths, expected.target)


def _tells_much(strengths: dict[str, float], target: str) -> Iterator[Finding]:
    """One column far stronger than all others, and not so strong that it was refused."""
    first, second, *_ = *sorted(strengths, key=strengths.__getitem__, reverse=True), "", ""
    if second and _TELLS_MUCH < strengths[first] <= _GIVEN_AWAY and strengths[second] < _NONE_ELSE:
        others = f"no other column more than {strengths[second]:.3f}"
        message = f"{first} alone tells {target} ({strengths[first]:.3f} of 1), and {others}."
        yield data_finding("tells_much", "warned", message, "Is it known when the prediction is asked for?", first)


def target_in_order(table: pa.Table, expected: ExpectedData) -> Iterator[Finding]:
    """Rows sorted by the target, taken in their order: each batch has one class, and the model swings."""
    if expected.shuffled or table.num_rows < FEWEST_ROWS:
        return
    column = table.column(expected.target)
    found = column.combine_chunks().dictionary_encode()
    if not 2 <= len(found.dictionary) <= _MOST_CLASSES:
        return
    changes = int(np.count_nonzero(np.diff(found.indices.fill_null(-1).to_numpy())))
    if changes < len(found.dictionary) * 2:
        message = f"The rows are sorted by {expected.target}, and are not shuffled."
        yield data_finding("target_in_order", "refused", message, "Shuffle them.", expected.target)


def _strength(values: np.ndarray, target: np.ndarray) -> float:
    """How well the order of `values` tells `target`, from 0.5 or 0 (not at all) to 1 (exactly)."""
    if len(np.unique(target)) == 2:
        score = auc(target == target.max(), values)
        return 0.5 if score is None else max(score, 1.0 - score)
    ranks = np.argsort(np.argsort(values, kind="stable"), kind="stable")
    of_target = np.argsort(np.argsort(target, kind="stable"), kind="stable")
    return float(abs(np.corrcoef(ranks, of_target)[0, 1]))


def _ranked(column: pa.ChunkedArray) -> np.ndarray | None:
    """A column as finite numbers whose order means something; a category by nothing but itself is None.

    Missing and infinite numbers go before all others.
    """
    numbers = numbers_of(column)
    if numbers is None:
        if not (pa.types.is_string(column.type) or pa.types.is_large_string(column.type)):
            return None
        coded = column.combine_chunks().dictionary_encode()
        if len(coded.dictionary) > _MOST_CLASSES:
            return None
        return coded.indices.fill_null(-1).to_numpy(zero_copy_only=False).astype(float)
    values = numbers.to_numpy().copy()
    finite = np.isfinite(values)
    if finite.any():
        values[~finite] = values[finite].min() - 1.0
    else:
        values[:] = 0.0
    return values


def _is_measured(values: pa.Array) -> bool:
    """Whether numbers are measured rather than counted or named."""
    return pa.types.is_floating(values.type) and bool((np.mod(values.to_numpy(zero_copy_only=False), 1) != 0).any())


def _sample(rows: int) -> np.ndarray:
    """Up to 50,000 rows, evenly over all."""
    return np.unique(np.linspace(0, rows - 1, min(rows, _SAMPLE)).astype(np.int64))
