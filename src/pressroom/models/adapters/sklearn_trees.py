"""scikit-learn's tree ensembles as data. What it keeps under private names is looked at here and nowhere else."""

from operator import methodcaller
from typing import Any

import numpy as np

from pressroom.models.grow import Growth
from pressroom.models.outputs import not_lowered
from pressroom.models.signature import Floats, Signature
from pressroom.models.structure import Link, Trees

_ALONE = ("DecisionTreeClassifier", "DecisionTreeRegressor", "ExtraTreeClassifier", "ExtraTreeRegressor")
_FORESTS = ("RandomForestClassifier", "RandomForestRegressor", "ExtraTreesClassifier", "ExtraTreesRegressor")
_BOOSTED = ("GradientBoostingClassifier", "GradientBoostingRegressor")
_BINNED = ("HistGradientBoostingClassifier", "HistGradientBoostingRegressor")


def trees_of(model: Any, signature: Signature) -> Trees | None:
    """The trees of a fitted estimator; None where it is none of scikit-learn's tree models."""
    name = type(model).__name__
    if name in _ALONE:
        return _averaged([model], signature)
    if name in _FORESTS:
        return _averaged(model.estimators_, signature)
    if name in _BOOSTED:
        return _boosted(model, signature)
    return _binned(model, signature) if name in _BINNED else None


def _averaged(estimators: list[Any], signature: Signature) -> Trees:
    """Of two classes only the chance of the second is kept."""
    growth, outputs = Growth(), 1
    for estimator in estimators:
        tree = estimator.tree_
        values = tree.value[:, 0, :] if tree.value.shape[1] == 1 else not_lowered("it has several targets")
        if hasattr(estimator, "classes_"):
            values = values / values.sum(axis=1, keepdims=True)
            values = values[:, 1:] if values.shape[1] == 2 else values
        outputs = values.shape[1]
        for output in range(outputs):
            growth.add(output=output, **_nodes(tree, values[:, output] / len(estimators)))
    return growth.trees(signature.columns(), base=np.zeros(outputs), link="identity", float32=True)


def _boosted(model: Any, signature: Signature) -> Trees:
    classifies = hasattr(model, "classes_")
    if classifies and model.loss != "log_loss":
        not_lowered(f"the loss {model.loss!r} turns scores into answers in a way that no link here repeats")
    growth = Growth()
    for stage in model.estimators_:
        for output, estimator in enumerate(stage):
            tree = estimator.tree_
            growth.add(output=output, **_nodes(tree, tree.value[:, 0, 0] * model.learning_rate))
    outputs = model.estimators_.shape[1]
    if model.init_ != "zero" and type(model.init_).__name__ not in ("DummyClassifier", "DummyRegressor"):
        not_lowered("it starts from another model's answers")
    link: Link = ("sigmoid" if outputs == 1 else "softmax") if classifies else "identity"
    if not hasattr(model, "_raw_predict_init"):
        not_lowered("this release of scikit-learn keeps what its sums start from elsewhere")
    start = methodcaller("_raw_predict_init", np.zeros((1, len(signature.columns())), dtype=np.float32))(model)
    base = np.asarray(start, dtype=np.float64)[0]
    return growth.trees(signature.columns(), base=base, link=link, float32=True)


def _binned(model: Any, signature: Signature) -> Trees:
    known = vars(model)
    stages, base = known.get("_predictors"), known.get("_baseline_prediction")
    if stages is None or base is None:
        not_lowered("this release of scikit-learn keeps its trees elsewhere")
    outputs = len(stages[0])
    growth = Growth()
    for stage in stages:
        for output, predictor in enumerate(stage):
            nodes = predictor.nodes
            if nodes["is_categorical"].any():
                not_lowered("a split asks whether a category is in a set")
            leaf = nodes["is_leaf"].astype(bool)
            growth.add(
                output=output,
                feature=np.where(leaf, -1, nodes["feature_idx"].astype(np.int64)),
                threshold=nodes["num_threshold"],
                left=nodes["left"].astype(np.int64),
                right=nodes["right"].astype(np.int64),
                null_left=nodes["missing_go_to_left"] > 0,
                value=nodes["value"],
            )
    loss = model.loss
    link: Link = "identity"
    if hasattr(model, "classes_"):
        link = "sigmoid" if outputs == 1 else "softmax"
    elif loss in ("poisson", "gamma"):
        link = "exp"
    return growth.trees(signature.columns(), base=np.ravel(base), link=link, float32=False)


def _nodes(tree: Any, values: Floats) -> dict[str, Any]:
    nulls = getattr(tree, "missing_go_to_left", np.zeros(len(values)))
    return {
        "feature": np.where(tree.children_left >= 0, tree.feature, -1),
        "threshold": tree.threshold,
        "left": tree.children_left,
        "right": tree.children_right,
        "null_left": np.asarray(nulls) > 0,
        "value": values,
    }
