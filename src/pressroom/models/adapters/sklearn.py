"""scikit-learn: lowered into our linear form, into trees or into ONNX; what can't be lowered is kept by skops.

A skops file names the types it is made of. They are made only where the workspace allows each (tier "reviewed").
"""

import warnings
from collections.abc import Callable, Mapping
from typing import Any

import numpy as np

from pressroom.models.adapters import sklearn_state
from pressroom.models.adapters.sklearn_linear import linear_of
from pressroom.models.adapters.sklearn_onnx import graph_of
from pressroom.models.adapters.sklearn_trees import trees_of
from pressroom.models.adapters.steady_skops import steady
from pressroom.models.errors import NotLowered, UnsupportedModel
from pressroom.models.framework import framework
from pressroom.models.linear import FILE, load_linear
from pressroom.models.model import Contributions, Runnable, Tier
from pressroom.models.outputs import check_inputs, check_outputs, not_explained, shaped
from pressroom.models.signature import Floats, Inputs, Signature, check_present, count_rows, matrix, width
from pressroom.models.structure import Structure
from pressroom.models.vectors import flat, spread
from pressroom.values import InvalidInput

_FILE = "model.skops"


class RunnableSklearn:
    """A fitted estimator that answers by itself."""

    def __init__(self, model: Any, signature: Signature) -> None:
        """Refuses an estimator that was fitted on other inputs."""
        _check(model, signature)
        self._model = model
        self._signature = signature

    def predict(self, inputs: Inputs) -> Floats:
        """The chance (or the score) of each row."""
        if count_rows(inputs) == 0:
            return np.empty((0, width(self._signature)) if width(self._signature) else 0)
        return _answers(self._model, self._signature, inputs)


class SklearnAdapter:
    """Speaks fitted classifiers (with predict_proba), regressors, and pipelines that end in one."""

    kind = "sklearn"
    distributions = ("scikit-learn", "numpy")
    tier: Tier = "reviewed"

    def owns(self, model: object) -> bool:
        """Whether the class comes from scikit-learn, or behaves like its estimators without being another's."""
        return any(kind.__module__.partition(".")[0] == "sklearn" for kind in type(model).__mro__) and not any(
            kind.__module__.partition(".")[0] in ("lightgbm", "xgboost", "catboost") for kind in type(model).__mro__
        )

    def original(self, model: object, signature: Signature, inputs: Inputs) -> Floats:
        """scikit-learn's own predict_proba (of two classes the second), or predict where there are no classes."""
        return _answers(model, signature, inputs)

    def dump(self, model: object, signature: Signature) -> dict[str, bytes]:
        """One skops file: a zip of JSON and arrays."""
        _check(model, signature)
        skops = framework("skops.io")
        try:
            return {_FILE: steady(bytes(skops.dumps(model)))}
        except Exception as error:
            raise UnsupportedModel(
                f"skops can't keep this {type(model).__name__}: {error}.",
                next_step="Pack a Python function around it, which is kept as code and needs its owner's trust.",
            ) from error

    def needs(self, files: Mapping[str, bytes]) -> tuple[str, ...]:
        """The types in a skops file that scikit-learn and numpy do not vouch for."""
        if FILE in files:
            return ()
        return tuple(sorted(framework("skops.io").get_untrusted_types(data=_content(files))))

    def load(self, files: Mapping[str, bytes], signature: Signature) -> Runnable:
        """The estimator back; needs scikit-learn and skops. Whoever calls has allowed what the file `needs`."""
        if FILE in files:
            return load_linear(files, signature)
        skops = framework("skops.io")
        content = _content(files)
        try:
            model = skops.loads(content, trusted=list(self.needs(files)))
        except Exception as error:
            raise InvalidInput(f"{_FILE} can't be read: {error}.", next_step="Pack the model again.") from error
        return RunnableSklearn(model, signature)

    def lower(self, model: object, signature: Signature) -> Structure:
        """A linear model, trees, or an ONNX graph by skl2onnx."""
        _check(model, signature)
        known: Any = _alone(model)
        whys: list[str] = []
        for form in (linear_of, trees_of):
            try:
                found = form(known, signature)
            except NotLowered as error:
                whys.append(error.message)  # what can't be folded may still be converted
                continue
            if found is not None:
                return found
        try:
            return graph_of(known, signature, probabilities=hasattr(known, "classes_"))
        except NotLowered as error:
            raise NotLowered(" ".join([*whys, error.message]), next_step=error.next_step) from error

    def explain(self, runnable: Runnable, inputs: Inputs, background: Inputs, *, within_s: float) -> Contributions:
        """Linear forms explain themselves; scikit-learn itself has no way."""
        not_explained("scikit-learn has no contributions of its own")

    def remembers(self, part: object) -> bool:
        """Estimators that learn batch by batch, and what goes with them."""
        return self.owns(part)

    def remember(self, part: object) -> Callable[[], dict[str, bytes]]:
        """A copy of all that they hold."""
        return sklearn_state.remember(part)

    def recall(self, part: object, files: Mapping[str, bytes]) -> object:
        """In place."""
        return sklearn_state.recall(part, files)


