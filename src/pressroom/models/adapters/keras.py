"""Keras 3, on whichever of its backends is here. On torch and TensorFlow it is lowered to ONNX; on JAX its own `.keras`
file serves.

That file is a zip of JSON, which names classes to be made, and HDF5. It is opened in Keras' safe mode, where every
class that is not Keras' own must have been allowed by the workspace, and where Lambda layers (pickled code) never are.
"""

import io
import json
import os
import tempfile
import warnings
import zipfile
from collections.abc import Callable, Generator, Iterator, Mapping
from contextlib import contextmanager
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import numpy as np

from pressroom.models.adapters import keras_state
from pressroom.models.adapters.tensorflow_onnx import graph_of_function
from pressroom.models.adapters.torch import graph_of_module
from pressroom.models.errors import UnsafeModel, UnsupportedModel
from pressroom.models.framework import framework
from pressroom.models.model import Contributions, Runnable, Tier
from pressroom.models.outputs import not_explained, not_lowered, shaped
from pressroom.models.signature import Floats, Inputs, Signature, matrix
from pressroom.models.structure import Graph
from pressroom.values import InvalidInput

_FILE = "model.keras"
_CONFIG, _METADATA, _WEIGHTS = "config.json", "metadata.json", "model.weights.h5"
_OWN = ("keras", "keras.layers", "keras.activations", "keras.initializers", "keras.regularizers", "keras.constraints",
        "keras.dtype_policies", "keras.losses", "keras.metrics", "keras.optimizers", "keras.models")  # fmt: skip
_NEVER = ("Lambda", "TorchModuleWrapper", "FlaxLayer", "JaxLayer", "TFSMLayer")
_EPOCH = (1980, 1, 1, 0, 0, 0)


class RunnableKeras:
    """A model that answers by itself."""

    def __init__(self, model: Any, signature: Signature) -> None:
        """Take it as it is."""
        self._model = model
        self._signature = signature

    def predict(self, inputs: Inputs) -> Floats:
        """The answer for each row."""
        return _answers(self._model, self._signature, inputs)


class KerasAdapter:
    """Speaks keras.Model with one input: a float32 matrix (rows, inputs)."""

    kind = "keras"
    distributions = ("keras", "torch", "jax", "tensorflow", "numpy")
    tier: Tier = "reviewed"

    def owns(self, model: object) -> bool:
        """Whether it is a model of Keras."""
        return any(kind.__module__.partition(".")[0] == "keras" for kind in type(model).__mro__)

    def original(self, model: object, signature: Signature, inputs: Inputs) -> Floats:
        """What the model answers, not training."""
        return _answers(model, signature, inputs)

    def dump(self, model: object, signature: Signature) -> dict[str, bytes]:
        """One `.keras` file, without the time of day. Raises UnsupportedModel."""
        known: Any = model
        with tempfile.TemporaryDirectory() as folder, _quiet():
            path = Path(folder) / _FILE
            try:
                known.save(path)
            except Exception as error:
                raise UnsupportedModel(f"Keras can't save it: {error}.", next_step="Build the model first.") from error
            return {_FILE: _steady(path.read_bytes())}

    def needs(self, files: Mapping[str, bytes]) -> tuple[str, ...]:
        """The classes in a file that are not Keras' own. Raises UnsafeModel for those that bring code."""
        config = json.loads(_part(files, _CONFIG))
        strange: set[str] = set()
        for named in _classes(config):
            module, name = named.get("module") or "", named["class_name"]
            if name in _NEVER:
                raise UnsafeModel(
                    f"This Keras model has a {name} layer, which is code in a file.",
                    next_step="Use layers of Keras itself, or a registered class of yours.",
                )
            if module not in _OWN or named.get("registered_name") not in (None, name):
                strange.add(f"{module}.{name}")
        return tuple(sorted(strange))

    def load(self, files: Mapping[str, bytes], signature: Signature) -> RunnableKeras:
        """The model back, in safe mode; needs Keras and the backend. Whoever calls has allowed what it `needs`."""
        _check_weights(_part(files, _WEIGHTS))
        keras = _keras()
        with tempfile.TemporaryDirectory() as folder, _quiet():
            path = Path(folder) / _FILE
            path.write_bytes(files[_FILE])
            try:
                model = keras.saving.load_model(path, compile=False, safe_mode=True)
            except Exception as error:
                raise InvalidInput(f"Keras can't read {_FILE}: {error}.", next_step="Pack the model again.") from error
        return RunnableKeras(model, signature)

    def lower(self, model: object, signature: Signature) -> Graph:
        """An ONNX graph where Keras runs on torch, or on TensorFlow with tf2onnx."""
        backend = _keras().backend.backend()
        if backend == "torch":
            return graph_of_module(model, signature)
        if backend == "tensorflow":
            known: Any = model
            return graph_of_function(lambda rows: known(rows, training=False), signature)
        return not_lowered(
            f"Keras runs on {backend} here; on torch (KERAS_BACKEND=torch) or TensorFlow it has a way to ONNX"
        )

    def explain(self, runnable: Runnable, inputs: Inputs, background: Inputs, *, within_s: float) -> Contributions:
        """Keras has no method of its own."""
        not_explained("Keras has no contributions of its own")

    def remembers(self, part: object) -> bool:
        """Models, with the optimizer that they were compiled with."""
        return self.owns(part) and hasattr(part, "trainable_variables")

    def remember(self, part: object) -> Callable[[], dict[str, bytes]]:
        """Their variables, copied."""
        return _quietly(keras_state.remember, part)

    def recall(self, part: object, files: Mapping[str, bytes]) -> object:
        """Assigned in place."""
        return _quietly(keras_state.recall, part, files)


