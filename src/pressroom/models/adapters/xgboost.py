"""XGBoost, in its own binary format (UBJSON): data only, loaded without running anybody's code."""

import json
from collections.abc import Callable, Mapping
from typing import Any

import numpy as np

from pressroom.models.categories import Sets, Stretches, without_sets
from pressroom.models.errors import UnsupportedModel
from pressroom.models.framework import framework
from pressroom.models.grow import Growth, next_below_float32
from pressroom.models.model import Contributions, Runnable, Tier
from pressroom.models.outputs import check_inputs, check_outputs, from_shap, not_explained, not_lowered, shaped
from pressroom.models.signature import Floats, Inputs, Signature, matrix
from pressroom.models.structure import Link, Trees
from pressroom.values import InvalidInput

_FILE = "model.ubj"
_CATEGORIES = Sets(members_left=False, zero_from=0.0, kind=np.float32)
_SAME = ("reg:squarederror", "reg:absoluteerror", "reg:quantileerror", "reg:pseudohubererror", "reg:squaredlogerror",
         "binary:logitraw", "rank:ndcg", "rank:map", "rank:pairwise")  # fmt: skip
_LINKS: dict[str, Link] = {
    **dict.fromkeys(_SAME, "identity"),
    **dict.fromkeys(("binary:logistic", "reg:logistic"), "sigmoid"),
    **dict.fromkeys(("count:poisson", "reg:gamma", "reg:tweedie"), "exp"),
    "multi:softprob": "softmax",
}


class RunnableXgboost:
    """A booster that answers with one thread: requests share the cores, not one request."""

    def __init__(self, booster: Any, signature: Signature) -> None:
        """Refuses a booster that was trained on other inputs."""
        _check(booster, signature)
        booster.set_param({"nthread": 1})
        self.booster = booster
        self.signature = signature

    def predict(self, inputs: Inputs) -> Floats:
        """The chance (or the score) of each row."""
        return shaped(
            self.booster.inplace_predict(_rows(self.signature, inputs), validate_features=False), self.signature
        )


class XgboostAdapter:
    """Speaks Booster and the scikit-learn classes of XGBoost."""

    kind = "xgboost"
    distributions = ("xgboost", "xgboost-cpu", "numpy")
    tier: Tier = "safe"

    def owns(self, model: object) -> bool:
        """Whether the class comes from XGBoost."""
        return type(model).__module__.partition(".")[0] == "xgboost"

    def original(self, model: object, signature: Signature, inputs: Inputs) -> Floats:
        """What the booster in memory answers, through XGBoost's own matrix."""
        booster = _booster(model)
        return shaped(booster.predict(_own_matrix(booster, _rows(signature, inputs))), signature)

    def dump(self, model: object, signature: Signature) -> dict[str, bytes]:
        """One UBJSON file, up to the best iteration where there is one."""
        booster = _booster(model)
        _check(booster, signature)
        return {_FILE: bytes(booster.save_raw("ubj"))}

    def load(self, files: Mapping[str, bytes], signature: Signature) -> RunnableXgboost:
        """The booster back; needs XGBoost."""
        if _FILE not in files:
            raise InvalidInput(f"The package has no {_FILE}.", next_step="Pack the model again.")
        xgboost = framework("xgboost")
        booster = xgboost.Booster()
        try:
            booster.load_model(bytearray(files[_FILE]))
        except (xgboost.core.XGBoostError, ValueError) as error:
            reason = str(error).strip().splitlines()[-1]
            raise InvalidInput(f"{_FILE} is no XGBoost model: {reason}.", next_step="Pack the model again.") from error
        return RunnableXgboost(booster, signature)

    def lower(self, model: object, signature: Signature) -> Trees:
        """The trees: XGBoost looks at inputs as float32, and goes left where they are below the threshold."""
        booster = _booster(model)
        _check(booster, signature)
        learner: Any = json.loads(bytes(booster.save_raw("json")))["learner"]
        link, base = _link(learner)
        boosted = learner["gradient_booster"]
        weights = boosted.get("weight_drop")
        if boosted["name"] not in ("gbtree", "dart"):
            not_lowered(f"the booster {boosted['name']!r} is not made of trees")
        kept = (boosted["gbtree"] if weights else boosted)["model"]
        growth = Growth()
        for place, (tree, output) in enumerate(zip(kept["trees"], kept["tree_info"], strict=True)):
            growth.add(output=output, **_nodes(tree, weights[place] if weights else 1.0))
        return growth.trees(signature.columns(), base=base, link=link, float32=True)

    def explain(self, runnable: Runnable, inputs: Inputs, background: Inputs, *, within_s: float) -> Contributions:
        """TreeSHAP of XGBoost."""
        if not isinstance(runnable, RunnableXgboost):
            not_explained("this is no booster")
        rows = _own_matrix(runnable.booster, _rows(runnable.signature, inputs))
        found = runnable.booster.predict(rows, pred_contribs=True)
        if found.ndim != 2:
            not_explained("it gives a vector")
        return from_shap(found, runnable.signature, method="TreeSHAP of XGBoost")

    def remembers(self, part: object) -> bool:
        """Boosters, which the next rounds go on from."""
        return self.owns(part) and type(part).__name__ == "Booster"

    def remember(self, part: object) -> Callable[[], dict[str, bytes]]:
        """Its trees."""
        known: Any = part
        content = bytes(known.save_raw("ubj"))
        return lambda: {_FILE: content}

    def recall(self, part: object, files: Mapping[str, bytes]) -> object:
        """A new booster: give it to the next rounds to go on from."""
        booster = framework("xgboost").Booster()
        booster.load_model(bytearray(files[_FILE]))
        return booster


