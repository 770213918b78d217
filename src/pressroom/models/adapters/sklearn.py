"""scikit-learn: logistic regression, lowered into our linear form. Serving it needs no scikit-learn."""

import warnings
from collections.abc import Mapping
from typing import Any, NoReturn

import numpy as np

from pressroom.models.errors import UnsupportedModel
from pressroom.models.framework import framework
from pressroom.models.linear import FILE, RunnableLinear, load_linear, write_linear
from pressroom.models.signature import Floats, Inputs, Signature, matrix
from pressroom.models.structure import Linear

_SUPPORTED = (
    "Supported: LogisticRegression for two classes, alone or in a Pipeline of SimpleImputer (without add_indicator), "
    "then StandardScaler, then LogisticRegression; each of the first two may be left out."
)


class SklearnAdapter:
    """Speaks logistic regression; everything else of scikit-learn is refused with the list of what is supported."""

    kind = "sklearn"
    distributions = ("scikit-learn", "numpy")

    def owns(self, model: object) -> bool:
        """Whether the class comes from scikit-learn."""
        return type(model).__module__.partition(".")[0] == "sklearn"

    def dump(self, model: object, signature: Signature) -> dict[str, bytes]:
        """One JSON file: weights, fills and intercept in raw-input space."""
        imputer, scaler, regression = _parts(model)
        _check(imputer or scaler or regression, regression, signature)
        count = len(signature.inputs)
        fills, kept = _fills(imputer, signature)
        weights = np.asarray(regression.coef_[0], dtype=np.float64)
        intercept = float(regression.intercept_[0])
        if scaler is not None:
            if scaler.scale_ is not None:
                weights = weights / scaler.scale_
            if scaler.with_mean:
                intercept -= float(weights @ scaler.mean_)
        spread = np.zeros(count)
        spread[kept] = weights
        linear = Linear(inputs=signature.names(), weights=tuple(spread.tolist()), fills=fills, intercept=intercept)
        return {FILE: write_linear(linear)}

    def load(self, files: Mapping[str, bytes], signature: Signature) -> RunnableLinear:
        """The linear form."""
        return load_linear(files, signature)

    def original(self, model: object, signature: Signature, inputs: Inputs) -> Floats:
        """scikit-learn's own predict_proba, second class."""
        known: Any = model
        with warnings.catch_warnings():
            # Fitted on a data frame, asked with a matrix: `_check` has compared the names already.
            warnings.filterwarnings("ignore", message="X does not have valid feature names")
            return np.asarray(known.predict_proba(matrix(signature, inputs))[:, 1], dtype=np.float64)


def _parts(model: object) -> tuple[Any, Any, Any]:
    known: Any = model
    pipeline: type = framework("sklearn.pipeline").Pipeline
    steps: list[Any] = [step for _, step in known.steps] if isinstance(known, pipeline) else [known]
    steps = [step for step in steps if step is not None and step != "passthrough"]
    wanted = (
        framework("sklearn.impute").SimpleImputer,
        framework("sklearn.preprocessing").StandardScaler,
        framework("sklearn.linear_model").LogisticRegression,
    )
    found: list[Any] = []
    for kind in wanted:
        found.append(steps.pop(0) if steps and type(steps[0]) is kind else None)
    if steps or found[2] is None:
        stranger = type(steps[0] if steps else model).__name__
        _refuse(f"{stranger} can't be lowered into a linear model at this place.")
    return found[0], found[1], found[2]


def _check(first: Any, regression: Any, signature: Signature) -> None:
    if not hasattr(regression, "coef_"):
        _refuse("This LogisticRegression is not fitted.")
    names = list(getattr(first, "feature_names_in_", signature.names()))
    if first.n_features_in_ != len(signature.inputs) or names != list(signature.names()):
        _refuse(f"The model was fitted on {first.n_features_in_} inputs ({', '.join(names)}), not on its signature's.")
    if regression.coef_.shape[0] != 1:
        _refuse(f"This LogisticRegression tells {len(regression.classes_)} classes apart.")
    texts = [field.name for field in signature.inputs if field.type == "string"]
    if texts:
        _refuse(f"The signature has strings ({', '.join(texts)}), and a linear model multiplies numbers.")


def _fills(imputer: Any, signature: Signature) -> tuple[tuple[float | None, ...], list[int]]:
    """What each input's null is taken as, and which inputs reach the regression."""
    count = len(signature.inputs)
    if imputer is None:
        nullable = [field.name for field in signature.inputs if field.optional]
        if nullable:
            _refuse(f"There is no SimpleImputer, and these inputs may be null: {', '.join(nullable)}.")
        return (None,) * count, list(range(count))
    if imputer.add_indicator or not np.isnan(imputer.missing_values):
        _refuse("This SimpleImputer adds indicators, or takes something else than NaN for missing.")
    statistics = np.asarray(imputer.statistics_, dtype=np.float64)
    empty = np.isnan(statistics)
    kept = [place for place in range(count) if imputer.keep_empty_features or not empty[place]]
    return tuple(np.where(empty, 0.0, statistics).tolist()), kept


def _refuse(message: str) -> NoReturn:
    raise UnsupportedModel(message, next_step=_SUPPORTED)
