"""Which of an ONNX graph's outputs is the answer, put first and alone."""

from typing import Any

from pressroom.models.framework import framework
from pressroom.models.outputs import not_lowered
from pressroom.models.signature import Signature, width


def keep_answer(model: Any, name: str, signature: Signature) -> None:
    """Keep the output `name` of a ModelProto. Where it has two columns (chances of no and yes) and the signature wants
    one number, the second is taken.
    """
    helper, types = framework("onnx.helper"), framework("onnx").TensorProto
    graph = model.graph
    answer = next(output for output in graph.output if output.name == name)
    if not answer.type.HasField("tensor_type"):
        not_lowered(f"its output {name!r} is a map and no tensor; export it without ZipMap")
    tensor = answer.type.tensor_type
    columns = tensor.shape.dim[1].dim_value if len(tensor.shape.dim) == 2 else 1
    if columns == 2 and not width(signature):
        graph.initializer.append(helper.make_tensor("pressroom_second", types.INT64, (1,), [1]))
        graph.node.append(helper.make_node("Gather", [name, "pressroom_second"], ["pressroom_answer"], axis=1))
        answer = helper.make_tensor_value_info("pressroom_answer", tensor.elem_type, ["n", 1])
    kept = [answer]
    del graph.output[:]
    graph.output.extend(kept)
