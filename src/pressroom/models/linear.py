"""Serving linear models: one dot product over raw inputs, without any framework. The form itself is in `structure`."""

from collections.abc import Mapping

import numpy as np

from pressroom.models.errors import SignatureMismatch
from pressroom.models.signature import Floats, Inputs, Signature, check_present, count_rows, side_by_side
from pressroom.models.structure import Levels, Linear, linked
from pressroom.values import Document, InvalidInput, from_document, to_document

FILE = "linear.json"


class RunnableLinear:
    """A linear model ready to serve."""

    def __init__(self, linear: Linear, signature: Signature) -> None:
        """Refuses a model whose inputs are not the signature's, in the same order."""
        if not linear.inputs == signature.columns() or not len(linear.weights) == len(linear.fills) == len(
            linear.inputs
        ):
            raise SignatureMismatch(
                "The linear model's inputs are not those of its signature.", next_step="Pack the model again."
            )
        if linear.link == "softmax" or _texts(signature) != {levels.input for levels in linear.levels}:
            raise SignatureMismatch(
                "The linear model has other string inputs than its signature, or more than one output.",
                next_step="Pack the model again.",
            )
        self.linear = linear
        self._signature = signature
        self._names = [field.name for field in signature.inputs if field.type != "string"]
        texts = _texts(signature)
        places = [place for place, name in enumerate(linear.inputs) if name not in texts]
        self._weights = np.array([linear.weights[place] for place in places], dtype=np.float64)
        fills = [linear.fills[place] for place in places]
        self._fills = np.array([np.nan if fill is None else fill for fill in fills], dtype=np.float64)
        self._tables = {levels.input: dict(zip(levels.values, levels.weights, strict=True)) for levels in linear.levels}

    def predict(self, inputs: Inputs) -> Floats:
        """The answer for each row."""
        return linked(self.margins(inputs), self.linear.link)

    def margins(self, inputs: Inputs) -> Floats:
        """The raw score of each row, before the link."""
        check_present(self._signature, inputs)
        if self._names:
            # (numbers, n), as the columns come: for a single row, building it the other way round costs as much as all
            # the rest. A null makes its row's sum NaN, so whether there is one is asked of the sums.
            block = side_by_side([inputs[name] for name in self._names], count_rows(inputs))
            margins = self._weights @ block + self.linear.intercept
            if np.isnan(margins).any():
                margins = self.numbers(inputs) @ self._weights + self.linear.intercept
        else:
            margins = np.full(count_rows(inputs), self.linear.intercept)
        for levels in self.linear.levels:
            margins += self.level_weights(levels, inputs)
        return margins

    def numbers(self, inputs: Inputs) -> Floats:
        """The number columns (n, numbers), nulls filled."""
        check_present(self._signature, inputs)
        rows = side_by_side([inputs[name] for name in self._names], count_rows(inputs)).T
        null = np.isnan(rows)
        return np.where(null, self._fills, rows) if null.any() else rows

    def level_weights(self, levels: Levels, inputs: Inputs) -> Floats:
        """What each row's text of one string input adds."""
        table = self._tables[levels.input]
        values = inputs[levels.input].tolist()
        found = (levels.null if value is None else table.get(str(value), levels.other) for value in values)
        return np.fromiter(found, dtype=np.float64, count=len(values))


def write_linear(linear: Linear) -> Document:
    """The JSON that a package keeps; refuses weights that are not finite, which JSON can't hold."""
    numbers = [*linear.weights, *(fill for fill in linear.fills if fill is not None), linear.intercept]
    for levels in linear.levels:
        numbers += [*levels.weights, levels.null, levels.other]
    if not np.isfinite(numbers).all():
        raise InvalidInput(
            "A weight of this linear model is infinite or not a number.",
            next_step="Look for infinities or constant columns in the training rows.",
        )
    return to_document(linear)


def read_linear(files: Mapping[str, bytes]) -> Linear:
    """What `write_linear` wrote, from the files of a package."""
    if FILE not in files:
        raise InvalidInput(f"The package has no {FILE}.", next_step="Pack the model again.")
    return from_document(files[FILE], Linear)


def load_linear(files: Mapping[str, bytes], signature: Signature) -> RunnableLinear:
    """What serves, from the files of a package."""
    return RunnableLinear(read_linear(files), signature)


def _texts(signature: Signature) -> set[str]:
    return {field.name for field in signature.inputs if field.type == "string"}
