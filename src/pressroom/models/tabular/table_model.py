"""The model of a table, as it was trained and as it serves: code the columns, ask the inner model, calibrate."""

from dataclasses import dataclass, replace

import numpy as np

from pressroom.models.model import Runnable
from pressroom.models.signature import Column, Floats, Inputs, Signature
from pressroom.models.structure import linked
from pressroom.models.tabular.coding import Coding, encoded
from pressroom.stats import Calibration
from pressroom.values import FieldSchema


@dataclass(frozen=True, slots=True, kw_only=True)
class TableCard:
    """All of the model but what it was fitted with: data that is kept as JSON.

    `inner` is the kind of the adapter that speaks the fitted model. `margin`: the inner model answers log-odds, and not
    chances. `outputs` is how many numbers it gives a row. `pick` takes one of several classes (-1: all of them).
    """

    codings: tuple[Coding, ...]
    calibration: Calibration
    inner: str
    margin: bool = False
    outputs: int = 1
    pick: int = -1

    def inner_signature(self) -> Signature:
        """What the fitted model takes and gives: numbers, some of which may be null."""
        fields = tuple(
            FieldSchema(name=name, type="float", optional=coding.may_be_null())
            for coding in self.codings
            for name in coding.names()
        )
        output = FieldSchema(name="answer", type="float")
        if self.outputs > 1:
            output = FieldSchema(name="answer", type="vector", length=self.outputs)
        return Signature(inputs=fields, output=output)

    def finish(self, answers: Floats) -> Floats:
        """The inner model's answers as the whole model gives them."""
        if self.margin:
            answers = linked(answers, "softmax" if self.outputs > 1 else "sigmoid")
        answers = self.calibration.apply(answers)
        return answers[:, self.pick] if self.pick >= 0 else answers


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class TableModel:
    """The model as it was trained: what a framework fitted, and the card. Packs through the adapter `table`."""

    card: TableCard
    fitted: object

    def corrected_by(self, calibration: Calibration) -> "TableModel":
        """The same with its chances corrected."""
        return TableModel(card=replace(self.card, calibration=calibration), fitted=self.fitted)

    def of_class(self, place: int) -> "TableModel":
        """The same that answers the chance of one class alone."""
        return TableModel(card=replace(self.card, pick=place), fitted=self.fitted)


class RunnableTable:
    """The model as it serves where it could not become one graph."""

    def __init__(self, card: TableCard, inner: Runnable) -> None:
        """Take both as they are."""
        self._card = card
        self._inner = inner
        self._signature = card.inner_signature()

    def predict(self, inputs: Inputs) -> Floats:
        """The answer for each row."""
        return self._card.finish(self._inner.predict(inner_inputs(self._card, inputs)))


def inner_inputs(card: TableCard, inputs: Inputs) -> Inputs:
    """What the inner model is asked for raw inputs."""
    rows = encoded(card.codings, inputs)
    names = card.inner_signature().names()
    made: dict[str, Column] = {name: np.ascontiguousarray(rows[:, place]) for place, name in enumerate(names)}
    return made
