"""Histories that are told, corrected and taken back, on a floor and beside it as plain rows for oracles."""

from typing import Any

import pyarrow as pa

from pressroom.facts import Batch, Fact, KnownRule, RawBatch, arrow_schema

NEVER = 1 << 62
STEP = 30 * 60_000_000


def event_before(known: int, steps: int) -> int:
    """An instant on a grid of half hours, so that corrections find what they mean; seldom after it is known, and then
    never so far that the present is older than what is kept online.
    """
    return (known // STEP - steps) * STEP


class History:
    """What was told about facts of any types. An oracle looks at `seen`, which knows nothing of tables."""

    def __init__(self, floor: Any) -> None:
        self.floor = floor
        self._rows: list[dict[str, Any]] = []
        self._batches = 0

    def tell(self, fact: type[Fact], row: dict[str, Any], *, change: Any = "says") -> None:
        """One row with `event` and `known`; a correction or retraction means the facts of the same keys and event."""
        self._batches += 1
        keys = [field.name for field in fact.schema.key_fields()]
        schema = arrow_schema(fact.schema)
        names = ["event", "known", *keys] if change == "retracts" else schema.names
        table = pa.table({name: pa.array([row.get(name)], schema.field(name).type) for name in names})
        self.floor.facts.append(
            Batch(
                fact=fact.schema, raw=RawBatch(table=table), known=KnownRule(kind="column"), source="history",
                batch=str(self._batches), change=change,
            )
        )  # fmt: skip
        whom = [row[name] for name in ("event", *keys)]
        meant = [
            old for old in self._rows
            if old["fact"] is fact and old["until"] == NEVER and [old[name] for name in ("event", *keys)] == whom
        ]  # fmt: skip
        if change != "says":
            for old in meant:
                old["until"] = row["known"]
        if change == "says" or (change == "corrects" and meant):
            self._rows.append({**row, "fact": fact, "until": NEVER, "number": len(self._rows)})

    def seen(self, fact: type[Fact], t: int) -> list[dict[str, Any]]:
        """The facts that were believed at `t`, by (event, known, number)."""
        rows = [row for row in self._rows if row["fact"] is fact and row["known"] <= t < row["until"]]
        return sorted(rows, key=lambda row: (row["event"], row["known"], row["number"]))
