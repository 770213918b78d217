"""LightGBM, in its own text format: readable, exact, and loaded without running anybody's code."""

from collections.abc import Mapping
from typing import Any

import numpy as np

from pressroom.models.errors import UnsupportedModel
from pressroom.models.framework import framework
from pressroom.models.signature import Floats, Inputs, Signature, matrix
from pressroom.values import InvalidInput

_FILE = "model.txt"
_UNNAMED = "Column_"


class RunnableBooster:
    """A booster that answers with one thread: requests share the cores, not one request."""

    def __init__(self, booster: Any, signature: Signature) -> None:
        """Refuses a booster that was trained on another number of inputs."""
        _check(booster, signature)
        self._booster = booster
        self._signature = signature

    def predict(self, inputs: Inputs) -> Floats:
        """The probability (or the score) of each row."""
        rows = matrix(self._signature, inputs)
        if len(rows) == 0:
            return np.empty(0)
        return np.asarray(self._booster.predict(rows, num_threads=1), dtype=np.float64)


class LightgbmAdapter:
    """Speaks Booster and the scikit-learn classes of LightGBM with one output: binary, regression, ranking."""

    kind = "lightgbm"
    distributions = ("lightgbm", "numpy")

    def owns(self, model: object) -> bool:
        """Whether the class comes from LightGBM."""
        return type(model).__module__.partition(".")[0] == "lightgbm"

    def dump(self, model: object, signature: Signature) -> dict[str, bytes]:
        """One text file, up to the best iteration where there is one.

        The number of threads is left out: it does not change the trees, and the digest shall not depend on the machine.
        """
        booster = _booster(model)
        _check(booster, signature)
        lines: list[str] = booster.model_to_string().splitlines(keepends=True)
        return {_FILE: "".join(line for line in lines if not line.startswith("[num_threads:")).encode()}

    def load(self, files: Mapping[str, bytes], signature: Signature) -> RunnableBooster:
        """The booster back; needs LightGBM."""
        if _FILE not in files:
            raise InvalidInput(f"The package has no {_FILE}.", next_step="Pack the model again.")
        lightgbm = framework("lightgbm")
        try:
            booster = lightgbm.Booster(model_str=files[_FILE].decode())
        except (lightgbm.basic.LightGBMError, UnicodeDecodeError) as error:
            raise InvalidInput(f"{_FILE} is no LightGBM model: {error}.", next_step="Pack the model again.") from error
        return RunnableBooster(booster, signature)

    def original(self, model: object, signature: Signature, inputs: Inputs) -> Floats:
        """What the booster in memory answers."""
        return np.asarray(_booster(model).predict(matrix(signature, inputs)), dtype=np.float64)


def _booster(model: object) -> Any:
    known: Any = model
    if type(model).__name__ == "Booster":
        return known
    if not hasattr(model, "n_features_in_") and not hasattr(model, "booster_"):
        raise UnsupportedModel(
            f"This {type(model).__name__} holds no trees.", next_step="Fit it, or pack a lightgbm.Booster."
        )
    return known.booster_


def _check(booster: Any, signature: Signature) -> None:
    if booster.num_model_per_iteration() != 1:
        raise UnsupportedModel(
            f"This booster gives {booster.num_model_per_iteration()} numbers a row.",
            next_step="Train it with one output, such as objective='binary'.",
        )
    if booster.num_feature() != len(signature.inputs):
        raise UnsupportedModel(
            f"This booster takes {booster.num_feature()} inputs and its signature lists {len(signature.inputs)}.",
            next_step="Pack with the signature that the model was fitted with.",
        )
    names: list[str] = booster.feature_name()
    unnamed = all(name.startswith(_UNNAMED) for name in names)
    if not unnamed and tuple(names) != signature.names():
        raise UnsupportedModel(
            f"This booster's inputs are {', '.join(names)}, in another order or of other names than its signature's.",
            next_step="Pack with the signature that the model was fitted with.",
        )
