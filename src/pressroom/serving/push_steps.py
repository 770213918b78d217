"""The steps of a push as facts: what was checked, what was found, how long it took, and whether it held."""

from collections.abc import Sequence
from dataclasses import dataclass

from pressroom.facts import Facts, rows_as_facts
from pressroom.values import FactSchema, FieldSchema, Instant

PUSH_STEP = FactSchema(
    name="push_step",
    doc="A step on the way of an endpoint version to those it answers, or back: a check, a push, a rollback.",
    fields=(
        FieldSchema(name="push", type="string", doc="names the push; its steps share it"),
        FieldSchema(name="endpoint", type="string", entity="endpoint", doc="which endpoint"),
        FieldSchema(name="version", type="int", doc="which version of it"),
        FieldSchema(name="step", type="string", doc="what was done; `push`, `rollback` and `canary` are the outcomes"),
        FieldSchema(name="held", type="bool", doc="whether it went well; a push that failed left the old in service"),
        FieldSchema(name="found", type="string", doc="what was found, or why not, in one sentence"),
        FieldSchema(name="took_us", type="int", unit="us"),
    ),
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Verdict:
    """One check of a push, what it found, and how long it took."""

    check: str
    found: str
    held: bool = True
    took_us: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class PushStep:
    """A verdict as it is kept."""

    push: str
    endpoint: str
    version: int
    at: Instant
    verdict: Verdict


def record_steps(
    facts: Facts, verdicts: Sequence[Verdict], *, push: str, endpoint: str, version: int, at: Instant
) -> None:
    """Keep verdicts, durably."""
    rows = [
        {
            "event": at,
            "known": at,
            "push": push,
            "endpoint": endpoint,
            "version": version,
            "step": verdict.check,
            "held": verdict.held,
            "found": verdict.found,
            "took_us": verdict.took_us,
        }
        for verdict in verdicts
    ]
    facts.append_checked([(PUSH_STEP, rows_as_facts(PUSH_STEP, rows))])


def steps_of(facts: Facts, endpoint: str) -> list[PushStep]:
    """Every step that was ever taken for an endpoint, the oldest first."""
    table, _ = facts.read(PUSH_STEP)
    rows = [row for row in table.sort_by("seq").to_pylist() if row["endpoint"] == endpoint]
    return [
        PushStep(
            push=row["push"],
            endpoint=row["endpoint"],
            version=row["version"],
            at=int(row["event"].timestamp() * 1_000_000),
            verdict=Verdict(check=row["step"], found=row["found"], held=row["held"], took_us=row["took_us"]),
        )
        for row in rows
    ]
