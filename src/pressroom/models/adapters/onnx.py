"""ONNX: the model itself, checked to reach out of nothing. Served by onnxruntime."""

from collections.abc import Mapping
from typing import Any

from pressroom.models.errors import UnsupportedModel
from pressroom.models.model import Contributions, Runnable, Tier
from pressroom.models.onnx_answer import keep_answer
from pressroom.models.onnx_safety import check_onnx
from pressroom.models.outputs import not_explained
from pressroom.models.runnable_onnx import FILE, RunnableOnnx
from pressroom.models.signature import Floats, Inputs, Signature
from pressroom.models.split_onnx import FILE as WEIGHTS
from pressroom.models.split_onnx import SplitGraph
from pressroom.models.structure import Graph
from pressroom.values import InvalidInput


class OnnxAdapter:
    """Speaks onnx.ModelProto. The answer is the output called like the signature's, or the only one there is."""

    kind = "onnx"
    distributions = ("onnxruntime", "numpy")
    tier: Tier = "safe"

    def owns(self, model: object) -> bool:
        """Whether it is a ModelProto."""
        return type(model).__module__.partition(".")[0] == "onnx" and type(model).__name__ == "ModelProto"

    def original(self, model: object, signature: Signature, inputs: Inputs) -> Floats:
        """What onnxruntime answers: the model has no other framework."""
        return RunnableOnnx(self.lower(model, signature), signature).predict(inputs)

    def dump(self, model: object, signature: Signature) -> dict[str, bytes]:
        """One file with all numbers inside."""
        return {FILE: self.lower(model, signature).onnx}

    def load(self, files: Mapping[str, bytes], signature: Signature) -> RunnableOnnx:
        """A session; needs onnxruntime. Raises UnsafeModel."""
        if FILE not in files:
            raise InvalidInput(f"The package has no {FILE}.", next_step="Pack the model again.")
        if WEIGHTS in files:
            return RunnableOnnx(SplitGraph(steps=files[FILE], weights=files[WEIGHTS]), signature)
        return RunnableOnnx(Graph(onnx=files[FILE]), signature)

    def lower(self, model: object, signature: Signature) -> Graph:
        """The graph with its answer alone. Raises UnsafeModel, UnsupportedModel."""
        known: Any = model
        check_onnx(known)
        outputs = [output.name for output in known.graph.output]
        if signature.output.name not in outputs and len(outputs) != 1:
            raise UnsupportedModel(
                f"This graph has the outputs {', '.join(outputs)}, none of them called {signature.output.name}.",
                next_step="Call the signature's output like the one that is the answer.",
            )
        copy = type(known)()
        copy.CopyFrom(known)
        keep_answer(copy, signature.output.name if signature.output.name in outputs else outputs[0], signature)
        return Graph(onnx=copy.SerializeToString(deterministic=True))

    def explain(self, runnable: Runnable, inputs: Inputs, background: Inputs, *, within_s: float) -> Contributions:
        """A graph alone has no method."""
        not_explained("onnxruntime has no contributions of its own")