def _alone(model: Any) -> Any:
    """The estimator of a pipeline that has nothing before it."""
    if type(model).__name__ != "Pipeline":
        return model
    steps = [step for _, step in model.steps if step is not None and step != "passthrough"]
    return steps[0] if len(steps) == 1 else model


def _answers(model: Any, signature: Signature, inputs: Inputs) -> Floats:
    rows = _rows(model, signature, inputs)
    with warnings.catch_warnings():
        # Fitted on a data frame, asked with a matrix: `_check` has compared the names already.
        warnings.filterwarnings("ignore", message="X does not have valid feature names")
        warnings.filterwarnings("ignore", message="Found unknown categories")
        return shaped(model.predict_proba(rows) if hasattr(model, "classes_") else model.predict(rows), signature)


def _rows(model: Any, signature: Signature, inputs: Inputs) -> Any:
    if all(field.type != "string" for field in signature.inputs):
        return matrix(signature, inputs)
    check_present(signature, inputs)
    signature, inputs = flat(signature), spread(signature, inputs)
    if hasattr(model, "feature_names_in_"):
        pandas = framework("pandas")
        return pandas.DataFrame(
            {name: pandas.Series(inputs[name], dtype=inputs[name].dtype) for name in signature.names()}
        )
    rows = np.empty((count_rows(inputs), len(signature.inputs)), dtype=np.object_)
    for place, name in enumerate(signature.names()):
        rows[:, place] = inputs[name]
    return rows


def _content(files: Mapping[str, bytes]) -> bytes:
    if _FILE not in files:
        raise InvalidInput(f"The package has no {_FILE}.", next_step="Pack the model again.")
    return files[_FILE]


def _check(model: Any, signature: Signature) -> None:
    name = type(model).__name__
    if not hasattr(model, "predict"):
        raise UnsupportedModel(f"This {name} predicts nothing.", next_step="Pack an estimator, or a pipeline with one.")
    fitted = model if hasattr(model, "n_features_in_") else _alone(model)
    if not hasattr(fitted, "n_features_in_"):
        raise UnsupportedModel(f"This {name} is not fitted.", next_step="Fit it first.")
    names = getattr(fitted, "feature_names_in_", None)
    check_inputs(fitted.n_features_in_, None if names is None else list(names), signature, what=name)
    if not hasattr(model, "classes_"):
        return
    if not hasattr(model, "predict_proba"):
        raise UnsupportedModel(
            f"This {name} tells classes apart without chances.",
            next_step="Put it in a CalibratedClassifierCV, or use LogisticRegression.",
        )
    classes = len(model.classes_)
    check_outputs(1 if classes == 2 else classes, signature, what=f"{name} of {classes} classes")
