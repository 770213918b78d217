"""Checks as they are declared on a fact class: what can't be expected of such a field is refused at once."""

import math
from collections.abc import Mapping

from msgspec import UNSET, UnsetType

from pressroom.facts.errors import BadDefinition
from pressroom.values import FactChecks, FieldChecks, FieldType, parse_duration


def field_checks(name: str, checks: FieldChecks, kind: FieldType, *, optional: bool) -> FieldChecks | UnsetType:
    """The checks of a field, unset when there are none."""
    low, high, most_nulls = checks.low, checks.high, checks.most_nulls
    if low is None and high is None and most_nulls is None:
        return UNSET
    bounds = [bound for bound in (low, high) if bound is not None]
    if bounds and kind not in ("int", "float"):
        raise BadDefinition(f"{name} has bounds, but is no number.", next_step="Give low and high to Int or Float.")
    if any(isinstance(bound, bool) or math.isnan(bound) for bound in bounds) or bounds != sorted(bounds):
        raise BadDefinition(f"{name} can't lie between {low!r} and {high!r}.", next_step="Give numbers, low <= high.")
    if most_nulls is not None and (isinstance(most_nulls, bool) or not 0.0 <= most_nulls <= 1.0):
        raise BadDefinition(f"{name}: {most_nulls!r} is no share of rows.", next_step="Give a number from 0 to 1.")
    if most_nulls is not None and not optional:
        raise BadDefinition(
            f"{name} is never null, so no share of nulls can be expected.", next_step="Declare it optional=True too."
        )
    return FieldChecks(
        low=None if low is None else float(low),
        high=None if high is None else float(high),
        most_nulls=None if most_nulls is None else float(most_nulls),
    )


def fact_checks(
    name: str, unique: tuple[str, ...], fresh: str | None, fields: Mapping[str, FieldType]
) -> FactChecks | UnsetType:
    """The checks of a fact's rows, unset when there are none. `event` may be among the unique fields; no vector."""
    unknown = [field for field in unique if field not in (*fields, "event")]
    vectors = [field for field in unique if fields.get(field) == "vector"]
    if vectors:
        raise BadDefinition(
            f"{name}.{vectors[0]} is a vector, which is not compared with others.",
            next_step="Let unique name fields that identify a row.",
        )
    if unknown:
        raise BadDefinition(
            f"{name} has no field {unknown[0]!r} to be unique.", next_step=f"It has {', '.join(fields)}, and event."
        )
    if not unique and fresh is None:
        return UNSET
    return FactChecks(unique=unique, fresh_us=None if fresh is None else parse_duration(fresh))
