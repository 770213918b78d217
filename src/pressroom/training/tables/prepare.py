"""From a table and the names of its columns to rows that can be learnt from, with all that was found on the way."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

from pressroom.models import Floats, Inputs
from pressroom.training.tables.alone import Alone
from pressroom.training.tables.column import Table, TableColumn
from pressroom.training.tables.findings import Finding, Roles, findings_about_target, findings_before
from pressroom.training.tables.likeness import Drift, contents, drifts, repeated_across
from pressroom.training.tables.parts import Parts, parts_at_random, parts_by_entity, parts_by_time
from pressroom.training.tables.task import Task, known_target, target_numbers, task_of
from pressroom.values import InvalidInput, Refused

_LEAST_IN_A_PART = 3
_FEW = 1_000


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Prepared:
    """Rows ready to learn from. `columns` are the inputs; `groups` are numbers for the entity of each row, if told."""

    table: Table
    roles: Roles
    task: Task
    y: Floats
    inputs: Inputs
    columns: tuple[TableColumn, ...]
    parts: Parts
    findings: tuple[Finding, ...]
    told_alone: Mapping[str, Alone]
    drifted: tuple[Drift, ...]
    warnings: tuple[str, ...]
    groups: npt.NDArray[np.int64] | None
    instants: npt.NDArray[np.int64] | None

    def taken(self, rows: "npt.NDArray[np.bool_]") -> Inputs:
        """The inputs of some rows."""
        return {name: column[rows] for name, column in self.inputs.items()}

    def groups_of(self, rows: "npt.NDArray[np.bool_]") -> npt.NDArray[np.int64] | None:
        """The entities of some rows, if told."""
        return None if self.groups is None else self.groups[rows]

    def arrow(self, rows: "npt.NDArray[np.bool_] | None" = None) -> pa.Table:
        """The inputs as an Arrow table, under their field names."""
        whole = pa.table({column.name: column.values for column in self.columns})
        return whole if rows is None else whole.filter(pa.array(rows))


def prepare(table: Table, roles: Roles) -> Prepared:
    """Settle task, parts and inputs. Raises Refused and InvalidInput with what is wrong and where."""
    known = known_target(table, table.named(roles.target))
    warnings = _about_target(table, roles, known)
    table = table.taken(known)
    target = table.named(roles.target)
    task = task_of(target, table.rows)
    y = target_numbers(task, target)
    instants = _instants(table, roles)
    before = findings_before(table, roles)
    out = {one.column for one in before if one.left_out}
    columns = [one for one in table.columns if one.given not in (roles.target, roles.entity) and one.given not in out]
    _check_some(table, columns)
    codes = contents([*(one.column() for one in columns if one.given != roles.time), y])
    parts = _parts(table, roles, instants, codes)
    _check_parts(task, y, parts, len(np.unique(codes)))
    about, told = findings_about_target(table, roles, task, y, parts, out)
    out |= {one.column for one in about if one.left_out}
    columns = [one for one in columns if one.given not in out]
    _check_some(table, columns)
    inputs = {one.name: one.column() for one in columns}
    drifted = drifts({one.given: inputs[one.name] for one in columns if one.given != roles.time}, parts)
    warnings += _about_rows(task, y, parts, codes, table.rows)
    return Prepared(
        table=table,
        roles=roles,
        task=task,
        y=y,
        inputs=inputs,
        columns=tuple(columns),
        parts=parts,
        findings=(*before, *about),
        told_alone=told,
        drifted=tuple(drifted),
        warnings=tuple(warnings),
        groups=_groups(table, roles),
        instants=instants,
    )


def _check_some(table: Table, columns: Sequence[TableColumn]) -> None:
    if not columns:
        raise Refused(
            f"No column of {table.source} is left to learn from.",
            next_step="Bring columns that are known before the target; --keep COLUMN overrides what was left out.",
        )


def _about_target(table: Table, roles: Roles, known: "npt.NDArray[np.bool_]") -> list[str]:
    unknown = int((~known).sum())
    if not unknown:
        return []
    return [
        f"{roles.target} is missing in {unknown:,} of {table.rows:,} rows; they are left out. If it is missing for a "
        "reason, the answers are about the other rows only."
    ]


def _instants(table: Table, roles: Roles) -> npt.NDArray[np.int64] | None:
    if not roles.time:
        return None
    values = table.named(roles.time).values
    if values.null_count:
        row = int(pc.index(pc.is_null(values), value=True).as_py())
        raise InvalidInput(
            f"{table.source}, row {row + 1}: {roles.time} is empty ({values.null_count:,} such rows with a target).",
            next_step="Every row needs its instant, or name no time column.",
        )
    return values.cast(pa.int64()).to_numpy()


def _parts(table: Table, roles: Roles, instants: npt.NDArray[np.int64] | None, codes: npt.NDArray[np.int64]) -> Parts:
    if instants is not None:
        return parts_by_time(instants, column=roles.time)
    if roles.entity:
        return parts_by_entity(_entities(table, roles), column=roles.entity)
    return parts_at_random(codes)


def _entities(table: Table, roles: Roles) -> list[str | None]:
    return [None if value is None else str(value) for value in table.named(roles.entity).values.to_pylist()]


def _groups(table: Table, roles: Roles) -> npt.NDArray[np.int64] | None:
    if not roles.entity:
        return None
    names = np.array([f"{place}" if name is None else f"={name}" for place, name in enumerate(_entities(table, roles))])
    return np.unique(names, return_inverse=True)[1].astype(np.int64)


def _check_parts(task: Task, y: Floats, parts: Parts, different: int) -> None:
    few = different < len(y) / 2
    alike = f"Only {different:,} of {len(y):,} rows differ: bring other rows, or columns that tell them apart."
    named = {"train": parts.learn, "stop": parts.stop, "validation": parts.calibrate, "test": parts.test}
    for name, rows in named.items():
        if rows.sum() < 2 * _LEAST_IN_A_PART:
            raise Refused(
                f"The {name} part has {int(rows.sum())} rows ({parts.words}).",
                next_step=alike if few else "Bring more rows, or more different instants or entities.",
            )
        if task.kind == "number" or (task.kind == "several classes" and name != "train"):
            continue
        counts = np.bincount(y[rows].astype(np.int64), minlength=len(task.classes))
        least = int(counts.argmin())
        if counts[least] < _LEAST_IN_A_PART:
            raise Refused(
                f"The {name} part has {counts[least]} rows in which {task.target} is {task.classes[least]} "
                f"({parts.words}).",
                next_step=alike if few else "Bring more such rows, or split another way.",
            )


def _about_rows(task: Task, y: Floats, parts: Parts, codes: npt.NDArray[np.int64], rows: int) -> list[str]:
    said: list[str] = []
    if rows < _FEW:
        said.append(f"{rows:,} rows are few: intervals are wide, and another draw of rows may choose another model.")
    repeated = repeated_across(codes, parts)
    if repeated:
        share = repeated / max(int(parts.test.sum()), 1)
        said.append(
            f"{repeated:,} rows of the test part ({share:.1%}) are equal to rows that were learnt from; the test score "
            "is that much too good."
        )
    before, after = (float(y[part].mean()) for part in (parts.train(), parts.test))
    if task.kind == "yes or no":
        error = np.sqrt(before * (1 - before) / max(int(parts.test.sum()), 1))
        if abs(after - before) > max(4 * error, 0.02):
            said.append(
                f"{task.target} is {task.positive} in {before:.1%} of the rows that were learnt from and in "
                f"{after:.1%} of those that judge: what is predicted has changed."
            )
    return said
