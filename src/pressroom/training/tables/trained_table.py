"""What training on a table left: values that a report, a command line and a program read."""

import json
from collections.abc import Mapping
from dataclasses import dataclass, field

import numpy as np
import numpy.typing as npt

from pressroom.models import Floats
from pressroom.training.tables.alone import Alone
from pressroom.training.tables.findings import Finding
from pressroom.training.tables.importance import Importance
from pressroom.training.tables.likeness import Drift
from pressroom.training.tables.pick import RULE, Picked
from pressroom.training.tables.quality import Figure
from pressroom.training.tables.task import Task
from pressroom.values import Digest, FieldSchema


@dataclass(frozen=True, slots=True, kw_only=True)
class ModelLine:
    """A model of the comparison: its quality on the validation part, and what it costs.

    `fit_s` and `fit_usd` are of the fit, `us_per_row` is one answer alone on one core, `serve_usd` a million of them.
    """

    name: str
    full_name: str
    words: str
    learnt: str
    calibration: str
    figures: tuple[Figure, ...]
    fit_s: float
    fit_usd: float
    us_per_row: float
    serve_usd: float
    size_bytes: int
    form: str
    version: str
    digest: Digest


@dataclass(frozen=True, slots=True, kw_only=True)
class PartLine:
    """A part: how many rows, and from when to when where rows have a time."""

    name: str
    rows: int
    share: float
    first: int | None = None
    last: int | None = None
    positive: float | None = None


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Judged:
    """The test part: targets and answers of the winner, raw and as corrected, for plots."""

    y: Floats
    answers: Floats
    raw: Floats
    instants: npt.NDArray[np.int64] | None


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class TrainedTable:
    """A training on a table: what was asked and found, the models side by side, the winner and its test score.

    `skipped` are learners that were left out, with the reason. `endpoints` are what can
    be pushed; of several classes `classes` names each one's model.
    `example` is a row as a request brings it.
    """

    name: str
    source: str
    rows: int
    digest: Digest
    task: Task
    split: str
    by: str
    parts: tuple[PartLine, ...]
    models: tuple[ModelLine, ...]
    skipped: tuple[tuple[str, str], ...]
    picked: Picked
    test: tuple[Figure, ...]
    importances: tuple[Importance, ...]
    findings: tuple[Finding, ...]
    told_alone: Mapping[str, Alone]
    drifted: tuple[Drift, ...]
    warnings: tuple[str, ...]
    inputs: tuple[FieldSchema, ...]
    renamed: Mapping[str, str]
    judged: Judged
    endpoints: tuple[str, ...]
    entity: str = ""
    example: Mapping[str, object] = field(default_factory=dict[str, object])
    classes: Mapping[str, str] = field(default_factory=dict[str, str])

    def winner(self) -> ModelLine:
        """The model that was picked."""
        return next(line for line in self.models if line.name == self.picked.winner)

    def baseline(self) -> ModelLine:
        """The model that every other is measured against."""
        return self.models[0]

    def sentence(self) -> str:
        """The answer in one sentence, for somebody who reads no further."""
        figure, winner = self.test[0], self.winner()
        told = f"{figure.name} {figure.value:.3f} ({figure.low:.3f} to {figure.high:.3f})"
        rows = next(part.rows for part in self.parts if part.name == "test")
        if winner.name == "baseline":
            return (
                f"Nothing in this table predicts {self.task.target} better than its baseline does, by more than "
                f"chance: {told} on {rows:,} rows that no model had seen."
            )
        first = self.baseline().figures[0]
        return (
            f"A {winner.words} tells {self.task.words()} with {told} on {rows:,} rows that no model had seen; the "
            f"baseline had {first.name} {first.value:.3f} when models were compared."
        )

    def next_steps(self) -> list[str]:
        """The commands that let it answer."""
        asked = f"pressroom predict {self.endpoints[0]} '{json.dumps(self.example)}'" if self.endpoints else ""
        return [
            *(f"pressroom push {endpoint}" for endpoint in self.endpoints),
            *filter(None, (asked,)),
            "pressroom serve",
        ]

    def document(self) -> dict[str, object]:
        """All of it but the points of plots, as a mapping."""
        return {
            "name": self.name,
            "source": self.source,
            "rows": self.rows,
            "digest": self.digest,
            "answer": self.sentence(),
            "task": {"kind": self.task.kind, "target": self.task.target, "classes": self.task.classes,
                     "positive": self.task.positive or None},
            "split": {"by": self.by, "words": self.split, "parts": self.parts},
            "models": self.models,
            "skipped": dict(self.skipped),
            "rule": RULE,
            "winner": self.picked.winner,
            "why": self.picked.words(),
            "compared": self.picked.compared,
            "test": self.test,
            "importance": self.importances,
            "left_out": [one for one in self.findings if one.left_out],
            "looked_at": [one for one in self.findings if not one.left_out],
            "alone": {name: {"measure": one.measure, "value": one.value} for name, one in self.told_alone.items()},
            "drift": self.drifted,
            "warnings": self.warnings,
            "inputs": [{"name": field.name, "type": field.type, "optional": field.optional} for field in self.inputs],
            "renamed": dict(self.renamed),
            "endpoints": self.endpoints,
            "next": self.next_steps(),
        }  # fmt: skip
