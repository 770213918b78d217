"""Checks that look at several rows or columns at once: time, order, splits, names."""

from collections.abc import Iterator

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from pressroom.training.preflight.expected import ExpectedData, numbers_of, rows_where
from pressroom.training.preflight.finding import Finding, data_finding
from pressroom.values import Instant, format_instant

_TRAIN = "train"
_NAMES_NEARLY_EACH_ROW = 0.95
_NEW_CATEGORIES = 0.2
_OTHER_SCALE = 50.0
_FEWEST = 200


def identifiers(table: pa.Table, expected: ExpectedData) -> Iterator[Finding]:
    """Features that name the row: a model learns them by heart, and has never seen the next one."""
    if table.num_rows < _FEWEST:
        return
    for name in expected.features:
        column = table.column(name)
        known = len(column) - column.null_count
        if not known or pa.types.is_nested(column.type) or pa.types.is_floating(column.type):
            continue
        distinct = pc.count_distinct(column).as_py()
        if pa.types.is_integer(column.type):
            values = column.drop_null().to_numpy()
            counts_up = distinct == known and bool((np.diff(values) > 0).all())
            dense = distinct == known and int(values.max()) - int(values.min()) < 4 * known
            named = counts_up or dense
        else:
            named = not pa.types.is_timestamp(column.type) and distinct > _NAMES_NEARLY_EACH_ROW * known
        if named:
            message = f"{name} has another value in nearly every row ({distinct:,} of {known:,})."
            yield data_finding("identifier", "refused", message, "It names the row: leave it out.", name)


def known_later(table: pa.Table, expected: ExpectedData) -> Iterator[Finding]:
    """Rows whose features were known only after the instant that the row is about."""
    if expected.time is None or expected.known is None:
        return
    late = rows_where(pc.greater(table.column(expected.known), table.column(expected.time)))
    if len(late):
        row = late[0]
        message = f"In {len(late):,} rows {expected.known} is after {expected.time}, first in row {row:,}."
        step = "Take each feature as it was known then: build the training set as of its instants."
        yield data_finding("known_later", "refused", message, step, f"{expected.known}, row {row}")


def in_the_future(table: pa.Table, expected: ExpectedData, *, now: Instant) -> Iterator[Finding]:
    """Rows about instants that have not come: the clock here or the clock there is wrong."""
    if expected.time is None or not pa.types.is_timestamp(table.column(expected.time).type):
        return
    last = pc.max(table.column(expected.time).cast(pa.timestamp("us", tz="UTC")).cast(pa.int64())).as_py()
    if last is not None and last > now:
        message = f"{expected.time} goes up to {format_instant(last)}, and it is {format_instant(now)}."
        yield data_finding("in_the_future", "refused", message, "See which clock is wrong.", expected.time)


def splits(table: pa.Table, expected: ExpectedData) -> Iterator[Finding]:
    """Splits that lack a part, share rows or entities, or train on what comes after the test."""
    if expected.split is None:
        return
    is_train = np.zeros(table.num_rows, dtype=bool)
    is_train[rows_where(pc.equal(table.column(expected.split), _TRAIN))] = True
    if not is_train.any() or is_train.all():
        there = "nothing to train on" if not is_train.any() else "nothing to judge by"
        message = f"{expected.split} leaves {there}."
        yield data_finding("empty_part", "refused", message, "Move the split.", expected.split)
        return
    yield from _in_both(table, expected, is_train)
    yield from _after_the_test(table, expected, is_train)
    yield from _new_categories(table, expected, is_train)


def other_scale(table: pa.Table, expected: ExpectedData) -> Iterator[Finding]:
    """A number that changes its unit on the way: seconds became milliseconds."""
    if table.num_rows < _FEWEST:
        return
    order = np.arange(table.num_rows)
    if expected.time is not None and (times := numbers_of(table.column(expected.time))) is not None:
        order = np.argsort(times.to_numpy(), kind="stable")
    fifth = table.num_rows // 5
    for name in expected.features:
        column = numbers_of(table.column(name))
        if column is None or pa.types.is_timestamp(table.column(name).type):
            continue
        values = np.abs(column.to_numpy()[order])
        first, last = (
            np.median(part[part > 0]) if (part > 0).sum() > 20 else 0.0 for part in (values[:fifth], values[-fifth:])
        )
        if first and last and max(first / last, last / first) > _OTHER_SCALE:
            message = f"{name} is about {first:.3g} in the first fifth of the rows and {last:.3g} in the last."
            yield data_finding("other_scale", "refused", message, "See whether its unit changed.", name)


def _in_both(table: pa.Table, expected: ExpectedData, is_train: np.ndarray) -> Iterator[Finding]:
    """The same rows, or the same entities, on both sides."""
    if expected.entity is not None:
        entities = table.column(expected.entity)
        train, rest = (entities.filter(pa.array(part)).unique() for part in (is_train, ~is_train))
        both = pc.sum(pc.is_in(rest, value_set=train)).as_py() or 0
        if both:
            message = f"{both:,} of {len(rest):,} values of {expected.entity} are in train and in the rest."
            yield data_finding("entity_in_both", "refused", message, "Split by it.", expected.entity)
    plain = [name for name in expected.features if not pa.types.is_nested(table.column(name).type)]
    keys = [*plain, expected.target, *([expected.time] if expected.time else [])]
    rows = table.select(keys).append_column("_train", pa.array(is_train)).group_by(keys)
    counted = rows.aggregate([("_train", "min"), ("_train", "max"), ("_train", "count")])
    both = counted.filter(pc.not_equal(counted["_train_min"], counted["_train_max"]))
    share = (pc.sum(both["_train_count"]).as_py() or 0) / table.num_rows
    if share > 0.01:
        message = f"{share:.0%} of the rows are the same in train and in the rest."
        yield data_finding("row_in_both", "warned", message, "Take out what comes twice.", expected.split or "")


def _after_the_test(table: pa.Table, expected: ExpectedData, is_train: np.ndarray) -> Iterator[Finding]:
    """Rows to train on that come after rows to judge by."""
    if expected.time is None or (times := numbers_of(table.column(expected.time))) is None:
        return
    values = times.to_numpy()
    after = is_train & (values > values[~is_train].min())
    if after.any() and expected.entity is None:
        message = f"{int(after.sum()):,} rows to train on come after the first row to judge by."
        step = "Split by time, or name the entity that the split goes by."
        yield data_finding("train_after_test", "warned", message, step, expected.split or "")


def _new_categories(table: pa.Table, expected: ExpectedData, is_train: np.ndarray) -> Iterator[Finding]:
    """Categories that the model never sees."""
    for name in expected.features:
        column = table.column(name)
        if pa.types.is_string(column.type) or pa.types.is_large_string(column.type):
            train, rest = (column.filter(pa.array(part)) for part in (is_train, ~is_train))
            known = pc.is_in(rest, value_set=train.unique())
            new = 1.0 - (pc.mean(known.cast(pa.float64())).as_py() or 0.0)
            if new > _NEW_CATEGORIES:
                message = f"{new:.0%} of the rows to judge by have a {name} that is in none to train on."
                yield data_finding("new_categories", "warned", message, "Group it, or widen the period.", name)