def _keras() -> Any:
    """Keras on the backend that it was told to use, else on the first that is installed."""
    if "KERAS_BACKEND" not in os.environ:
        found = next((name for name in ("tensorflow", "torch", "jax") if find_spec(name) is not None), None)
        if found is not None:
            os.environ["KERAS_BACKEND"] = found
    return framework("keras")


def _quietly(work: Callable[..., Any], *given: Any) -> Any:
    with _quiet():
        return work(*given)


@contextmanager
def _quiet() -> Generator[None]:
    """Keras asks its backends' arrays for numpy in a way that numpy 2 has marked as old."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", DeprecationWarning)
        yield


def _answers(model: Any, signature: Signature, inputs: Inputs) -> Floats:
    rows = matrix(signature, inputs).astype(np.float32)
    ops = framework("keras.ops")
    with _quiet():
        return shaped(ops.convert_to_numpy(model(rows, training=False)), signature)


def _steady(content: bytes) -> bytes:
    sink = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(content)) as given, zipfile.ZipFile(sink, "w") as made:
        for name in sorted(given.namelist()):
            data = given.read(name)
            if name == _METADATA:
                told = json.loads(data)
                told.pop("date_saved", None)
                data = json.dumps(told, sort_keys=True).encode()
            made.writestr(zipfile.ZipInfo(name, date_time=_EPOCH), data)
    return sink.getvalue()


def _part(files: Mapping[str, bytes], name: str) -> bytes:
    if _FILE not in files:
        raise InvalidInput(f"The package has no {_FILE}.", next_step="Pack the model again.")
    try:
        with zipfile.ZipFile(io.BytesIO(files[_FILE])) as content:
            if set(content.namelist()) != {_CONFIG, _METADATA, _WEIGHTS}:
                raise UnsafeModel(
                    "This .keras file holds more than a configuration and weights.", next_step="Save the model again."
                )
            return content.read(name)
    except (zipfile.BadZipFile, KeyError) as error:
        raise InvalidInput(f"{_FILE} is no Keras model.", next_step="Pack the model again.") from error


def _classes(part: Any) -> Iterator[dict[str, Any]]:
    if isinstance(part, dict):
        if "class_name" in part and "config" in part and part["class_name"] != "__tuple__":
            yield part
        for inner in part.values():
            yield from _classes(inner)
    elif isinstance(part, list):
        for inner in part:
            yield from _classes(inner)


def _check_weights(content: bytes) -> None:
    """HDF5 may point at other files; then the model would read them."""
    h5py = framework("h5py")
    with h5py.File(io.BytesIO(content), "r") as weights:
        groups = [weights]
        for group in groups:
            for name in group:
                link = group.get(name, getlink=True)
                if not isinstance(link, h5py.HardLink):
                    _refuse_link(name)
                inner = group[name]
                if isinstance(inner, h5py.Group):
                    groups.append(inner)
                elif inner.external or inner.is_virtual:
                    _refuse_link(name)


def _refuse_link(name: str) -> None:
    raise UnsafeModel(f"The weights {name!r} of this Keras model are kept in another file.", next_step="Save it again.")
