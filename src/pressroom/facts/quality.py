"""Quality: what a fact declares about its rows, measured at every append and written down as facts."""

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

import pyarrow as pa
import pyarrow.compute as pc

from pressroom.facts.arrow import rows_as_facts
from pressroom.values import MICROSECONDS, FactChecks, FactSchema, FieldChecks, FieldSchema, Instant

Check = Literal["low", "high", "nulls", "unique", "fresh"]

QUALITY = FactSchema(
    name="quality",
    doc="A check that a fact declares was measured on a batch.",
    fields=(
        FieldSchema(name="fact", type="string", entity="fact", doc="which fact type"),
        FieldSchema(name="source", type="string", doc="who sent the batch"),
        FieldSchema(name="batch", type="string", doc="which batch"),
        FieldSchema(name="check", type="string", doc="low, high, nulls, unique"),
        FieldSchema(name="field", type="string", doc="of which field, or of which fields together"),
        FieldSchema(name="expected", type="float", doc="the bound"),
        FieldSchema(name="measured", type="float", optional=True, doc="what was found; null: there was nothing"),
        FieldSchema(name="passed", type="bool"),
        FieldSchema(name="rows", type="int", doc="how many rows were looked at"),
    ),
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Measure:
    """What a check found. `rows` is how many were looked at; a check that was never measured has none, and no `at`.

    low, high: the least and greatest value (NaN when there is a NaN, which lies within no bounds). nulls: their share.
    unique: how many rows agree with an earlier one of their batch. fresh: the age of the newest fact in seconds.
    """

    fact: str
    check: Check
    field: str
    expected: float
    measured: float | None = None
    passed: bool | None = None
    rows: int = 0
    batch: str = ""
    at: Instant | None = None


def declared(fact: FactSchema) -> list[Measure]:
    """Every check that a fact declares, none of them measured yet."""
    found: list[Measure] = []
    for field in fact.fields:
        if isinstance(field.checks, FieldChecks):
            bounds: tuple[tuple[Check, float | None], ...] = (
                ("low", field.checks.low), ("high", field.checks.high), ("nulls", field.checks.most_nulls),
            )  # fmt: skip
            found += [
                Measure(fact=fact.name, check=check, field=field.name, expected=bound)
                for check, bound in bounds
                if bound is not None
            ]
    if isinstance(fact.checks, FactChecks):
        if fact.checks.unique:
            found.append(Measure(fact=fact.name, check="unique", field=", ".join(fact.checks.unique), expected=0.0))
        if fact.checks.fresh_us is not None:
            age_s = fact.checks.fresh_us / MICROSECONDS
            found.append(Measure(fact=fact.name, check="fresh", field="event", expected=age_s))
    return found


def measure(fact: FactSchema, rows: pa.Table, *, source: str, batch: str, now: Instant) -> pa.Table | None:
    """The checks of `fact` on the rows of a batch, as rows of QUALITY; None when there is nothing to measure.

    How fresh facts are depends on when one asks, so that is not measured here.
    """
    checks = [check for check in declared(fact) if check.check != "fresh"]
    if not checks or not rows.num_rows:
        return None
    results = [(check, _measured(check, rows)) for check in checks]
    same = {"event": now, "known": now, "fact": fact.name, "source": source, "batch": batch, "rows": rows.num_rows}
    said = [
        {
            **same,
            "check": check.check,
            "field": check.field,
            "expected": check.expected,
            "measured": measured,
            "passed": passes(check, measured),
        }
        for check, measured in results
    ]
    return rows_as_facts(QUALITY, said)


def passes(check: Measure, measured: float | None) -> bool:
    """Whether a measure is as expected. Nothing to measure passes, but for freshness: no fact at all is not fresh."""
    if measured is None:
        return check.check != "fresh"
    return measured >= check.expected if check.check == "low" else measured <= check.expected


def newest(fact: FactSchema, quality: pa.Table, *, newest_event: Instant | None, now: Instant) -> list[Measure]:
    """Each check that `fact` declares with its newest measure in `quality` (rows of QUALITY); freshness as of `now`."""
    last: dict[tuple[str, str], dict[str, object]] = {}
    mine = quality.filter(pc.equal(quality.column("fact"), fact.name)).sort_by("seq")
    instants = mine.column("event").cast(pa.int64()).to_pylist()
    columns = ("check", "field", "expected", "measured", "passed", "rows", "batch")
    for row, at in zip(mine.select(columns).to_pylist(), instants, strict=True):
        last[row["check"], row["field"]] = {**row, "fact": fact.name, "at": at}
    return [
        freshness(check, newest_event, now)
        if check.check == "fresh"
        else Measure(**last[check.check, check.field])  # pyright: ignore[reportArgumentType]
        if (check.check, check.field) in last
        else check
        for check in declared(fact)
    ]


def freshness(check: Measure, newest_event: Instant | None, now: Instant) -> Measure:
    """The check with how long ago the newest fact happened."""
    age_s = None if newest_event is None else (now - newest_event) / MICROSECONDS
    return Measure(
        fact=check.fact,
        check="fresh",
        field=check.field,
        expected=check.expected,
        measured=age_s,
        passed=passes(check, age_s),
        at=now,
    )


def _measured(check: Measure, rows: pa.Table) -> float | None:
    if check.check == "unique":
        return float(_repeats(rows, check.field.split(", ")))
    column = rows.column(check.field)
    if check.check == "nulls":
        return column.null_count / rows.num_rows
    if pa.types.is_floating(column.type) and pc.any(pc.is_nan(column)).as_py():
        return math.nan
    found = (pc.min if check.check == "low" else pc.max)(column).as_py()
    return None if found is None else float(found)


def _repeats(rows: pa.Table, names: Sequence[str]) -> int:
    """How many rows agree with an earlier one in all columns; a row with a null agrees with none."""
    whole = rows.select(names)
    if any(column.null_count for column in whole.columns):
        whole = whole.drop_null()
    if len(names) == 1:
        return whole.num_rows - len(whole.column(0).unique())
    return whole.num_rows - whole.group_by(names, use_threads=False).aggregate([]).num_rows
