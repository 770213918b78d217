"""Candidates: named recipes that fit a model to training rows. The built-in ones, and the shape of anybody's own."""

import os
from collections.abc import Callable
from dataclasses import dataclass

from pressroom.models import Floats, Inputs, MeanBy, Signature, framework, matrix
from pressroom.values import FieldSchema, InvalidInput

Fields = tuple[FieldSchema, ...]
SEED = 20130101
"""Whatever a recipe draws at random, it draws from here: the same rows give the same model."""

_SKLEARN = ("sklearn.impute", "sklearn.preprocessing", "sklearn.linear_model", "sklearn.pipeline")
_NUMBERS = ("float", "int", "bool", "vector")


@dataclass(frozen=True, slots=True, kw_only=True)
class Candidate:
    """A recipe. `choose` picks its inputs from those of the training set; `fit` makes a model that an adapter speaks.

    `fit` gets the inputs, the labels (n,) and the signature with the inputs in their order; it must be deterministic.
    `needs` names the modules of frameworks that are imported before the meter runs: importing is no training.
    """

    name: str
    fit: Callable[[Inputs, Floats, Signature], object]
    choose: Callable[[Fields], Fields]
    needs: tuple[str, ...] = ()


def baseline(keys: tuple[str, ...], *, prior_weight: float = 20.0) -> Candidate:
    """The mean label of each combination of `keys`; every other candidate is measured against it."""

    def choose(inputs: Fields) -> Fields:
        return _named(keys, inputs)

    def fit(inputs: Inputs, y: Floats, signature: Signature) -> object:
        return MeanBy(keys=signature.names(), prior_weight=prior_weight).fit(inputs, y)

    return Candidate(name="baseline", fit=fit, choose=choose)


def logistic() -> Candidate:
    """scikit-learn's logistic regression on numbers and vectors: medians for nulls, inputs scaled to unit variance."""
    return Candidate(name="logistic", fit=_fit_logistic, choose=_numbers, needs=_SKLEARN)


def gradient_boosting(*, trees: int = 200, learning_rate: float = 0.06, leaves: int = 63) -> Candidate:
    """LightGBM on numbers and vectors, nulls as they are, at most four threads.

    A fixed number of trees: stopping early on the validation rows would flatter the model on the rows that judge it.
    """

    def fit(inputs: Inputs, y: Floats, signature: Signature) -> object:
        lightgbm = framework("lightgbm")
        parameters = {
            "objective": "binary", "learning_rate": learning_rate, "num_leaves": leaves, "seed": SEED,
            "deterministic": True, "force_row_wise": True, "num_threads": min(4, os.cpu_count() or 1), "verbosity": -1,
        }  # fmt: skip
        rows = lightgbm.Dataset(matrix(signature, inputs), label=y, feature_name=list(signature.columns()))
        return lightgbm.train(parameters, rows, num_boost_round=trees)

    return Candidate(name="gradient_boosting", fit=fit, choose=_numbers, needs=("lightgbm",))


def _fit_logistic(inputs: Inputs, y: Floats, signature: Signature) -> object:
    # An input that is null in every training row stays, with weight 0, so that the signature is what was asked for.
    imputer = framework("sklearn.impute").SimpleImputer(strategy="median", keep_empty_features=True)
    scaler = framework("sklearn.preprocessing").StandardScaler()
    regression = framework("sklearn.linear_model").LogisticRegression(max_iter=1_000, random_state=SEED)
    steps = [("imputer", imputer), ("scaler", scaler), ("regression", regression)]
    return framework("sklearn.pipeline").Pipeline(steps).fit(matrix(signature, inputs), y)


def _numbers(inputs: Fields) -> Fields:
    chosen = tuple(field for field in inputs if field.type in _NUMBERS)
    if not chosen:
        raise InvalidInput(
            "The training set has no input that is a number.", next_step="Add a numeric feature, or use the baseline."
        )
    return chosen


def _named(keys: tuple[str, ...], inputs: Fields) -> Fields:
    known = {field.name: field for field in inputs}
    missing = [key for key in keys if key not in known]
    if missing:
        raise InvalidInput(
            f"The baseline's keys {', '.join(missing)} are no inputs of the training set.",
            next_step=f"Choose among {', '.join(known)}.",
        )
    return tuple(known[key] for key in keys)
