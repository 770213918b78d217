"""LightGBM, in its own text format: readable, exact, and loaded without running anybody's code."""

from collections.abc import Callable, Iterable, Iterator, Mapping
from typing import Any

import numpy as np

from pressroom.models.categories import Sets, Stretches, members_of, without_sets
from pressroom.models.errors import UnsupportedModel
from pressroom.models.framework import framework
from pressroom.models.grow import Growth
from pressroom.models.model import Contributions, Runnable, Tier
from pressroom.models.outputs import check_inputs, check_outputs, from_shap, not_explained, not_lowered, shaped
from pressroom.models.signature import Floats, Inputs, Signature, matrix
from pressroom.models.structure import Link, Trees
from pressroom.values import InvalidInput

_FILE = "model.txt"
_UNNAMED = "Column_"
_LAST_TREE = "\nend of trees"
_ZERO = float(np.float32(1e-35))
"""LightGBM takes whatever is no farther from 0 than this as 0, before any split looks at it."""
_CATEGORICAL, _DEFAULT_LEFT, _ZERO_IS_MISSING, _NAN_IS_MISSING = 1, 2, 4, 8
_CATEGORIES = Sets(members_left=True, zero_from=-1.0, kind=np.float64)
"""A number is cut towards 0 before it is looked up: all between -1 and 1 is category 0."""
_SAME = ("regression", "regression_l1", "huber", "fair", "quantile", "mape", "lambdarank", "rank_xendcg", "custom", "")
_LINKS: dict[str, Link] = {
    **dict.fromkeys(_SAME, "identity"),
    **dict.fromkeys(("binary", "cross_entropy", "multiclassova"), "sigmoid"),
    **dict.fromkeys(("poisson", "gamma", "tweedie"), "exp"),
    "multiclass": "softmax",
}


class RunnableBooster:
    """A booster that answers with one thread: requests share the cores, not one request."""

    def __init__(self, booster: Any, signature: Signature) -> None:
        """Refuses a booster that was trained on another number of inputs."""
        _check(booster, signature)
        self.booster = booster
        self.signature = signature

    def predict(self, inputs: Inputs) -> Floats:
        """The chance (or the score) of each row."""
        rows = matrix(self.signature, inputs)
        if len(rows) == 0:
            return shaped(np.empty((0, self.booster.num_model_per_iteration())), self.signature)
        return shaped(self.booster.predict(rows, num_threads=1), self.signature)


class LightgbmAdapter:
    """Speaks Booster and the scikit-learn classes of LightGBM."""

    kind = "lightgbm"
    distributions = ("lightgbm", "numpy")
    tier: Tier = "safe"

    def owns(self, model: object) -> bool:
        """Whether the class comes from LightGBM."""
        return type(model).__module__.partition(".")[0] == "lightgbm"

    def original(self, model: object, signature: Signature, inputs: Inputs) -> Floats:
        """What the booster in memory answers."""
        return shaped(_booster(model).predict(matrix(signature, inputs)), signature)

    def dump(self, model: object, signature: Signature) -> dict[str, bytes]:
        """One text file, up to the best iteration where there is one.

        The number of threads is left out: it does not change the trees, and the digest shall not depend on the machine.
        """
        return {_FILE: _text(_booster(model), signature).encode()}

    def load(self, files: Mapping[str, bytes], signature: Signature) -> RunnableBooster:
        """The booster back; needs LightGBM."""
        if _FILE not in files:
            raise InvalidInput(f"The package has no {_FILE}.", next_step="Pack the model again.")
        lightgbm = framework("lightgbm")
        try:
            text = files[_FILE].decode()
            # LightGBM itself reads on past the end of a file that was cut short.
            if _LAST_TREE not in text or text.count("\nTree=") != len(_sizes(text)):
                raise InvalidInput(f"{_FILE} is cut short.", next_step="Pack the model again.")
            booster = lightgbm.Booster(model_str=text)
        except (lightgbm.basic.LightGBMError, UnicodeDecodeError) as error:
            raise InvalidInput(f"{_FILE} is no LightGBM model: {error}.", next_step="Pack the model again.") from error
        return RunnableBooster(booster, signature)

    def lower(self, model: object, signature: Signature) -> Trees:
        """The trees, from the text format; its thresholds and leaves are float64."""
        head, *blocks = _text(_booster(model), signature).split("\nTree=")
        said = _settings(head)
        per_iteration = int(said["num_tree_per_iteration"])
        link, scale = _link(said.get("objective", ""))
        if "average_output" in said:
            scale /= len(blocks) / per_iteration
        growth = Growth()
        for place, block in enumerate(blocks):
            tree = _settings(block)
            growth.add(output=place % per_iteration, **_nodes(tree, scale))
        return growth.trees(signature.columns(), base=np.zeros(per_iteration), link=link, float32=False)

    def explain(self, runnable: Runnable, inputs: Inputs, background: Inputs, *, within_s: float) -> Contributions:
        """TreeSHAP of LightGBM."""
        if not isinstance(runnable, RunnableBooster):
            not_explained("this is no booster")
        rows = matrix(runnable.signature, inputs)
        found = runnable.booster.predict(rows, pred_contrib=True, num_threads=1)
        raw = runnable.booster.predict(rows, raw_score=True, num_threads=1)
        if found.shape != (len(rows), rows.shape[1] + 1) or not np.allclose(found.sum(axis=1), raw, rtol=1e-6):
            not_explained("LightGBM's contributions do not add up to the score (random forests, several outputs)")
        return from_shap(found, runnable.signature, method="TreeSHAP of LightGBM")

    def remembers(self, part: object) -> bool:
        """Boosters, which the next rounds go on from."""
        return self.owns(part) and type(part).__name__ == "Booster"

    def remember(self, part: object) -> Callable[[], dict[str, bytes]]:
        """Its trees."""
        known: Any = part
        content = known.model_to_string().encode()
        return lambda: {_FILE: content}

    def recall(self, part: object, files: Mapping[str, bytes]) -> object:
        """A new booster: give it to the next rounds to go on from."""
        return framework("lightgbm").Booster(model_str=files[_FILE].decode())


