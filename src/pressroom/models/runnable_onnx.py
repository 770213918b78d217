"""Serving an ONNX graph: one onnxruntime session, one thread a request, shared by all threads that ask."""

from collections.abc import Mapping
from typing import Any

import numpy as np

from pressroom.models.errors import FrameworkMissing, SignatureMismatch
from pressroom.models.framework import framework
from pressroom.models.onnx_safety import read_onnx
from pressroom.models.signature import (
    Floats,
    Inputs,
    Signature,
    check_numbers,
    check_present,
    count_rows,
    side_by_side,
    width,
)
from pressroom.models.split_onnx import Array, SplitGraph, tensors
from pressroom.models.structure import MATRIX, Graph
from pressroom.values import InvalidInput

FILE = "served.onnx"
_NUMBERS = {"tensor(double)": np.float64, "tensor(float)": np.float32, "tensor(int64)": np.int64}
_TEXT = "tensor(string)"


class RunnableOnnx:
    """A checked graph ready to serve."""

    def __init__(self, graph: Graph | SplitGraph, signature: Signature) -> None:
        """Refuses unsafe graphs (UnsafeModel), and graphs whose inputs are not the signature's."""
        if isinstance(graph, SplitGraph):
            self._session = open_session(graph.steps, tensors(graph))
        else:
            read_onnx(graph.onnx)
            self._session = open_session(graph.onnx)
        self._signature = signature
        self._width = width(signature)
        self._types = {wanted.name: wanted.type for wanted in self._session.get_inputs()}
        self._answer = [self._session.get_outputs()[0].name]
        self._matrix = _NUMBERS.get(self._types[MATRIX]) if set(self._types) == {MATRIX} else None
        if self._matrix is None:
            self._check()
        else:
            check_numbers(signature)
        self._names = signature.names()

    def predict(self, inputs: Inputs) -> Floats:
        """The answer for each row."""
        count = count_rows(inputs)
        if count == 0:
            return np.empty((0, self._width) if self._width else 0)
        if self._matrix is not None:
            asked = {MATRIX: self._rows(inputs, count)}
        else:
            check_present(self._signature, inputs)
            asked = {name: self._column(name, inputs) for name in self._types}
        answers = np.asarray(self._session.run(self._answer, asked)[0], dtype=np.float64)
        if answers.size != count * (self._width or 1):
            raise SignatureMismatch(
                f"The graph gives {answers.shape} for {count} rows.",
                next_step="Its answer must be one number a row, or a vector of the length that its signature says.",
            )
        return answers.reshape((count, self._width) if self._width else count)

    def _rows(self, inputs: Inputs, count: int) -> Any:
        try:
            columns = [inputs[name] for name in self._names]
        except KeyError:
            check_present(self._signature, inputs)
            raise
        return np.ascontiguousarray(side_by_side(columns, count).T, dtype=self._matrix)

    def _check(self) -> None:
        fields = {field.name: field for field in self._signature.inputs}
        for name, kind in self._types.items():
            field = fields.get(name)
            if field is None or (kind == _TEXT) != (field.type == "string") or kind not in (_TEXT, *_NUMBERS):
                raise SignatureMismatch(
                    f"The graph takes {name!r} ({kind}), which its signature does not list so.",
                    next_step=f"Name the graph's inputs like the signature's, or take one matrix {MATRIX!r}.",
                )

    def _column(self, name: str, inputs: Inputs) -> Any:
        kind, column = self._types[name], inputs[name]
        if kind == _TEXT:
            # onnxruntime has no null among strings; graphs are made to take the empty text for it.
            return np.array(["" if value is None else value for value in column.tolist()], dtype=object)[:, None]
        return column.astype(_NUMBERS[kind]).reshape(len(column), -1)


def open_session(content: bytes, large: Mapping[str, Array] | None = None) -> Any:
    """An onnxruntime session with one thread that waits without spinning. `large` are the tensors that `content` has
    elsewhere; they are copied. Raises InvalidInput, FrameworkMissing.
    """
    runtime = framework("onnxruntime")
    options = runtime.SessionOptions()
    options.intra_op_num_threads = 1
    options.inter_op_num_threads = 1
    options.log_severity_level = 4
    options.add_session_config_entry("session.intra_op.allow_spinning", "0")
    if large:
        made = [runtime.OrtValue.ortvalue_from_numpy(values) for values in large.values()]
        options.add_external_initializers(list(large), made)
    try:
        return runtime.InferenceSession(content, options, providers=["CPUExecutionProvider"])
    except FrameworkMissing:
        raise
    except Exception as error:
        raise InvalidInput(
            f"onnxruntime does not take this graph: {_first_line(error)}", next_step="Export it for an older opset."
        ) from error


def _first_line(error: Exception) -> str:
    return (str(error).strip().splitlines() or [type(error).__name__])[0][:300]
