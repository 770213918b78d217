"""Findings about columns: which are left out and why, and what somebody should look at."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from typing import Literal

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

from pressroom.models import Floats
from pressroom.training.tables.alone import Alone, alone, missing_tells
from pressroom.training.tables.column import LEARNABLE, Table, TableColumn
from pressroom.training.tables.parts import Parts
from pressroom.training.tables.task import Task
from pressroom.values import InvalidInput

LEAK, SUSPICIOUS = 0.975, 0.9
"""A column whose AUC (or R2) alone is surely above the first is left out; above the second it is named."""

_APART = 0.05
_LATER = 0.001
Why = Literal["leak", "identifier", "known later", "kind", "role", "suspicious", "after the row"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Finding:
    """What was found about a column. `left_out`: it is no input. `kept`: it would have been left out, and somebody
    said to keep it.
    """

    column: str
    why: Why
    words: str
    left_out: bool = True
    kept: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Roles:
    """Which column is what, by the names that they were given. `known_at` maps a column to the one that holds the
    instant at which it was known.
    """

    target: str
    time: str = ""
    entity: str = ""
    known_at: Mapping[str, str]
    keep: tuple[str, ...] = ()


def roles_of(table: Table, target: str, time: str, entity: str, known_at: Sequence[str], keep: Sequence[str]) -> Roles:
    """Settle the columns that were named. Raises NotFound with the nearest name, InvalidInput."""
    given = [table.named(name).given for name in (target, *filter(None, (time, entity)))]
    if len(set(given)) < len(given):
        raise InvalidInput("One column is named twice.", next_step="The target is neither the time nor the entity.")
    if known_at and not time:
        raise InvalidInput(
            "--known-at says when a column was known, and nothing says as of when a row asks.", next_step="Add --time."
        )
    if time and table.named(time).kind != "instant":
        people = table.named(time).kind == "date for people"
        raise InvalidInput(
            f"{time} {table.named(time).is_what()}, and instants with a zone are needed.",
            next_step="Write them as 2024-01-31, and name their zone: --zone Europe/Paris."
            if people
            else "Name another column, or the zone of its times: --zone Europe/Paris.",
        )
    return Roles(
        target=table.named(target).given,
        time=table.named(time).given if time else "",
        entity=table.named(entity).given if entity else "",
        known_at=dict(_known_at(table, name) for name in known_at),
        keep=tuple(table.named(name).given for name in keep),
    )


def findings_before(table: Table, roles: Roles) -> list[Finding]:
    """What is to be seen without the target: roles, kinds, and columns that were known only later."""
    found: list[Finding] = []
    for column in table.columns:
        name = column.given
        if name in (roles.target, roles.entity):
            continue
        if name in roles.known_at.values():
            found.append(Finding(column=name, why="role", words="says when another column was known"))
        elif name in roles.known_at and (share := _later(table, name, roles)) > _LATER:
            words = f"known only after {roles.time} in {share:.1%} of the rows, as {roles.known_at[name]} says"
            found.append(Finding(column=name, why="known later", words=words))
        elif column.kind == "identifier":
            words = f"{column.distinct:,} different values in {table.rows:,} rows: it names rows, and says nothing new"
            found.append(Finding(column=name, why="identifier", words=words))
        elif column.kind not in LEARNABLE:
            found.append(Finding(column=name, why="kind", words=_KINDS.get(column.kind, f"is {column.kind}")))
        elif column.kind == "instant" and roles.time and name != roles.time:
            found += _after_the_row(table, column, roles)
    return [_kept(one, table, roles) for one in found]


_KINDS = {
    "constant": "is the same in every row",
    "empty": "is empty in every row",
    "text": "is free text, which is no input of these models: make numbers of it (its length, words that matter) first",
    "instant without a zone": "has instants without a zone: name it with --zone",
    "date for people": "has dates written for people, and 3/4 is two days: write 2024-01-31, and name their --zone",
    "something else": "is of a type that is no input of these models",
}


def findings_about_target(
    table: Table, roles: Roles, task: Task, y: Floats, parts: Parts, out: Collection[str]
) -> tuple[list[Finding], dict[str, Alone]]:
    """Leaks, and what each column tells alone. Rows that judge at the end are not looked at."""
    found: list[Finding] = []
    told: dict[str, Alone] = {}
    judged = parts.stop | parts.calibrate
    for column in table.columns:
        name = column.given
        if name in (roles.target, roles.entity, roles.time) or name in out:
            continue
        tells = _missing(column, task, y, ~parts.test)
        if tells:
            found.append(Finding(column=name, why="leak", words=tells))
        told[name] = alone(task, column.column(), y, fitted=parts.learn, judged=judged)
        if told[name].low >= LEAK and not tells:
            found.append(Finding(column=name, why="leak", words=f"gives the target away: {told[name].words()}"))
    found = [_kept(one, table, roles) for one in found]
    gone = {one.column for one in found if one.left_out}
    strong = sorted((told[name].low, name) for name in told if name not in gone)
    if strong and strong[-1][0] >= SUSPICIOUS and (len(strong) == 1 or strong[-1][0] > strong[-2][0] + _APART):
        name = strong[-1][1]
        words = f"{told[name].words()}, far above every other column: could it be known only after the target?"
        found.append(Finding(column=name, why="suspicious", words=words, left_out=False))
    return found, told


def _kept(finding: Finding, table: Table, roles: Roles) -> Finding:
    kind = table.named(finding.column).kind
    if finding.column not in roles.keep or kind in (
        "something else",
        "instant without a zone",
        "date for people",
        "empty",
    ):
        return finding
    return Finding(column=finding.column, why=finding.why, words=finding.words, left_out=False, kept=True)


def _known_at(table: Table, name: str) -> tuple[str, str]:
    """`paid=paid_on`, or `paid_known_at` alone, which is about `paid`."""
    value, equals, instant = name.partition("=")
    told = table.named(instant if equals else name)
    if told.kind != "instant":
        raise InvalidInput(
            f"{told.given} {told.is_what()}, and has to say when something was known: instants are needed.",
            next_step="Name a column of instants, or their zone: --zone Europe/Paris.",
        )
    if equals:
        return table.named(value).given, told.given
    stems = [told.name.removesuffix(end) for end in ("_known_at", "_known", "_at", "_on", "_time")]
    for column in table.columns:
        if column.name in stems and column.given != told.given:
            return column.given, told.given
    raise InvalidInput(
        f"{name} says when a column was known, and nobody knows which.", next_step=f"Write COLUMN={told.given}."
    )


def _later(table: Table, name: str, roles: Roles) -> float:
    """The share of rows in which a column was known after the row's own instant."""
    known = pc.greater(table.named(roles.known_at[name]).values, table.named(roles.time).values)
    return _share(pc.and_(pc.fill_null(known, fill_value=False), pc.is_valid(table.named(name).values)))


def _after_the_row(table: Table, column: TableColumn, roles: Roles) -> list[Finding]:
    share = _share(pc.fill_null(pc.greater(column.values, table.named(roles.time).values), fill_value=False))
    if share <= _LATER:
        return []
    words = f"lies after {roles.time} in {share:.1%} of the rows: a plan may, what happened later may not"
    return [Finding(column=column.given, why="after the row", words=words, left_out=False)]


def _missing(column: TableColumn, task: Task, y: Floats, rows: "npt.NDArray[np.bool_]") -> str:
    if not column.missing or task.kind == "number":
        return ""
    missing = pc.is_null(column.values).to_numpy().astype(np.bool_)
    tells = missing_tells(y[rows], missing[rows], max(2, len(task.classes)))
    if tells is None:
        return ""
    place, empty = tells
    which = "empty" if empty else "filled"
    return f"wherever it is {which}, {task.target} is {task.classes[place]}: it is written when the outcome is known"


def _share(flags: "pa.ChunkedArray[pa.BooleanScalar]") -> float:
    return float(pc.mean(flags.cast(pa.int8())).as_py())
