"""Functions of our own for derived features. `where` and `isin` stand beside the column, which numpy asks for them."""

from pressroom.features.formulas.column import Column, applied


def coalesce(*values: object) -> Column:
    """The first of these that is not null: `pr.coalesce(x, y, 0.0)`."""
    return applied("coalesce", *values, nulls=True)


def is_null(x: object) -> Column:
    """Whether there is no value. NaN is one: np.isnan asks for that."""
    return applied("is_null", x)


def hour_of(instant: object) -> Column:
    """The hour of the day in UTC, 0 to 23."""
    return applied("hour_of", instant)


def day_of_week(instant: object) -> Column:
    """The day of the week in UTC, from 0 (Monday) to 6 (Sunday)."""
    return applied("day_of_week", instant)


def month_of(instant: object) -> Column:
    """The month of the year in UTC, 1 to 12."""
    return applied("month_of", instant)
