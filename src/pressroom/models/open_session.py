"""Opening onnxruntime sessions: one thread a request, waiting without spinning, large tensors used where they lie."""

import tempfile
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from pressroom.models.errors import FrameworkMissing
from pressroom.models.framework import framework
from pressroom.models.large_products import constants_first
from pressroom.models.split_onnx import FILE as WEIGHTS
from pressroom.models.split_onnx import SplitGraph, tensors
from pressroom.values import InvalidInput

_FOLDER = "session.model_external_initializers_file_folder_path"


@dataclass(frozen=True, slots=True, kw_only=True)
class LargeSessions:
    """Sessions of one graph for many rows and for one, on the same numbers in memory; `kept` are these."""

    many: Any
    one: Any
    kept: tuple[Any, ...]


def open_session(content: bytes) -> Any:
    """An onnxruntime session with one thread. Raises InvalidInput, FrameworkMissing."""
    return _open(content, _options())


def open_large(graph: SplitGraph) -> LargeSessions:
    """Sessions of a graph in two files, its large tensors read in place where onnxruntime can.

    Raises UnsafeModel, InvalidInput, FrameworkMissing.
    """
    found = tensors(graph)
    value = framework("onnxruntime").OrtValue.ortvalue_from_numpy
    values = {name: value(numbers) for name, numbers in found.items()}
    onnx = framework("onnx")
    model = onnx.load_model_from_string(graph.steps)
    plain_for_one = constants_first(model, found)
    steps = model.SerializeToString()
    try:
        many = one = _open_on(steps, values, _options())
        if plain_for_one:
            one = _open_on(graph.steps, values, _options(("session.disable_prepacking", "1")))
    except (InvalidInput, OSError):
        many = one = _open_copying(steps, values)
    return LargeSessions(many=many, one=one, kept=(found, values))


def _open_on(steps: bytes, values: Mapping[str, Any], options: Any) -> Any:
    """A session that uses `values` where they lie. onnxruntime asks that the file of such tensors be there: it finds
    one without a byte in it, so it either takes our numbers or says that it has none.
    """
    for name, value in values.items():
        options.add_initializer(name, value)
    with tempfile.TemporaryDirectory() as folder:
        (Path(folder) / WEIGHTS).touch()
        options.add_session_config_entry(_FOLDER, folder)
        return _open(steps, options)


def _open_copying(steps: bytes, values: Mapping[str, Any]) -> Any:
    """For graphs of which a step is worked out from large tensors beforehand, and where no file can be made."""
    options = _options()
    options.add_external_initializers(list(values), list(values.values()))
    return _open(steps, options)


def _options(*entries: tuple[str, str]) -> Any:
    options = framework("onnxruntime").SessionOptions()
    options.intra_op_num_threads = 1
    options.inter_op_num_threads = 1
    options.log_severity_level = 4
    for name, value in (("session.intra_op.allow_spinning", "0"), *entries):
        options.add_session_config_entry(name, value)
    return options


def _open(content: bytes, options: Any) -> Any:
    try:
        return framework("onnxruntime").InferenceSession(content, options, providers=["CPUExecutionProvider"])
    except FrameworkMissing:
        raise
    except Exception as error:
        raise InvalidInput(
            f"onnxruntime does not take this graph: {_first_line(error)}", next_step="Export it for an older opset."
        ) from error


def _first_line(error: Exception) -> str:
    return (str(error).strip().splitlines() or [type(error).__name__])[0][:300]
