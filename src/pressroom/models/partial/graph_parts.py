"""Graphs in parts: what a graph computes from one block's inputs is computed once for their values,
the rest per row.
"""

from collections.abc import Sequence
from typing import Any

import numpy as np
import numpy.typing as npt

from pressroom.models.errors import UnsupportedModel
from pressroom.models.open_session import open_graph
from pressroom.models.partial.blocks import Block
from pressroom.models.partial.graph_cut import cut_graph
from pressroom.models.partial.graph_dots import dot
from pressroom.models.partial.rows import Rows
from pressroom.models.partial.slab import Part
from pressroom.models.signature import Floats
from pressroom.models.structure import Graph

_CHUNK_BYTES = 4 * 2**20
"""Of what a graph is given at once; what it computes from that is usually a few times as much."""
_KINDS = {"tensor(double)": np.float64, "tensor(float)": np.float32, "tensor(int64)": np.int64}

Tensor = npt.NDArray[np.generic]


class GraphParts:
    """A part is the tensors that a block's graph hands over, first axis rows. Answers equal the whole graph's to 1e-6:
    onnxruntime's sums may depend on how many rows it is given at once.
    """

    remembered = True

    def __init__(self, graph: Graph, blocks: Sequence[Block], inputs: Sequence[str]) -> None:
        """Cut the graph. Raises UnsupportedModel where nothing can be cut."""
        self.cut = cut_graph(graph, blocks, inputs)
        parts = {name: Graph(onnx=part.onnx, large=graph.large) for name, part in self.cut.parts.items()}
        self._sessions = {name: open_graph(part) for name, part in parts.items() if part.onnx}
        self._rest = open_graph(Graph(onnx=self.cut.rest, large=graph.large)) if self.cut.rest else None
        self._kinds = {wanted.name: wanted.type for wanted in self._rest.get_inputs()} if self._rest else {}

    def part(self, block: str, rows: Rows) -> Part:
        """What the block's graph computes, then the inputs that the rest reads as they are."""
        known = self.cut.parts[block]
        computed: list[Tensor] = []
        if known.onnx:
            session = self._sessions[block]
            asked = {wanted.name: self._fed(block, wanted.name, wanted.type, rows) for wanted in session.get_inputs()}
            computed = _run(session, known.gives, asked, rows.count)
            for name, tensor in zip(known.gives, computed, strict=True):
                if tensor.shape[:1] != (rows.count,):
                    raise UnsupportedModel(
                        f"The graph needs {name!r} from {block!r}, which is not one thing for each row.",
                        next_step="Serve the model whole.",
                    )
        passed = [self._fed(block, name, self._kinds.get(name, "tensor(float)"), rows) for name in known.passes]
        return (*computed, *passed)

    def join(self, parts: Sequence[Part]) -> Floats:
        """Answers (rows, outputs): dot products by numpy, what is left by onnxruntime."""
        tensors: dict[str, Tensor] = {}
        for known, part in zip(self.cut.parts.values(), parts, strict=True):
            tensors.update(zip((*known.gives, *known.passes), part, strict=True))
        count = max((len(tensor) for tensor in tensors.values()), default=0)
        for product in self.cut.dots:
            found = dot(tensors[product.left], tensors[product.right])
            tensors[product.name] = found.reshape(len(found), *(1,) * product.tail)
        if self._rest is None:
            answer = tensors[self.cut.answer]
        else:
            asked = {name: _repeated(tensors[name], count) for name in self.cut.takes}
            (answer,) = _run(self._rest, (self.cut.answer,), asked, count)
        return answer.reshape(len(answer), -1).astype(np.float64)

    def _fed(self, block: str, name: str, kind: str, rows: Rows) -> Tensor:
        if name == f"blocks/{block}" and name not in rows.names:
            return np.ascontiguousarray(rows.numbers, dtype=_KINDS[kind])
        column = rows.inputs()[name]
        if column.dtype == np.object_:
            texts: Tensor = np.array(["" if value is None else value for value in column.tolist()], dtype=object)
            return texts[:, None]
        return np.asarray(column, dtype=_KINDS[kind])[:, None]


def _run(session: Any, gives: Sequence[str], asked: dict[str, Tensor], count: int) -> list[Tensor]:
    size = max(1, _CHUNK_BYTES * count // max(1, sum(tensor.nbytes for tensor in asked.values())))
    chunks = [
        session.run(list(gives), {n: np.ascontiguousarray(tensor[start : start + size]) for n, tensor in asked.items()})
        for start in range(0, count, size)
    ]
    return chunks[0] if len(chunks) == 1 else [np.concatenate(column) for column in zip(*chunks, strict=True)]


def _repeated(tensor: Tensor, count: int) -> Tensor:
    """As many rows as the others; written out only as far as the graph is given at once."""
    return tensor if len(tensor) == count else np.broadcast_to(tensor, (count, *tensor.shape[1:]))
