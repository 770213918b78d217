"""TensorFlow without Keras: a `tf.Module`, a `tf.function`, or what `tf.saved_model.load` gives, kept as ONNX.

A SavedModel is a program that may read files and call Python, and a loaded one can't be told from a harmless one. So it
is converted when it is packed, and only the ONNX graph is kept: what has no place there is refused, by name. Nothing of
TensorFlow is needed to serve it.
"""

from collections.abc import Callable, Mapping
from typing import Any

import numpy as np

from pressroom.models.adapters.onnx import OnnxAdapter
from pressroom.models.adapters.tensorflow_onnx import graph_of_function
from pressroom.models.errors import NotLowered, UnsupportedModel
from pressroom.models.framework import framework
from pressroom.models.model import Contributions, Runnable, Tier
from pressroom.models.outputs import not_explained, shaped
from pressroom.models.runnable_onnx import FILE, RunnableOnnx
from pressroom.models.signature import Floats, Inputs, Signature, matrix
from pressroom.models.structure import Graph

_SIGNATURE = "serving_default"


class TensorflowAdapter:
    """Speaks functions and modules of TensorFlow that take one float32 matrix (rows, inputs)."""

    kind = "tensorflow"
    distributions = ("onnxruntime", "numpy")
    tier: Tier = "safe"

    def owns(self, model: object) -> bool:
        """Whether it is TensorFlow's, and not Keras'."""
        kinds = {kind.__module__.partition(".")[0] for kind in type(model).__mro__}
        return "tensorflow" in kinds and "keras" not in kinds and (callable(model) or hasattr(model, "signatures"))

    def original(self, model: object, signature: Signature, inputs: Inputs) -> Floats:
        """What the function answers."""
        rows = framework("tensorflow").constant(matrix(signature, inputs).astype(np.float32))
        return shaped(_function(model)(rows), signature)

    def dump(self, model: object, signature: Signature) -> dict[str, bytes]:
        """The ONNX graph: there is no file of TensorFlow's own that is data. Raises UnsupportedModel."""
        try:
            return {FILE: self.lower(model, signature).onnx}
        except NotLowered as error:
            raise UnsupportedModel(
                f"This TensorFlow model is kept as ONNX alone. {error.message}",
                next_step="Keep files, Python and texts out of its function; or build it with Keras and pack that.",
            ) from error

    def load(self, files: Mapping[str, bytes], signature: Signature) -> RunnableOnnx:
        """A session; needs onnxruntime alone. Raises UnsafeModel."""
        return OnnxAdapter().load(files, signature)

    def lower(self, model: object, signature: Signature) -> Graph:
        """The graph by tf2onnx."""
        return graph_of_function(_function(model), signature)

    def explain(self, runnable: Runnable, inputs: Inputs, background: Inputs, *, within_s: float) -> Contributions:
        """A graph alone has no method."""
        not_explained("a TensorFlow model is kept as ONNX, which has no contributions of its own")


def _function(model: Any) -> Callable[[Any], Any]:
    """What is asked with a matrix: the model itself, or the signature that it was saved with."""
    if callable(model):
        return model
    asked: Any = model.signatures.get(_SIGNATURE)
    names = list(asked.structured_input_signature[1]) if asked else []
    if len(names) != 1 or len(asked.structured_outputs) != 1:
        raise UnsupportedModel(
            f"This SavedModel has no signature {_SIGNATURE} of one tensor in and one out.",
            next_step="Save it with a tf.function of one float32 matrix (rows, inputs) as its signature.",
        )

    def ask(rows: Any) -> Any:
        (answer,) = asked(**{names[0]: rows}).values()
        return answer

    return ask
