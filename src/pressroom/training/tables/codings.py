"""Which numbers a model is given for each column, learnt from the rows that it learns from."""

from collections.abc import Sequence

import numpy as np
import numpy.typing as npt

from pressroom.models import Coding, Column, Floats, Inputs
from pressroom.training.tables.column import TableColumn

Flags = npt.NDArray[np.bool_]
_MOST_TEXTS = 64
_LEAST_ROWS = 10
_PRIOR = 20.0


def codings_for_numbers(columns: Sequence[TableColumn], inputs: Inputs, learn: Flags, time: str) -> tuple[Coding, ...]:
    """For linear models and networks: numbers at mean 0 and deviation 1, null as the median and told apart, texts one
    column each.
    """
    made: list[Coding] = []
    for column in columns:
        values = inputs[column.name][learn]
        if values.dtype == np.object_:
            texts = _frequent(values)
            eye = np.vstack([np.eye(len(texts)), np.zeros(len(texts))]) if texts else np.zeros((1, 1))
            made.append(Coding(input=column.name, way="texts", texts=texts, table=_rows(eye)))
            continue
        made += [_scaled(coding, inputs, learn) for coding in _numbers(column, time)]
        if column.missing and 0 < np.isnan(values.astype(np.float64)).sum() < len(values):
            made.append(Coding(input=column.name, way="missing"))
    return tuple(made)


def codings_for_trees(
    columns: Sequence[TableColumn], inputs: Inputs, learn: Flags, time: str, y: Floats
) -> tuple[Coding, ...]:
    """For trees: numbers as they are, null as null, texts in the order of their mean target, drawn to the overall mean
    as if by 20 more rows.
    """
    made: list[Coding] = []
    for column in columns:
        values = inputs[column.name][learn]
        if values.dtype == np.object_:
            texts = _frequent(values)
            made.append(Coding(input=column.name, way="texts", texts=texts, table=_means(values, texts, y[learn])))
        else:
            made += _numbers(column, time)
    return tuple(made)


def _numbers(column: TableColumn, time: str) -> list[Coding]:
    """The numbers that a column is: an instant is an hour, a day of the week, and how far it is from the row's own."""
    if column.kind != "instant":
        return [Coding(input=column.name, way="number")]
    clock = [Coding(input=column.name, way="hour"), Coding(input=column.name, way="weekday")]
    apart = time and time != column.name
    return [*clock, Coding(input=column.name, way="since", origin=time)] if apart else clock


def _scaled(coding: Coding, inputs: Inputs, learn: Flags) -> Coding:
    numbers = coding.raw(inputs)[learn]
    known = numbers[np.isfinite(numbers)]
    if not len(known):
        return Coding(input=coding.input, way=coding.way, origin=coding.origin, fill=0.0, scale=0.0)
    deviation = float(known.std())
    return Coding(
        input=coding.input,
        way=coding.way,
        origin=coding.origin,
        fill=float(np.median(known)),
        offset=float(known.mean()),
        scale=1.0 / deviation if deviation > 0 else 0.0,
    )


def _frequent(values: Column) -> tuple[str, ...]:
    """The texts that get a place of their own, the most frequent first; null is the text ""."""
    found, counts = np.unique(np.array([value or "" for value in values.tolist()], dtype=np.str_), return_counts=True)
    least = min(_LEAST_ROWS, max(2, len(values) // 50))
    order = np.argsort(-counts, kind="stable")[:_MOST_TEXTS]
    return tuple(str(found[place]) for place in order if counts[place] >= least)


def _means(values: Column, texts: tuple[str, ...], y: Floats) -> tuple[tuple[float, ...], ...]:
    places = {text: place for place, text in enumerate(texts)}
    codes = np.array([places.get(value or "", len(texts)) for value in values.tolist()], dtype=np.int64)
    rows = np.bincount(codes, minlength=len(texts) + 1)
    sums = np.bincount(codes, weights=y, minlength=len(texts) + 1)
    means = (sums + _PRIOR * float(y.mean())) / (rows + _PRIOR)
    return _rows(means[:, None])


def _rows(table: Floats) -> tuple[tuple[float, ...], ...]:
    return tuple(tuple(row) for row in table.tolist())
