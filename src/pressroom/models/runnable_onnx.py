"""Serving an ONNX graph: one onnxruntime session, one thread a request, shared by all threads that ask."""

from collections.abc import Callable
from operator import itemgetter
from typing import Any

import numpy as np

from pressroom.models.errors import SignatureMismatch
from pressroom.models.onnx_check import check_file
from pressroom.models.open_session import open_large, open_session
from pressroom.models.signature import (
    Column,
    Floats,
    Inputs,
    Signature,
    check_numbers,
    check_present,
    count_rows,
    side_by_side,
    width,
)
from pressroom.models.split_onnx import SplitGraph
from pressroom.models.structure import MATRIX, Graph

FILE = "served.onnx"
_NUMBERS = {"tensor(double)": np.float64, "tensor(float)": np.float32, "tensor(int64)": np.int64}
_TEXT = "tensor(string)"


class RunnableOnnx:
    """A checked graph ready to serve."""

    def __init__(self, graph: Graph | SplitGraph, signature: Signature) -> None:
        """Refuses unsafe graphs (UnsafeModel), and graphs whose inputs are not the signature's."""
        self.in_place: Graph | None = None
        """The graph as it came, with its large tensors where they are read; None for a graph in one piece."""
        if isinstance(graph, SplitGraph):
            large = open_large(graph)
            self._session, one, self._kept = large.many, large.one, large.values
            self.in_place = Graph(onnx=graph.steps, large=large.found)
        else:
            check_file(graph.onnx)
            self._session = one = open_session(graph.onnx)
        self._signature = signature
        self._width = width(signature)
        self._vectors = any(field.type == "vector" for field in signature.inputs)
        self._types = {wanted.name: wanted.type for wanted in self._session.get_inputs()}
        self._answer = [self._session.get_outputs()[0].name]
        self._matrix = _NUMBERS.get(self._types[MATRIX]) if set(self._types) == {MATRIX} else None
        if self._matrix is None:
            self._check()
        else:
            check_numbers(signature)
        self._columns = _taker(signature.names())
        # What InferenceSession.run calls after it has compared the names of the inputs, which are always the same here.
        # For one row that comparison is a tenth of the whole.
        self._run = getattr(self._session, "_sess", self._session).run
        self._run_one = getattr(one, "_sess", one).run

    def predict(self, inputs: Inputs) -> Floats:
        """The answer for each row."""
        if self._matrix is not None:
            rows = self._rows(inputs)
            count, asked = len(rows), {MATRIX: rows}
        else:
            check_present(self._signature, inputs)
            count, asked = count_rows(inputs), {name: self._column(name, inputs) for name in self._types}
        if count == 0:
            return np.empty((0, self._width) if self._width else 0)
        run = self._run_one if count == 1 else self._run
        answers: Any = run(self._answer, asked, None)[0]
        if answers.size != count * (self._width or 1):
            raise SignatureMismatch(
                f"The graph gives {answers.shape} for {count} rows.",
                next_step="Its answer must be one number a row, or a vector of the length that its signature says.",
            )
        return answers.astype(np.float64).reshape((count, self._width) if self._width else count)

    def _rows(self, inputs: Inputs) -> Any:
        try:
            columns = self._columns(inputs)
        except KeyError:
            check_present(self._signature, inputs)
            raise
        if not columns:
            return np.empty((count_rows(inputs), 0), dtype=self._matrix)
        count = len(columns[0])
        if count == 1 and not self._vectors:
            # A row is the usual question, and as the columns come it is in order already.
            row = np.concatenate(columns).reshape(1, -1)
            return row if row.dtype == self._matrix else row.astype(self._matrix)
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
        return column.astype(_NUMBERS[kind]).reshape(len(column), column.shape[1] if column.ndim == 2 else 1)


def _taker(names: tuple[str, ...]) -> Callable[[Inputs], tuple[Column, ...]]:
    """Takes these columns out of inputs; raises KeyError for one that is missing."""
    if len(names) > 1:
        return itemgetter(*names)

    def few(inputs: Inputs) -> tuple[Column, ...]:
        return tuple(inputs[name] for name in names)

    return few
