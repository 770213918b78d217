"""Opening onnxruntime sessions: one thread a request, waiting without spinning, large tensors used where they lie."""

import tempfile
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any

from pressroom.models.errors import FrameworkMissing
from pressroom.models.framework import framework
from pressroom.models.large_products import constants_first
from pressroom.models.split_onnx import FILE as WEIGHTS
from pressroom.models.split_onnx import Array, SplitGraph, tensors
from pressroom.models.structure import Graph
from pressroom.values import InvalidInput

_LARGE_BYTES = 4 << 20
_FOLDER = "session.model_external_initializers_file_folder_path"


@dataclass(frozen=True, slots=True, kw_only=True)
class LargeSessions:
    """Sessions of one graph for many rows and for one, on the same numbers in memory: the tensors that were `found`,
    and what onnxruntime calls them, which has to be kept as long as the sessions.
    """

    many: Any
    one: Any
    found: Mapping[str, Array]
    values: Mapping[str, Any]


class _OnValues:
    """A session, and the tensors that it reads where they lie."""

    def __init__(self, session: Any, values: Mapping[str, Any]) -> None:
        self._values = values
        self.run = session.run
        self.get_inputs = session.get_inputs


def open_session(content: bytes) -> Any:
    """An onnxruntime session with one thread. Raises InvalidInput, FrameworkMissing."""
    return _open(content, _options())


def open_graph(graph: Graph) -> Any:
    """The same of a graph of which tensors may lie elsewhere: a session with `run` and `get_inputs`."""
    if not graph.large:
        return open_session(graph.onnx)
    onnx = framework("onnx")
    there = [
        tensor.name
        for tensor in onnx.load_model_from_string(graph.onnx).graph.initializer
        if tensor.data_location == onnx.TensorProto.EXTERNAL
    ]
    values = _values({name: graph.large[name] for name in there})
    try:
        session = _open_on(graph.onnx, values, _options())
    except (InvalidInput, OSError):
        session = _open_copying(graph.onnx, values)
    return _OnValues(session, values)


def _values(found: Mapping[str, Array]) -> dict[str, Any]:
    value = framework("onnxruntime").OrtValue.ortvalue_from_numpy
    return {name: value(numbers) for name, numbers in found.items()}


def open_large(graph: SplitGraph) -> LargeSessions:
    """Sessions of a graph in two files, its large tensors read in place where onnxruntime can.

    Raises UnsafeModel, InvalidInput, FrameworkMissing.
    """
    found = tensors(graph)
    values = _values(found)
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
    return LargeSessions(many=many, one=one, found=found, values=values)


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
    # Bytes that look like another format of onnxruntime's are read as what was checked, or not at all.
    known = (("session.intra_op.allow_spinning", "0"), ("session.load_model_format", "ONNX"))
    for name, value in (*known, *entries):
        options.add_session_config_entry(name, value)
    return options


def _open(content: bytes, options: Any) -> Any:
    try:
        return _session(content, options)
    except FrameworkMissing:
        raise
    except Exception as error:
        raise InvalidInput(
            f"onnxruntime does not take this graph: {_first_line(error)}", next_step="Export it for an older opset."
        ) from error


def _session(content: bytes, options: Any) -> Any:
    opened = partial(
        framework("onnxruntime").InferenceSession, sess_options=options, providers=["CPUExecutionProvider"]
    )
    if len(content) >= _LARGE_BYTES:
        # Of bytes onnxruntime makes a copy, while no other thread gets its turn; a file it reads beside them.
        with suppress(OSError), tempfile.TemporaryDirectory() as folder:
            path = Path(folder) / "graph.onnx"
            path.write_bytes(content)
            return opened(str(path))
    return opened(content)


def _first_line(error: Exception) -> str:
    return (str(error).strip().splitlines() or [type(error).__name__])[0][:300]
