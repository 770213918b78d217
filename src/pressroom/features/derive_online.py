"""Deriving online: what is worked out from the answers of a few rows, and what is hidden in them."""

from collections.abc import Sequence
from dataclasses import replace
from typing import Any

from pressroom.features.derive import hidden_prefix
from pressroom.features.formulas.columns import work_out_rows
from pressroom.features.formulas.formula import AS_OF
from pressroom.features.formulas.program import Program
from pressroom.features.online_value import Value
from pressroom.features.part import Part
from pressroom.features.question import HiddenFeatures, Question
from pressroom.features.sketch_part import SketchPart, part_of
from pressroom.features.stream import streams_of
from pressroom.values import Instant

Values = dict[str, Value]
Ages = dict[str, float | None]


class Deriving:
    """The derived features of one question."""

    def __init__(self, question: Question) -> None:
        """Compile the formulas."""
        formulas = question.formulas()
        self._program = Program(formulas)
        self.names = list(formulas)
        self._inputs = list(self._program.inputs)
        self._made_from = {name: list(formula.inputs()) for name, formula in formulas.items()}
        hidden = {name for name, _, _ in question.aggregates()} | {field.name for field in question.brought()}
        self._hidden = hidden - {field.name for field in question.inputs()}

    def add(self, answers: Sequence[tuple[Values, Ages]], as_of: Sequence[Instant]) -> None:
        """Work them out for all rows at once, from the values of every row and their ages; put them beside these, and
        take out what was asked for their sake alone. One is as old as the oldest of what it is made from that has an
        age.
        """
        # Formulas take no lists: what has them is no input of any.
        columns: list[Sequence[Any]] = [
            as_of if name == AS_OF else [values[name] for values, _ in answers] for name in self._inputs
        ]
        found = work_out_rows(self._program, columns)
        for row, (values, ages_s) in enumerate(answers):
            for name, column in zip(self.names, found, strict=True):
                values[name] = column[row]
                known = [age for each in self._made_from[name] if (age := ages_s.get(each)) is not None]
                ages_s[name] = max(known, default=None)
            for name in self._hidden:
                values.pop(name, None)
                ages_s.pop(name, None)


def hidden_parts(hidden: HiddenFeatures, whom: str) -> list[Part | SketchPart]:
    """What answers the hidden features of a view about whom the rows name under `whom`, under their hidden names."""
    streams = [
        replace(stream, features=tuple(each for each in stream.features if each.name in hidden.features))
        for stream in streams_of(hidden.bound.view)
    ]
    return [part_of(stream, whom, hidden_prefix(hidden.bound)) for stream in streams if stream.features]
