"""The task: what kind of answer a target column asks for, and the target as numbers."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

from pressroom.models import Floats
from pressroom.training.tables.column import Table, TableColumn
from pressroom.values import FieldSchema, InvalidInput, Refused

TaskKind = Literal["yes or no", "several classes", "number"]
LEAST_ROWS = 100
LEAST_OF_A_CLASS = 20
MOST_CLASSES = 50
_YES = ("yes", "true", "y", "t", "1", "positive", "churned", "late", "fraud", "won", "bought", "default")


@dataclass(frozen=True, slots=True, kw_only=True)
class Task:
    """What is predicted: the chance of `positive` (yes or no), the chance of each of `classes`, or a number."""

    kind: TaskKind
    target: str
    classes: tuple[str, ...] = ()
    positive: str = ""

    def outputs(self) -> int:
        """How many numbers a row's answer has."""
        return len(self.classes) if self.kind == "several classes" else 1

    def words(self) -> str:
        """What is predicted, as a phrase."""
        if self.kind == "yes or no":
            return f"the chance that {self.target} is {self.positive}"
        if self.kind == "several classes":
            return f"the chance of each of {len(self.classes)} values of {self.target}"
        return f"how much {self.target} is"

    def output(self) -> FieldSchema:
        """The answer as a field."""
        if self.kind == "several classes":
            doc = f"chances of {', '.join(self.classes)}"
            return FieldSchema(name="label", type="vector", length=len(self.classes), unit="probability", doc=doc)
        unit = "probability" if self.kind == "yes or no" else ""
        return FieldSchema(name="label", type="float", unit=unit, doc=self.words().removeprefix("the "))


def known_target(table: Table, target: TableColumn) -> "npt.NDArray[np.bool_]":
    """The rows whose target is known."""
    return pc.is_valid(target.values).to_numpy().astype(np.bool_) if table.rows else np.zeros(0, dtype=np.bool_)


def task_of(target: TableColumn, rows: int) -> Task:
    """The task that a column asks for; `rows` of it are known. Refuses what can't be learnt, and too few rows."""
    if rows < LEAST_ROWS:
        raise Refused(
            f"{rows:,} rows have a {target.given}; {LEAST_ROWS} are needed to learn and to judge.",
            next_step="Bring more rows.",
        )
    if target.kind == "constant" or target.distinct < 2:
        raise Refused(
            f"{target.given} is {target.example() or 'empty'} in every row: there is nothing to tell apart.",
            next_step="Bring rows in which it is something else.",
        )
    if target.kind in ("number", "whole number") and target.distinct > 2:
        return Task(kind="number", target=target.given)
    if target.kind not in ("number", "whole number", "yes or no", "category"):
        raise InvalidInput(
            f"{target.given} {target.is_what()}: that is nothing to predict.",
            next_step="Name a target of numbers, of yes and no, or of a few texts.",
        )
    texts = texts_of(target)
    counts = _counts(texts)
    if len(counts) > MOST_CLASSES:
        raise Refused(
            f"{target.given} has {len(counts)} different texts; up to {MOST_CLASSES} are told apart.",
            next_step="Put rare ones together.",
        )
    rare = min(counts, key=lambda text: counts[text])
    if counts[rare] < LEAST_OF_A_CLASS:
        raise Refused(
            f"{target.given} is {rare} in {counts[rare]} rows; {LEAST_OF_A_CLASS} of each are needed.",
            next_step="Bring more such rows, or put rare values together.",
        )
    if len(counts) > 2:
        return Task(kind="several classes", target=target.given, classes=tuple(sorted(counts)))
    positive = _positive(counts, target)
    (negative,) = (text for text in counts if text != positive)
    return Task(kind="yes or no", target=target.given, classes=(negative, positive), positive=positive)


def target_numbers(task: Task, target: TableColumn) -> Floats:
    """The target as learnt: the number, 0.0 or 1.0, or the place of the class."""
    if task.kind == "number":
        return target.column().astype(np.float64)
    places = {text: place for place, text in enumerate(task.classes)}
    return np.array([places[text] for text in texts_of(target)], dtype=np.float64)


def texts_of(target: TableColumn) -> list[str]:
    """The values of a target of classes, as texts."""
    values: Sequence[object] = target.values.to_pylist()
    if pa.types.is_boolean(target.values.type):
        return ["yes" if value else "no" for value in values]
    return [f"{value:g}" if isinstance(value, float) else str(value) for value in values]


def _counts(texts: Sequence[str]) -> dict[str, int]:
    found, counts = np.unique(np.array(texts, dtype=np.str_), return_counts=True)
    return dict(zip(found.tolist(), counts.tolist(), strict=True))


def _positive(counts: dict[str, int], target: TableColumn) -> str:
    """The one whose chance is asked: a word for yes, or the column's own name, else the rarer one."""
    for text in counts:
        if text.lower() in _YES or text.lower() == target.name:
            return text
    return min(counts, key=lambda text: (counts[text], text))
