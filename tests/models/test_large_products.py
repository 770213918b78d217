"""Graphs whose large matrices are read in place: the same answers as the graph as it was, for every count of rows."""

import numpy as np
import onnx
import onnxruntime
import pytest
from onnx import TensorProto, helper, numpy_helper

from pressroom.models.large_products import constants_first
from pressroom.models.open_session import open_large
from pressroom.models.split_onnx import split, tensors
from pressroom.models.structure import Graph

WIDE = 1100
DRAW = np.random.default_rng(3)


def weights(*shape, kind=np.float32):
    return (DRAW.normal(size=shape) / np.sqrt(shape[0])).astype(kind)


def model(nodes, constants, *, taken=("n", 8), kind=TensorProto.FLOAT, opset=17, given="y"):
    graph = helper.make_graph(
        nodes,
        "graph",
        [helper.make_tensor_value_info("X", kind, list(taken))],
        [helper.make_tensor_value_info(given, kind, None)],
        [numpy_helper.from_array(values, name) for name, values in constants.items()],
    )
    return helper.make_model(graph, opset_imports=[helper.make_opsetid("", opset)], ir_version=8)


def node(kind, taken, given, **said):
    return helper.make_node(kind, taken, [given], **said)


FIRST = node("MatMul", ["X", "a"], "h")
SMALL = {"a": weights(8, WIDE)}
LARGE = weights(WIDE, WIDE)

IN_PLACE = {
    "a product": model([FIRST, node("MatMul", ["h", "b"], "y")], SMALL | {"b": LARGE}),
    "with an added row": model([FIRST, node("Gemm", ["h", "b", "c"], "y")], SMALL | {"b": LARGE, "c": weights(WIDE)}),
    "as PyTorch writes it": model(
        [FIRST, node("Gemm", ["h", "b", "c"], "y", transB=1)], SMALL | {"b": LARGE, "c": weights(1, WIDE)}
    ),
    "an added number": model(
        [FIRST, node("Gemm", ["h", "b", "c"], "y", transB=1)], SMALL | {"b": LARGE, "c": weights(1)}
    ),
    "names that are taken": model(
        [FIRST, node("Relu", ["h"], "y.rows"), node("MatMul", ["y.rows", "b"], "y")], SMALL | {"b": LARGE}
    ),
    "float64": model(
        [FIRST, node("MatMul", ["h", "b"], "y")],
        {"a": weights(8, WIDE, kind=np.float64), "b": LARGE.astype(np.float64)},
        kind=TensorProto.DOUBLE,
    ),
}
AS_IT_IS = {
    "scaled": model([FIRST, node("Gemm", ["h", "b"], "y", alpha=0.5, transB=1)], SMALL | {"b": LARGE}),
    "read twice": model(
        [FIRST, node("MatMul", ["h", "b"], "i"), node("MatMul", ["i", "b"], "y")], SMALL | {"b": LARGE}
    ),
    "three axes": model(
        [FIRST, node("Unsqueeze", ["h", "one"], "i"), node("MatMul", ["i", "b"], "y")],
        SMALL | {"b": LARGE, "one": np.array([1])},
    ),
    "looked up": model(
        [node("Cast", ["X"], "i", to=TensorProto.INT64), node("Gather", ["b", "i"], "y")],
        {"b": LARGE},
        taken=("n", 1),
    ),
    "worked out beforehand": model(
        [FIRST, node("Transpose", ["b"], "t"), node("MatMul", ["h", "t"], "y")], SMALL | {"b": LARGE}
    ),
    "an old operator set": model([FIRST, node("MatMul", ["h", "b"], "y")], SMALL | {"b": LARGE}, opset=10),
}


@pytest.mark.parametrize("name", IN_PLACE | AS_IT_IS)
def test_answers_are_those_of_the_graph_as_it_was(name):
    whole = (IN_PLACE | AS_IT_IS)[name].SerializeToString()
    parts = split(Graph(onnx=whole))
    plain = onnxruntime.InferenceSession(whole, providers=["CPUExecutionProvider"])
    opened = open_large(parts)
    taken = plain.get_inputs()[0]
    kind = np.float64 if taken.type == "tensor(double)" else np.float32
    for count in (1, 2, 3, 17):
        rows = DRAW.uniform(0, 9, size=(count, taken.shape[1])).astype(kind)
        wanted = plain.run(None, {"X": rows})[0]
        for session in (opened.many, opened.one):
            np.testing.assert_allclose(session.run(None, {"X": rows})[0], wanted, rtol=2e-4, atol=2e-5)


@pytest.mark.parametrize("name", IN_PLACE)
def test_a_large_matrix_is_read_in_place_for_one_row_and_for_many(name):
    parts = split(Graph(onnx=IN_PLACE[name].SerializeToString()))
    opened = open_large(parts)
    assert opened.one is not opened.many
    steps = onnx.load_model_from_string(parts.steps)
    assert constants_first(steps, tensors(parts))
    large = set(tensors(parts))
    on_the_right = {one.input[1] for one in steps.graph.node if one.op_type in ("Gemm", "MatMul")}
    assert large
    assert not large & on_the_right


@pytest.mark.parametrize("name", AS_IT_IS)
def test_what_can_not_be_turned_around_has_one_session(name):
    opened = open_large(split(Graph(onnx=AS_IT_IS[name].SerializeToString())))
    assert opened.one is opened.many
