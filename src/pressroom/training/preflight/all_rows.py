"""All checks of the data, one after another."""

from collections.abc import Callable, Iterator

import pyarrow as pa

from pressroom.training.preflight import between_rows, columns, labels
from pressroom.training.preflight.expected import ExpectedData
from pressroom.training.preflight.finding import Finding, data_finding
from pressroom.values import Instant

Check = Callable[[pa.Table, ExpectedData], Iterator[Finding]]

_CHECKS: tuple[Check, ...] = (
    columns.not_finite,
    columns.missing_values,
    columns.constant,
    columns.numbers_as_text,
    columns.uneven_lists,
    columns.placeholders,
    labels.too_few_rows,
    labels.classes,
    labels.given_away,
    labels.target_in_order,
    between_rows.identifiers,
    between_rows.known_later,
    between_rows.splits,
    between_rows.other_scale,
)


def check_data(table: pa.Table, expected: ExpectedData, *, now: Instant) -> tuple[Finding, ...]:
    """What is wrong with the rows that a job is going to learn from, as far as rows can say. O(rows log rows).

    Every value is looked at, to the last row; only what gives the target away is sought in 50,000 rows.
    """
    gone = tuple(columns.missing_columns(table, expected))
    if gone:
        return gone
    if table.num_rows == 0:
        return (data_finding("no_rows", "refused", "There are no rows.", "Look at the period and the filters.", ""),)
    found = [finding for check in _CHECKS for finding in check(table, expected)]
    return (*found, *between_rows.in_the_future(table, expected, now=now))
