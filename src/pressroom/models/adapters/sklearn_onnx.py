"""scikit-learn through skl2onnx: whatever it converts, in float64 where onnxruntime takes that, else in float32."""

import logging
import warnings
from typing import Any

from pressroom.models.errors import FrameworkMissing, NotLowered
from pressroom.models.framework import framework
from pressroom.models.onnx_answer import keep_answer
from pressroom.models.open_session import open_session
from pressroom.models.outputs import not_lowered
from pressroom.models.signature import Signature, width
from pressroom.models.structure import MATRIX, Graph
from pressroom.models.vectors import has_vectors
from pressroom.values import InvalidInput

_OPSET = {"": 19, "ai.onnx.ml": 3}


def graph_of(model: Any, signature: Signature, *, probabilities: bool) -> Graph:
    """The graph. Raises NotLowered with the converter's reason, or onnxruntime's."""
    types = framework("skl2onnx.common.data_types")
    why = ""
    for kind in (types.DoubleTensorType, types.FloatTensorType):
        try:
            content = _converted(model, signature, kind, probabilities=probabilities)
            open_session(content)
        except (FrameworkMissing, NotLowered):
            raise
        except InvalidInput as error:
            why = error.message
        except Exception as error:  # noqa: BLE001  (converters raise whatever they meet)
            why = f"skl2onnx does not convert it: {_first_line(error)}"
        else:
            return Graph(onnx=content)
    return not_lowered(why)


def _converted(model: Any, signature: Signature, kind: Any, *, probabilities: bool) -> bytes:
    convert = framework("skl2onnx")
    texts = framework("skl2onnx.common.data_types").StringTensorType
    if any(field.type == "string" for field in signature.inputs):
        if has_vectors(signature):
            not_lowered("a graph of texts takes its inputs one by one, and skl2onnx does not take vectors so")
        asked = [
            (field.name, texts([None, 1]) if field.type == "string" else kind([None, 1])) for field in signature.inputs
        ]
    else:
        asked = [(MATRIX, kind([None, len(signature.columns())]))]
    options = {id(model): {"zipmap": False}} if probabilities else None
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        logging.getLogger("skl2onnx").setLevel(logging.ERROR)
        made = convert.convert_sklearn(model, initial_types=asked, options=options, target_opset=_OPSET)
    if probabilities and not width(signature):
        _two_columns(made)
    keep_answer(made, made.graph.output[1 if probabilities else 0].name, signature)
    made.graph.name = "sklearn"
    return made.SerializeToString(deterministic=True)


def _two_columns(model: Any) -> None:
    """Say that there are two chances: some converters leave it open."""
    dims = model.graph.output[1].type.tensor_type.shape.dim
    if len(dims) == 2:
        dims[1].dim_value = 2


def _first_line(error: Exception) -> str:
    return (str(error).strip().splitlines() or [type(error).__name__])[0][:200]
