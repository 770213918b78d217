"""CatBoost, in its own binary format (cbm): data only, loaded without running anybody's code."""

import json
import tempfile
from collections.abc import Mapping
from pathlib import Path
from typing import Any, NoReturn

import numpy as np

from pressroom.models.errors import UnsupportedModel
from pressroom.models.framework import framework
from pressroom.models.grow import Growth
from pressroom.models.model import Contributions, Runnable, Tier
from pressroom.models.outputs import check_inputs, check_outputs, from_shap, not_explained, not_lowered, shaped
from pressroom.models.signature import Floats, Inputs, Signature, check_present, count_rows, matrix
from pressroom.models.structure import Link, Trees
from pressroom.models.vectors import flat, spread
from pressroom.values import InvalidInput

_FILE = "model.cbm"
_SAME = ("RMSE", "MAE", "Quantile", "Huber", "MAPE", "LogCosh", "Expectile", "YetiRank", "QueryRMSE", "PairLogit")
_LINKS: dict[str, Link] = {
    **dict.fromkeys(_SAME, "identity"),
    **dict.fromkeys(("Logloss", "CrossEntropy"), "sigmoid"),
    **dict.fromkeys(("Poisson", "Tweedie"), "exp"),
    "MultiClass": "softmax",
}
_ASKED: dict[Link, str] = {
    "identity": "RawFormulaVal", "sigmoid": "Probability", "exp": "Exponent", "softmax": "Probability",
}  # fmt: skip
_NULL_TEXT = "\x00null"
"""What a missing text is given as: CatBoost takes no null among strings, and a model sees what its training saw."""


class RunnableCatboost:
    """A model that answers with one thread: requests share the cores, not one request."""

    def __init__(self, model: Any, signature: Signature) -> None:
        """Refuses a model that was trained on other inputs."""
        _check(model, signature)
        self.model = model
        self.signature = signature
        self._asked = _ASKED[_link(model)]

    def predict(self, inputs: Inputs) -> Floats:
        """The chance (or the score) of each row."""
        if count_rows(inputs) == 0:
            return shaped(np.empty((0, _outputs(self.model))), self.signature)
        rows = _rows(self.signature, inputs)
        return shaped(self.model.predict(rows, prediction_type=self._asked, thread_count=1), self.signature)


class CatboostAdapter:
    """Speaks CatBoost, CatBoostClassifier, CatBoostRegressor and CatBoostRanker."""

    kind = "catboost"
    distributions = ("catboost", "numpy")
    tier: Tier = "safe"

    def owns(self, model: object) -> bool:
        """Whether the class comes from CatBoost."""
        return type(model).__module__.partition(".")[0] == "catboost"

    def original(self, model: object, signature: Signature, inputs: Inputs) -> Floats:
        """What the model in memory answers."""
        known = _fitted(model)
        asked = _ASKED[_link(known)]
        return shaped(known.predict(_rows(signature, inputs), prediction_type=asked), signature)

    def dump(self, model: object, signature: Signature) -> dict[str, bytes]:
        """One cbm file, without what changes from one training to the next (its identifier and the time)."""
        known = _fitted(model)
        _check(known, signature)
        kept = known.copy()
        for key in ("model_guid", "train_finish_time"):
            if key in list(kept.get_metadata().keys()):
                del kept.get_metadata()[key]
        return {_FILE: _saved(kept, "cbm")}

    def load(self, files: Mapping[str, bytes], signature: Signature) -> RunnableCatboost:
        """The model back; needs CatBoost."""
        if _FILE not in files:
            raise InvalidInput(f"The package has no {_FILE}.", next_step="Pack the model again.")
        catboost = framework("catboost")
        model = catboost.CatBoost()
        try:
            model.load_model(blob=files[_FILE])
        except catboost.CatBoostError as error:
            raise InvalidInput(f"{_FILE} is no CatBoost model.", next_step="Pack the model again.") from error
        return RunnableCatboost(model, signature)

    def lower(self, model: object, signature: Signature) -> Trees:
        """The trees: CatBoost looks at inputs as float32, and goes right where they are above the border."""
        known = _fitted(model)
        _check(known, signature)
        said: Any = json.loads(_saved(known, "json"))
        if known.get_cat_feature_indices():
            _not_of_texts(said)
        scale, bias = said["scale_and_bias"]
        nulls_left = {
            feature["flat_feature_index"]: feature["nan_value_treatment"] != "AsTrue"
            for feature in said["features_info"]["float_features"]
        }
        growth, outputs = Growth(), _outputs(known)
        for tree in said.get("oblivious_trees", []):
            _add_symmetric(growth, tree, nulls_left, scale, outputs)
        if "trees" in said:
            not_lowered("its trees are not symmetric")
        base = np.broadcast_to(np.asarray(bias, dtype=np.float64), (outputs,)).copy()
        return growth.trees(signature.columns(), base=base, link=_link(known), float32=True)

    def explain(self, runnable: Runnable, inputs: Inputs, background: Inputs, *, within_s: float) -> Contributions:
        """TreeSHAP of CatBoost."""
        if not isinstance(runnable, RunnableCatboost):
            not_explained("this is no CatBoost model")
        catboost = framework("catboost")
        cats = runnable.model.get_cat_feature_indices()
        pool = catboost.Pool(_rows(runnable.signature, inputs), cat_features=cats or None)
        found = runnable.model.get_feature_importance(pool, type="ShapValues", thread_count=1)
        if found.ndim != 2:
            not_explained("it gives a vector")
        return from_shap(found, runnable.signature, method="TreeSHAP of CatBoost")


