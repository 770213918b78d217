"""Checks of each column by itself: is it there, is it what it should be, does it say anything."""

from collections.abc import Iterator
from difflib import get_close_matches

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from pressroom.training.preflight.expected import ExpectedData, numbers_of, rows_where
from pressroom.training.preflight.finding import Finding, data_finding

_MOSTLY = 0.5
"""A feature that is missing in more than this share of rows is worth a word."""
_READS_AS_NUMBER = 0.99
_PLACEHOLDER_SHARE = 0.001
_MEASURED = 10
"""Numbers of fewer values than this are categories or answers, among which none is far off."""
_PLACEHOLDER_DISTANCE = 20.0
"""A repeated least or greatest value this many times the middle 98 %'s width away from the rest stands for nothing."""


def missing_columns(table: pa.Table, expected: ExpectedData) -> Iterator[Finding]:
    """Columns that are asked for and are not there."""
    for name, use in expected.columns().items():
        if name not in table.column_names:
            near = get_close_matches(name, table.column_names, n=1)
            like = f"Did you mean {near[0]}?" if near else f"There are {', '.join(table.column_names[:12])}."
            yield data_finding("missing_column", "refused", f"{name}, {use}, is no column of the data.", like, name)


def not_finite(table: pa.Table, expected: ExpectedData) -> Iterator[Finding]:
    """NaN and infinity in a feature, wherever they hide: a loss is NaN from the first such row on."""
    for name in (*expected.features, expected.target):
        column = table.column(name)
        if not pa.types.is_floating(column.type):
            continue
        bad = rows_where(pc.invert(pc.is_finite(column)))
        if len(bad):
            row, count = int(bad[0]), len(bad)
            yield data_finding(
                "not_finite",
                "refused",
                f"{name} is {column[row].as_py()} in row {row:,}, and not finite in {count:,} of {len(column):,} rows.",
                "Make them missing, mend them, or leave the rows out.",
                f"{name}, row {row}",
            )


def missing_values(table: pa.Table, expected: ExpectedData) -> Iterator[Finding]:
    """Targets that are missing, and features that nearly always are."""
    rows = table.num_rows
    lacking = rows_where(pc.is_null(table.column(expected.target)))
    if len(lacking):
        message = f"{expected.target} is missing in {len(lacking):,} of {rows:,} rows, first in row {lacking[0]:,}."
        yield data_finding("target_missing", "refused", message, "Leave these rows out.", expected.target)
    for name in expected.features:
        share = table.column(name).null_count / rows
        if share == 1.0:
            yield data_finding("always_missing", "refused", f"{name} is missing in every row.", "Leave it out.", name)
        elif share > _MOSTLY:
            message = f"{name} is missing in {share:.0%} of the rows."
            yield data_finding("mostly_missing", "warned", message, "See whether its source still runs.", name)


def constant(table: pa.Table, expected: ExpectedData) -> Iterator[Finding]:
    """Features that say nothing, since they say one thing."""
    for name in expected.features:
        column = table.column(name)
        if column.null_count == 0 and _is_plain(column.type) and pc.count_distinct(column).as_py() == 1:
            message = f"{name} is {column[0].as_py()!r} in every row."
            yield data_finding("constant", "warned", message, "Leave it out, or see why it never changes.", name)


def numbers_as_text(table: pa.Table, expected: ExpectedData) -> Iterator[Finding]:
    """Text that reads as numbers: a source changed its type, and each number became a category."""
    for name in (*expected.features, expected.target):
        column = table.column(name)
        if not (pa.types.is_string(column.type) or pa.types.is_large_string(column.type)):
            continue
        said = column.drop_null().unique().slice(0, 100_000)
        reads = pc.match_substring_regex(said, r"^\s*[-+]?(\d+\.?\d*|\.\d+)([eE][-+]?\d+)?\s*$")
        share = pc.mean(reads.cast(pa.float64())).as_py() if len(said) else 0.0
        # Codes have few values and one length; a measured number has many.
        if share is not None and share >= _READS_AS_NUMBER and len(said) > min(50, 0.05 * len(column)):
            message = f"{name} is text, and {share:.0%} of its values read as numbers."
            yield data_finding("numbers_as_text", "refused", message, "Give it as numbers, or say it is a code.", name)


def uneven_lists(table: pa.Table, expected: ExpectedData) -> Iterator[Finding]:
    """Vectors of one feature that are not of one length."""
    for name in expected.features:
        column = table.column(name)
        if pa.types.is_list(column.type) or pa.types.is_large_list(column.type):
            lengths = pc.list_value_length(column)
            least, most = pc.min(lengths).as_py(), pc.max(lengths).as_py()
            if least != most:
                row = rows_where(pc.equal(lengths, least))[0]
                message = f"{name} has {least} to {most} values; row {row:,} has {least}."
                yield data_finding("uneven_lists", "refused", message, "Give every row as many.", f"{name}, row {row}")


def placeholders(table: pa.Table, expected: ExpectedData) -> Iterator[Finding]:
    """A far-off number that comes again and again, as -999 does: it stands for a missing value."""
    for name in expected.features:
        column = numbers_of(table.column(name))
        if column is None or pa.types.is_timestamp(table.column(name).type):
            continue
        known = column.drop_null().to_numpy()
        known = known[np.isfinite(known)]
        if len(known) < 100:
            continue
        for value in (known.min(), known.max()):
            rest = known[known != value]
            count = len(known) - len(rest)
            if count < max(3, _PLACEHOLDER_SHARE * len(known)) or len(rest) < len(known) / 2:
                continue
            if len(np.unique(rest)) < _MEASURED:
                continue
            low, high = np.quantile(rest, (0.01, 0.99))
            if min(abs(value - low), abs(value - high)) > _PLACEHOLDER_DISTANCE * max(high - low, 1e-12):
                message = f"{name} is {value:g} in {count:,} rows, far from all others ({low:g} to {high:g})."
                yield data_finding("placeholder", "warned", message, "If it means missing, make it missing.", name)


def _is_plain(kind: pa.DataType) -> bool:
    """Whether values of the type can be counted as they are."""
    return not pa.types.is_nested(kind)
