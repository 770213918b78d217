"""A graph that takes inputs one by one, vectors among them, as one that takes a matrix of all their numbers."""

from dataclasses import replace
from typing import Any

import numpy as np

from pressroom.models.framework import framework
from pressroom.models.signature import Signature, length_of
from pressroom.models.structure import MATRIX, Graph


def matrix_graph(graph: Graph, signature: Signature) -> Graph:
    """The same answers from columns of a float64 matrix (`Signature.columns`), so that it can be cut by column.

    A graph of a matrix already, and one that takes texts, stays as it is; so do tensors that lie elsewhere.
    """
    onnx = framework("onnx")
    model = onnx.load_model_from_string(graph.onnx)
    constants = {constant.name for constant in model.graph.initializer}
    wanted = [given for given in model.graph.input if given.name not in constants]
    names = [given.name for given in wanted]
    if MATRIX in names or any(given.type.tensor_type.elem_type == onnx.TensorProto.STRING for given in wanted):
        return graph
    places: dict[str, list[int]] = {}
    at = 0
    for field in signature.inputs:
        count = length_of(field) if field.type == "vector" else 1
        places[field.name] = list(range(at, at + count))
        at += count
    if not set(names) <= set(places):
        return graph
    taken: list[Any] = []
    for given in wanted:
        index = onnx.numpy_helper.from_array(np.array(places[given.name], dtype=np.int64), f"{given.name}/columns")
        model.graph.initializer.append(index)
        taken += [
            onnx.helper.make_node("Gather", [MATRIX, index.name], [f"{given.name}/exact"], axis=1),
            onnx.helper.make_node("Cast", [f"{given.name}/exact"], [given.name], to=given.type.tensor_type.elem_type),
        ]
    nodes = [*taken, *model.graph.node]
    del model.graph.node[:], model.graph.input[:]
    model.graph.node.extend(nodes)
    model.graph.input.append(onnx.helper.make_tensor_value_info(MATRIX, onnx.TensorProto.DOUBLE, ["n", at]))
    return replace(graph, onnx=bytes(model.SerializeToString(deterministic=True)))
