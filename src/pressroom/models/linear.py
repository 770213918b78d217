"""Linear models in raw-input space: `p = sigmoid(intercept + sum w_i x_i)`, a null taken as its input's fill value.

Imputing and scaling are folded into weights, intercept and fills, so serving is one dot product without a framework.
"""

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np

from pressroom.models.errors import SignatureMismatch
from pressroom.models.signature import Floats, Inputs, Signature, matrix
from pressroom.values import Document, InvalidInput, from_document, to_document

FILE = "linear.json"


@dataclass(frozen=True, slots=True, kw_only=True)
class Linear:
    """Weights for named inputs. A fill of None means that the input is never null."""

    inputs: tuple[str, ...]
    weights: tuple[float, ...]
    fills: tuple[float | None, ...]
    intercept: float

    def document(self) -> Document:
        """The JSON that a package keeps; refuses weights that are not finite, which JSON can't hold."""
        numbers = (*self.weights, *(fill for fill in self.fills if fill is not None), self.intercept)
        if not np.isfinite(numbers).all():
            raise InvalidInput(
                "A weight of this linear model is infinite or not a number.",
                next_step="Look for infinities or constant columns in the training rows.",
            )
        return to_document(self)


class RunnableLinear:
    """A linear model ready to serve."""

    def __init__(self, linear: Linear, signature: Signature) -> None:
        """Refuses a model whose inputs are not the signature's, in the same order."""
        if not linear.inputs == signature.names() or not len(linear.weights) == len(linear.fills) == len(linear.inputs):
            raise SignatureMismatch(
                "The linear model's inputs are not those of its signature.", next_step="Pack the model again."
            )
        self._signature = signature
        self._weights = np.array(linear.weights, dtype=np.float64)
        self._fills = np.array([np.nan if fill is None else fill for fill in linear.fills], dtype=np.float64)
        self._intercept = linear.intercept

    def predict(self, inputs: Inputs) -> Floats:
        """The probability of each row."""
        rows = matrix(self._signature, inputs)
        null = np.isnan(rows)
        if null.any():
            rows = np.where(null, self._fills, rows)
        return sigmoid(rows @ self._weights + self._intercept)


def load_linear(files: Mapping[str, bytes], signature: Signature) -> RunnableLinear:
    """What serves, from the files of a package."""
    if FILE not in files:
        raise InvalidInput(f"The package has no {FILE}.", next_step="Pack the model again.")
    return RunnableLinear(from_document(files[FILE], Linear), signature)


def sigmoid(margins: Floats) -> Floats:
    """`1 / (1 + exp(-z))` without overflow, exact also where it is close to 0."""
    return np.exp(-np.logaddexp(0.0, -margins))
