"""Rows that can't be right: found by rules, counted by reason, kept out of the facts, and never dropped in silence."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import pyarrow as pa

from pressroom.demo.raw import present
from pressroom.facts import SetAside


@dataclass(frozen=True, slots=True, kw_only=True)
class Unfit:
    """The rows of one raw table that can't be `fact`, for one reason; `field` is the column to look at first.

    Each row says its number in the file, who it is, and the values that the reason speaks of.
    """

    fact: str
    reason: str
    field: str
    rows: tuple[SetAside, ...]

    @property
    def count(self) -> int:
        """How many they are."""
        return len(self.rows)


@dataclass(frozen=True, slots=True, kw_only=True)
class Rule:
    """Why a row can't be right: the fields that show it, the blamed one first, and the rows that break the rule."""

    reason: str
    fields: tuple[str, ...]
    broken: npt.NDArray[np.bool_]


def missing(rows: pa.Table, *fields: str) -> list[Rule]:
    """A rule for each of `fields`: the row must state it."""
    return [Rule(reason="not stated", fields=(field,), broken=~present(rows, field)) for field in fields]


def sift(
    fact: str, rows: pa.Table, names: pa.Array, claimed: npt.NDArray[np.bool_], rules: Sequence[Rule]
) -> tuple[npt.NDArray[np.bool_], tuple[Unfit, ...]]:
    """Which of the `claimed` rows break no rule, and an account of the others.

    A row is counted once, for the first rule that it breaks, so kept rows and counts add up to the claimed rows.
    `names` says who each row is.
    """
    kept = claimed
    found: list[Unfit] = []
    for rule in rules:
        hits = np.flatnonzero(kept & rule.broken)
        if len(hits):
            unfit = tuple(_unfit(rows, names, rule, int(row)) for row in hits)
            found.append(Unfit(fact=fact, reason=rule.reason, field=rule.fields[0], rows=unfit))
        kept = kept & ~rule.broken
    return kept, tuple(found)


def _unfit(rows: pa.Table, names: pa.Array, rule: Rule, row: int) -> SetAside:
    values = ((field, rows.column(field)[row].as_py()) for field in rule.fields)
    shown = ", ".join(f"{field}={'NA' if value is None else value}" for field, value in values)
    who = names[row].as_py() or "unnamed"
    return SetAside(row=row + 1, field=rule.fields[0], value=f"{who}: {shown}", reason=rule.reason)