def _rows(signature: Signature, inputs: Inputs) -> Any:
    # XGBoost looks at float32 and refuses what overflows it as infinite; to a tree, the largest number says the same.
    most = np.finfo(np.float32).max
    return np.clip(matrix(signature, inputs), -most, most).astype(np.float32)


def _own_matrix(booster: Any, rows: Any) -> Any:
    kinds = booster.feature_types
    by_category = kinds is not None and "c" in kinds
    return framework("xgboost").DMatrix(
        rows,
        feature_names=booster.feature_names,
        feature_types=kinds if by_category else None,
        enable_categorical=by_category,
        nthread=1,
    )


def _booster(model: object) -> Any:
    known: Any = model
    if type(model).__name__ == "Booster":
        booster = known
    elif hasattr(model, "get_booster") and hasattr(model, "n_features_in_"):
        booster = known.get_booster()
    else:
        raise UnsupportedModel(
            f"This {type(model).__name__} holds no trees.", next_step="Fit it, or pack an xgboost.Booster."
        )
    best = booster.attr("best_iteration")
    return booster if best is None else booster[: int(best) + 1]


def _check(booster: Any, signature: Signature) -> None:
    configured: Any = json.loads(booster.save_config())["learner"]["learner_model_param"]
    outputs = max(1, int(configured["num_class"]), int(configured.get("num_target", "1")))
    check_outputs(outputs, signature, what="booster")
    check_inputs(booster.num_features(), booster.feature_names, signature, what="booster")


def _link(learner: Any) -> tuple[Link, Floats]:
    objective = learner["objective"]["name"]
    if objective not in _LINKS:
        not_lowered(f"the objective {objective!r} turns scores into answers in a way that no link here repeats")
    parameters = learner["learner_model_param"]
    told = np.array(json.loads(f"[{parameters['base_score'].strip('[]')}]"), dtype=np.float32)
    link = _LINKS[objective]
    one = np.float32(1.0)
    # In float32, as XGBoost does it: sums then start from the same number.
    base = -np.log(one / told - one) if link == "sigmoid" else np.log(told) if link == "exp" else told
    return link, np.broadcast_to(base, (max(1, int(parameters["num_class"])),)).astype(np.float64)


def _nodes(tree: Any, weight: float) -> dict[str, Any]:
    left = np.array(tree["left_children"])
    if len(tree.get("base_weights", ())) > len(left):
        not_lowered("a leaf holds more than one number")
    conditions = np.array(tree["split_conditions"], dtype=np.float32)
    nodes = {
        "feature": np.where(left >= 0, np.array(tree["split_indices"]), -1),
        "threshold": next_below_float32(conditions),
        "left": left,
        "right": np.array(tree["right_children"]),
        "null_left": np.array(tree["default_left"]) > 0,
        "value": conditions.astype(np.float64) * weight,
    }
    return without_sets(nodes, _sets(tree)) if any(tree.get("split_type", ())) else nodes


def _sets(tree: Any) -> dict[int, Stretches]:
    """The sets of the splits by category. A member goes right, whatever is no category goes left."""
    found: dict[int, Stretches] = {}
    for node, start, size in zip(
        tree["categories_nodes"], tree["categories_segments"], tree["categories_sizes"], strict=True
    ):
        members = tree["categories"][start : start + size]
        found[int(node)] = _CATEGORIES.stretches(members, null_left=bool(tree["default_left"][node]))
    return found
