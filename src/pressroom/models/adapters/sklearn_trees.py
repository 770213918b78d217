"""scikit-learn's tree ensembles as data. What it keeps under private names is looked at here and nowhere else."""

from operator import methodcaller
from typing import Any

import numpy as np
import numpy.typing as npt

from pressroom.models.categories import Stretches, members_of, stretches_of_points, without_sets
from pressroom.models.grow import Growth
from pressroom.models.outputs import not_lowered
from pressroom.models.signature import Floats, Signature
from pressroom.models.structure import Link, Trees

Integers = npt.NDArray[np.int64]

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
    growth, encoded = Growth(), _encoded(known.get("_preprocessor"), len(signature.columns()))
    for stage in stages:
        for output, predictor in enumerate(stage):
            growth.add(output=output, **_binned_nodes(predictor, *encoded))
    loss = model.loss
    link: Link = "identity"
    if hasattr(model, "classes_"):
        link = "sigmoid" if outputs == 1 else "softmax"
    elif loss in ("poisson", "gamma"):
        link = "exp"
    return growth.trees(signature.columns(), base=np.ravel(base), link=link, float32=False)


def _encoded(preprocessor: Any, count: int) -> tuple[Integers, dict[int, Floats]]:
    """Which input each column is that the trees look at, and the numbers that stand for categories, by input. Inputs by
    category are encoded first: as their place among the numbers seen in training, a number in between as null.
    """
    if preprocessor is None:
        return np.arange(count), {}
    places = np.arange(count)
    order = np.empty(count, dtype=np.int64)
    inputs = {name: places[columns] for name, _, columns in preprocessor.transformers_ if np.any(columns)}
    if not {"encoder"} <= set(inputs) <= {"encoder", "numerical"} or not all(
        name in preprocessor.output_indices_ for name in inputs
    ):
        not_lowered("this release of scikit-learn encodes categories in another way")
    for name, columns in inputs.items():
        order[preprocessor.output_indices_[name]] = columns
    known = preprocessor.named_transformers_["encoder"].categories_
    if any(values.dtype.kind not in "iuf" for values in known):
        not_lowered("its categories are texts")
    return order, {
        int(column): values[~np.isnan(values)].astype(np.float64)
        for column, values in zip(inputs["encoder"], known, strict=True)
    }


def _binned_nodes(predictor: Any, order: Integers, categories: dict[int, Floats]) -> dict[str, Any]:
    told = predictor.nodes
    leaf, nulls = told["is_leaf"].astype(bool), told["missing_go_to_left"] > 0
    nodes = {
        "feature": np.where(leaf, -1, order[np.where(leaf, 0, told["feature_idx"]).astype(np.int64)]),
        "threshold": told["num_threshold"],
        "left": told["left"].astype(np.int64),
        "right": told["right"].astype(np.int64),
        "null_left": nulls,
        "value": told["value"],
    }
    sets: dict[int, Stretches] = {}
    for node in np.flatnonzero(told["is_categorical"].astype(bool) & ~leaf).tolist():
        members = set(members_of(predictor.raw_left_cat_bitsets[told["bitset_idx"][node]]))
        points = categories[int(nodes["feature"][node])].tolist()
        sides = {point: place in members for place, point in enumerate(points)}
        sets[node] = stretches_of_points(sides, others_left=bool(nulls[node]))
    return without_sets(nodes, sets) if sets else nodes


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