def _text(booster: Any, signature: Signature) -> str:
    _check(booster, signature)
    lines: list[str] = booster.model_to_string().splitlines(keepends=True)
    return "".join(_without_threads(lines))


def _settings(text: str) -> dict[str, str]:
    """The lines `name=value` of a part of the text format."""
    parts = (line.partition("=") for line in text.splitlines())
    return {name: value for name, _, value in parts}


def _sizes(text: str) -> list[str]:
    """The sizes of the trees, as the head of the file announces them."""
    line = next((line for line in text.split("\nTree=", 1)[0].splitlines() if line.startswith("tree_sizes=")), "")
    return line.partition("=")[2].split()


def _without_threads(lines: list[str]) -> Iterator[str]:
    return (line for line in lines if not line.startswith("[num_threads:"))


def _link(objective: str) -> tuple[Link, float]:
    name, *parameters = objective.split(" ")
    if name not in _LINKS or "sqrt" in parameters:
        not_lowered(f"the objective {objective!r} turns scores into answers in a way that no link here repeats")
    steepness = next((float(said.partition(":")[2]) for said in parameters if said.startswith("sigmoid:")), 1.0)
    return _LINKS[name], steepness


def _nodes(tree: dict[str, str], scale: float) -> dict[str, Any]:
    """One tree of the text format: inner nodes first, then the leaves; a child below 0 is the leaf `-child - 1`."""
    leaf_values = np.array(tree["leaf_value"].split(), dtype=np.float64) * scale
    if tree.get("is_linear", "0") != "0":
        not_lowered("its leaves hold linear models")
    count = len(leaf_values) - 1
    if count == 0:
        return {
            "feature": [-1], "threshold": [0.0], "left": [-1], "right": [-1], "null_left": [False],
            "value": leaf_values,
        }  # fmt: skip
    kinds = np.array(tree["decision_type"].split(), dtype=np.int64)
    if (kinds & _ZERO_IS_MISSING).any():
        not_lowered("it was trained with zero_as_missing")
    told = np.array(tree["threshold"].split(), dtype=np.float64)
    near = np.where(told < 0.0, np.nextafter(-_ZERO, -np.inf), _ZERO)
    thresholds = np.where(np.abs(told) <= _ZERO, near, told)
    leaf = np.zeros(count + 1)

    def children(side: str) -> Any:
        found = np.array(tree[side].split(), dtype=np.int64)
        return np.concatenate([np.where(found < 0, count - found - 1, found), leaf - 1]).astype(np.int64)

    # Without NaN as missing, LightGBM takes NaN as 0.
    null_left = np.where(kinds & _NAN_IS_MISSING, (kinds & _DEFAULT_LEFT) > 0, thresholds >= 0.0)
    nodes = {
        "feature": np.concatenate([np.array(tree["split_feature"].split(), dtype=np.int64), leaf - 1]).astype(np.int64),
        "threshold": np.concatenate([thresholds, leaf]),
        "left": children("left_child"),
        "right": children("right_child"),
        "null_left": np.concatenate([null_left, leaf > 0]),
        "value": np.concatenate([np.zeros(count), leaf_values]),
    }
    by_category = np.flatnonzero(kinds & _CATEGORICAL)
    return without_sets(nodes, _sets(tree, by_category, told)) if len(by_category) else nodes


def _sets(tree: dict[str, str], nodes: Iterable[int], told: Floats) -> dict[int, Stretches]:
    """The sets of the splits by category. A member goes left; what is cut down to it is, and null is nobody."""
    edges = [int(edge) for edge in tree["cat_boundaries"].split()]
    words = [int(word) for word in tree["cat_threshold"].split()]
    found: dict[int, Stretches] = {}
    for node in nodes:
        place = int(told[node])
        members = members_of(words[edges[place] : edges[place + 1]])
        found[int(node)] = _CATEGORIES.stretches(members, null_left=False)
    return found


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
    check_outputs(booster.num_model_per_iteration(), signature, what="booster")
    names: list[str] = booster.feature_name()
    unnamed = all(name.startswith(_UNNAMED) for name in names)
    check_inputs(booster.num_feature(), None if unnamed else names, signature, what="booster")