def _not_of_texts(said: Any) -> NoReturn:
    """Categories are texts here. Few of them are compared, more are counted in tables that the model brings along,
    alone and several together; `Trees` know numbers only.
    """
    kinds = {split["split_type"] for tree in said.get("oblivious_trees", []) for split in tree["splits"] or []}
    if "OnlineCtr" in kinds or "trees" in said:
        not_lowered("it counts categories while it answers")
    if "OneHotFeature" in kinds:
        not_lowered("its splits compare texts, and trees as data compare numbers")
    not_lowered("one of its inputs is a text, though no split looks at it: train without it")


def _add_symmetric(growth: Growth, tree: Any, nulls_left: dict[int, bool], scale: float, outputs: int) -> None:
    """A symmetric tree asks the same on each level; split i is bit i of a leaf's place."""
    splits = list(reversed(tree["splits"] or []))
    values = np.asarray(tree["leaf_values"], dtype=np.float64).reshape(-1, outputs) * scale
    inner = len(values) - 1
    level = np.floor(np.log2(np.arange(inner) + 1)).astype(np.int64)
    feature = np.array([split["float_feature_index"] for split in splits], dtype=np.int64)
    border = np.array([split["border"] for split in splits], dtype=np.float32).astype(np.float64)
    nulls = np.array([nulls_left[split["float_feature_index"]] for split in splits], dtype=np.bool_)
    leaf, place = np.zeros(inner + 1), np.arange(inner)
    for output in range(outputs):
        growth.add(
            output=output,
            feature=np.concatenate([feature[level], leaf - 1]).astype(np.int64),
            threshold=np.concatenate([border[level], leaf]),
            left=np.concatenate([2 * place + 1, leaf - 1]).astype(np.int64),
            right=np.concatenate([2 * place + 2, leaf - 1]).astype(np.int64),
            null_left=np.concatenate([nulls[level], leaf > 0]),
            value=np.concatenate([np.zeros(inner), values[:, output]]),
        )


def _rows(signature: Signature, inputs: Inputs) -> Any:
    texts = {field.name for field in signature.inputs if field.type == "string"}
    if not texts:
        return matrix(signature, inputs)
    check_present(signature, inputs)
    signature, inputs = flat(signature), spread(signature, inputs)
    columns: list[list[Any]] = []
    for name in signature.names():
        values = inputs[name].tolist()
        columns.append([_NULL_TEXT if value is None else value for value in values] if name in texts else values)
    return [list(row) for row in zip(*columns, strict=True)]


def _fitted(model: object) -> Any:
    known: Any = model
    if not known.is_fitted():
        raise UnsupportedModel(f"This {type(model).__name__} is not fitted.", next_step="Fit it first.")
    return known


def _saved(model: Any, form: str) -> bytes:
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / f"model.{form}"
        model.save_model(str(path), format=form)
        return path.read_bytes()


def _link(model: Any) -> Link:
    parameters: Any = model.get_all_params() or {}
    loss = str(parameters.get("loss_function", "RMSE")).partition(":")[0]
    if loss not in _LINKS:
        raise UnsupportedModel(
            f"Models trained with {loss} are not spoken here.", next_step=f"Train with {', '.join(_LINKS)}."
        )
    return _LINKS[loss]


def _outputs(model: Any) -> int:
    classes = len(model.classes_) if _link(model) == "softmax" else 1
    return max(1, classes)


def _check(model: Any, signature: Signature) -> None:
    check_outputs(_outputs(model), signature, what="CatBoost model")
    names: list[str] = list(model.feature_names_)
    unnamed = names == [str(place) for place in range(len(names))]
    check_inputs(len(names), None if unnamed else names, signature, what="CatBoost model")
    texts = {place for place, field in enumerate(flat(signature).inputs) if field.type == "string"}
    if texts != set(model.get_cat_feature_indices()):
        raise UnsupportedModel(
            "The signature's strings are not the model's categorical features.",
            next_step="Pack with the signature that the model was fitted with.",
        )
