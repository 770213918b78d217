"""Trees as an ONNX graph that decides like the framework, also for values between float32 neighbours.

The converters in use write thresholds as float32, and a row whose value lies between two float32 neighbours goes to
another leaf. This graph uses the operator TreeEnsemble of ai.onnx.ml 5 with float64 throughout, after rounding the
inputs to what the framework itself looks at.
"""

from dataclasses import replace
from typing import Any

import numpy as np

from pressroom.models.framework import framework
from pressroom.models.signature import Floats
from pressroom.models.structure import MATRIX, Graph, Integers, Trees

OPSET, OPSET_ML, IR = 21, 5, 10
_SUM, _LESS_OR_EQUAL, _NO_TRANSFORM = 1, 0, 0
_LINKS = {"sigmoid": "Sigmoid", "exp": "Exp", "softmax": "Softmax"}
ANSWER = "answer"


def graph_of_trees(trees: Trees) -> Graph:
    """The graph: `X` [n, inputs] of float64 in, `answer` [n, outputs] out. Needs onnx."""
    helper = framework("onnx.helper")
    types = framework("onnx").TensorProto
    whole = _all_float32(trees)
    kind = types.FLOAT if whole else types.DOUBLE
    nodes: list[Any] = []
    seen = MATRIX
    if trees.precision == "float32":
        nodes.append(helper.make_node("Cast", [MATRIX], ["X32"], to=types.FLOAT))
        seen = "X32"
        if not whole:
            nodes.append(helper.make_node("Cast", ["X32"], ["X64"], to=types.DOUBLE))
            seen = "X64"
    made = "margin" if trees.link in _LINKS else ANSWER
    attributes = _attributes(_with_splits(_with_base(trees)), kind)
    nodes.append(helper.make_node("TreeEnsemble", [seen], [made], domain="ai.onnx.ml", **attributes))
    if trees.link in _LINKS:
        nodes.append(helper.make_node(_LINKS[trees.link], [made], [ANSWER]))
    graph = helper.make_graph(
        nodes,
        "trees",
        [helper.make_tensor_value_info(MATRIX, types.DOUBLE, ["n", len(trees.inputs)])],
        [helper.make_tensor_value_info(ANSWER, kind, ["n", trees.outputs()])],
    )
    opsets = [helper.make_opsetid("", OPSET), helper.make_opsetid("ai.onnx.ml", OPSET_ML)]
    model = helper.make_model(graph, opset_imports=opsets, ir_version=IR, producer_name="pressroom")
    return Graph(onnx=model.SerializeToString(deterministic=True))


def _all_float32(trees: Trees) -> bool:
    """Whether the framework sums in float32: then this does too, tree after tree as it does, with the same rounding."""
    numbers = np.concatenate([trees.value, trees.base])
    return trees.precision == "float32" and bool((numbers.astype(np.float32) == numbers).all())


def _with_base(trees: Trees) -> Trees:
    """The same trees after one leaf for each output that holds its base, so that sums start from there."""
    count = trees.outputs()
    if not trees.base.any():
        return trees
    lone = np.full(count, -1, dtype=np.int32)
    return replace(
        trees,
        feature=np.concatenate([lone, trees.feature]),
        threshold=np.concatenate([np.zeros(count), trees.threshold]),
        left=np.concatenate([lone, np.where(trees.left >= 0, trees.left + count, -1)]).astype(np.int32),
        right=np.concatenate([lone, np.where(trees.right >= 0, trees.right + count, -1)]).astype(np.int32),
        null_left=np.concatenate([np.zeros(count, dtype=np.bool_), trees.null_left]),
        value=np.concatenate([trees.base, trees.value]),
        root=np.concatenate([np.arange(count), trees.root + count]).astype(np.int32),
        output=np.concatenate([np.arange(count), trees.output]).astype(np.int32),
        base=np.zeros(count),
    )


def _attributes(trees: Trees, kind: int) -> dict[str, Any]:
    helper, types = framework("onnx.helper"), framework("onnx").TensorProto
    inner = trees.feature >= 0
    place = np.where(inner, np.cumsum(inner) - 1, np.cumsum(~inner) - 1)
    splits, values = trees.threshold[inner], trees.value[~inner]
    if kind == types.FLOAT:
        splits = _float32_at_most(splits)

    def to(children: Integers) -> tuple[list[int], list[int]]:
        found = children[inner]
        return place[found].tolist(), (~inner[found]).astype(int).tolist()

    (true_ids, true_leaves), (false_ids, false_leaves) = to(trees.left), to(trees.right)
    return {
        "n_targets": trees.outputs(),
        "aggregate_function": _SUM,
        "post_transform": _NO_TRANSFORM,
        "tree_roots": place[trees.root].tolist(),
        "nodes_modes": helper.make_tensor("modes", types.UINT8, (len(splits),), [_LESS_OR_EQUAL] * len(splits)),
        "nodes_featureids": trees.feature[inner].tolist(),
        "nodes_splits": helper.make_tensor("splits", kind, (len(splits),), splits),
        "nodes_truenodeids": true_ids,
        "nodes_trueleafs": true_leaves,
        "nodes_falsenodeids": false_ids,
        "nodes_falseleafs": false_leaves,
        "nodes_missing_value_tracks_true": trees.null_left[inner].astype(int).tolist(),
        "leaf_targetids": trees.output[trees.owner()[~inner]].tolist(),
        "leaf_weights": helper.make_tensor("weights", kind, (len(values),), values),
    }


def _float32_at_most(thresholds: Floats) -> Floats:
    """Of a float32 number it is the same to ask whether it is at most `t`, or at most the float32 just at or below."""
    with np.errstate(over="ignore"):
        near = thresholds.astype(np.float32)
    return np.where(near > thresholds, np.nextafter(near, np.float32(-np.inf)), near).astype(np.float64)


def _with_splits(trees: Trees) -> Trees:
    """The same trees, each that is one leaf under a split whose two sides are that leaf: ONNX roots are splits."""
    bare = trees.root[trees.feature[trees.root] < 0]
    if len(bare) == 0:
        return trees
    # The new split stands where the leaf was, and the leaf right after it.
    shift = np.searchsorted(bare, np.arange(len(trees.feature)), side="left").astype(np.int32)
    at_leaf = np.isin(np.arange(len(trees.feature)), bare)
    size = len(trees.feature) + len(bare)
    to = np.arange(len(trees.feature)) + shift + at_leaf
    new_split = bare + np.arange(len(bare))

    def spread(column: Any, at_split: Any) -> Any:
        made = np.zeros(size, dtype=column.dtype)
        made[to] = column
        made[new_split] = at_split
        return made

    def moved(children: Integers) -> Integers:
        return np.where(children >= 0, (to - at_leaf)[np.maximum(children, 0)], -1).astype(np.int32)

    return replace(
        trees,
        feature=spread(trees.feature, 0),
        threshold=spread(trees.threshold, 0.0),
        left=spread(moved(trees.left), new_split + 1),
        right=spread(moved(trees.right), new_split + 1),
        null_left=spread(trees.null_left, at_split=True),
        value=spread(trees.value, 0.0),
        root=(trees.root + np.searchsorted(bare, trees.root, side="left")).astype(np.int32),
    )
