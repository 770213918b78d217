"""Rows that can't be right: set aside with a reason, where they can be seen, mended and appended again."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass

from pressroom.ports import Records
from pressroom.values import digest_parts, from_document, to_document

KIND = "set_aside"
_KEPT = 10_000
_SHOWN = 80


@dataclass(frozen=True, slots=True, kw_only=True)
class SetAside:
    """One row that was not appended. `row` counts from 1, as the source's lines of data do."""

    row: int
    field: str
    value: str
    reason: str


@dataclass(frozen=True, slots=True, kw_only=True)
class SetAsideBatch:
    """What was set aside of one batch: how many rows for which reason, and the rows themselves (the first 10,000)."""

    fact: str
    source: str
    batch: str
    rows: int
    reasons: dict[str, int]
    examples: tuple[SetAside, ...]


def shown(text: str | None) -> str:
    """As much of a value or a line as a person needs to find it."""
    line = text or ""
    return line if len(line) <= _SHOWN else f"{line[: _SHOWN - 3]}..."


def keep(records: Records, batch: SetAsideBatch) -> None:
    """Keep the rows set aside, durably; the same batch again takes the place of its earlier self."""
    key = f"{batch.fact}/{digest_parts([batch.source, batch.batch])}"
    seen = records.get(KIND, key)
    records.put(KIND, key, to_document(batch), seen=seen.version if seen else 0)


def gather(fact: str, source: str, batch: str, rows: Sequence[SetAside]) -> SetAsideBatch:
    """Many rows as one batch, counted by reason."""
    counted = Counter(row.reason for row in rows)
    return SetAsideBatch(
        fact=fact, source=source, batch=batch, rows=len(rows), reasons=dict(counted), examples=tuple(rows[:_KEPT])
    )


def kept(records: Records, fact: str = "") -> list[SetAsideBatch]:
    """Everything that was set aside, of one fact or of all."""
    prefix = f"{fact}/" if fact else ""
    return [from_document(record.document, SetAsideBatch) for record in records.query(KIND, prefix=prefix)]
