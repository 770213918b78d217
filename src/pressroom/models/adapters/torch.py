"""PyTorch: lowered to ONNX by its own exporter; its weights as safetensors beside a list of steps in our JSON.

A module's class is code, and pickles of it and exported programs are too (loading one evaluates expressions out of the
file). So a module is traced into steps of a fixed list of operations (`torch_steps`), which is enough for networks of
numbers; others serve as ONNX alone.
"""

import copy
import io
import warnings
from collections.abc import Callable, Mapping
from typing import Any

import numpy as np

from pressroom.models.adapters import torch_state
from pressroom.models.adapters.torch_fellows import TorchFellows
from pressroom.models.adapters.torch_gradients import integrated_gradients
from pressroom.models.adapters.torch_steps import Steps, run_steps, trace
from pressroom.models.errors import FrameworkMissing, UnsupportedModel
from pressroom.models.framework import framework
from pressroom.models.model import Contributions, Runnable, Tier
from pressroom.models.outputs import not_explained, not_lowered, shaped
from pressroom.models.signature import Floats, Inputs, Signature, matrix
from pressroom.models.structure import MATRIX, Graph
from pressroom.values import InvalidInput, from_document, to_document

_STEPS, _WEIGHTS = "steps.json", "weights.safetensors"


class RunnableTorch:
    """Steps over weights; answers a matrix of float32."""

    def __init__(self, steps: Steps, weights: Mapping[str, Any], signature: Signature) -> None:
        """Take them as they are."""
        self._steps = steps
        self._weights = weights
        self.signature = signature

    def predict(self, inputs: Inputs) -> Floats:
        """The answer for each row."""
        torch = framework("torch")
        with torch.no_grad():
            return shaped(self.score(_tensor(self.signature, inputs)).numpy(), self.signature)

    def score(self, rows: Any) -> Any:
        """A tensor of answers for a tensor of rows; gradients go through it."""
        return run_steps(self._steps, self._weights, rows)


class TorchAdapter:
    """Speaks nn.Module with one forward argument: a float32 matrix (rows, inputs)."""

    kind = "torch"
    distributions = ("torch", "numpy")
    tier: Tier = "safe"

    def owns(self, model: object) -> bool:
        """Whether it is a module of PyTorch, and not one of Keras running on it."""
        origins = {kind.__module__.partition(".")[0] for kind in type(model).__mro__}
        return "torch" in origins and "keras" not in origins and hasattr(model, "forward")

    def original(self, model: object, signature: Signature, inputs: Inputs) -> Floats:
        """What the module answers in eval mode."""
        torch = framework("torch")
        with torch.no_grad():
            return shaped(_still(model)(_tensor(signature, inputs)).numpy(), signature)

    def dump(self, model: object, signature: Signature) -> dict[str, bytes]:
        """Steps and weights. Raises UnsupportedModel where the module does something that is not on the list."""
        save = framework("safetensors.torch").save
        steps, weights = trace(_still(model))
        return {_STEPS: to_document(steps), _WEIGHTS: save(weights)}

    def load(self, files: Mapping[str, bytes], signature: Signature) -> RunnableTorch:
        """The steps over the weights; needs torch and safetensors."""
        if not {_STEPS, _WEIGHTS} <= set(files):
            raise InvalidInput(f"The package lacks {_STEPS} or {_WEIGHTS}.", next_step="Pack the model again.")
        safetensors = framework("safetensors")
        try:
            weights = framework("safetensors.torch").load(files[_WEIGHTS])
        except safetensors.SafetensorError as error:
            raise InvalidInput(f"{_WEIGHTS} is damaged: {error}.", next_step="Pack the model again.") from error
        return RunnableTorch(from_document(files[_STEPS], Steps), weights, signature)

    def lower(self, model: object, signature: Signature) -> Graph:
        """An ONNX graph by torch.onnx (the exporter that traces: the newer one needs onnxscript)."""
        return graph_of_module(_still(model), signature)

    def explain(self, runnable: Runnable, inputs: Inputs, background: Inputs, *, within_s: float) -> Contributions:
        """Integrated gradients, from the mean of the background rows."""
        if not isinstance(runnable, RunnableTorch):
            not_explained("these are no steps over weights")
        names = runnable.signature.columns()
        start = matrix(runnable.signature, background).mean(axis=0)
        rows = matrix(runnable.signature, inputs)
        return integrated_gradients(runnable.score, rows, start, names=names, within_s=within_s)

    def remembers(self, part: object) -> bool:
        """Modules, optimizers, schedulers, scalers."""
        return torch_state.has_state(part)

    def remember(self, part: object) -> Callable[[], dict[str, bytes]]:
        """Their tensors, copied."""
        return torch_state.remember(part)

    def recall(self, part: object, files: Mapping[str, bytes]) -> object:
        """Loaded in place."""
        return torch_state.recall(part, files)

    def join(self, meet: str, place: int, size: int) -> TorchFellows:
        """Through torch.distributed and gloo."""
        return TorchFellows(meet, place, size)


def graph_of_module(module: Any, signature: Signature) -> Graph:
    """A module that takes a float32 matrix, as an ONNX graph. Raises NotLowered with the exporter's reason."""
    torch = framework("torch")
    sink = io.BytesIO()
    axes = {MATRIX: {0: "n"}, "answer": {0: "n"}}
    try:
        with warnings.catch_warnings(), torch.no_grad():
            warnings.simplefilter("ignore")
            example = torch.zeros(2, len(signature.columns()))
            torch.onnx.export(
                module, (example,), sink, input_names=[MATRIX], output_names=["answer"], dynamic_axes=axes, dynamo=False
            )
    except FrameworkMissing:
        raise
    except Exception as error:  # noqa: BLE001  (the exporter raises whatever it meets)
        reason = (str(error).strip().splitlines() or [type(error).__name__])[0][:200]
        not_lowered(f"torch.onnx does not export it: {reason}")
    return Graph(onnx=sink.getvalue())


def _still(model: Any) -> Any:
    """A copy as it answers: no dropout, statistics as they were learned, on the processor."""
    try:
        return copy.deepcopy(model).eval().cpu()
    except Exception as error:
        raise UnsupportedModel(
            f"This {type(model).__name__} can't be copied: {error}.", next_step="Detach what it holds from its graph."
        ) from error


def _tensor(signature: Signature, inputs: Inputs) -> Any:
    return framework("torch").from_numpy(matrix(signature, inputs).astype(np.float32))
