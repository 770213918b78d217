"""Usage as facts: what every step of every run used, written where it arises."""

from dataclasses import asdict

import pyarrow as pa

from pressroom.costs.usage import Usage
from pressroom.facts import Facts, rows_as_facts
from pressroom.values import FactSchema, FieldSchema, Instant

USAGE = FactSchema(
    name="usage",
    doc="A step of a run, or an endpoint, used this much of a machine.",
    fields=(
        FieldSchema(name="run", type="string", entity="run", doc="which run, or which endpoint"),
        FieldSchema(name="step", type="string", doc="which step of it"),
        FieldSchema(name="outcome", type="string", doc="done, or what went wrong"),
        FieldSchema(name="cpu_s", type="float", unit="s"),
        FieldSchema(name="wall_s", type="float", unit="s"),
        FieldSchema(name="peak_bytes", type="int", unit="bytes"),
        FieldSchema(name="read_bytes", type="int", unit="bytes"),
        FieldSchema(name="written_bytes", type="int", unit="bytes"),
    ),
)


def usage_row(*, run: str, step: str, outcome: str, usage: Usage, at: Instant) -> pa.Table:
    """One usage as a fact that happened, and was known, at `at`."""
    said = {"event": at, "known": at, "run": run, "step": step, "outcome": outcome, **asdict(usage)}
    return rows_as_facts(USAGE, [said])


def usages_of(facts: Facts, run: str = "") -> list[tuple[str, Usage]]:
    """What the steps of a run used (of all runs without a name), as (step, usage), in the order of writing."""
    table, _ = facts.read(USAGE)
    rows = table.sort_by("seq").to_pylist()
    return [
        (
            row["step"],
            Usage(
                cpu_s=row["cpu_s"],
                wall_s=row["wall_s"],
                peak_bytes=row["peak_bytes"],
                read_bytes=row["read_bytes"],
                written_bytes=row["written_bytes"],
            ),
        )
        for row in rows
        if not run or row["run"] == run
    ]
