"""The rules of `onnx_safety` for the bytes of a file: what is refused there is refused here, and nothing is parsed."""

import time
from collections.abc import Iterator
from dataclasses import dataclass

from pressroom.models.onnx_fields import LENGTH, VARINT, Span, fields, passing_over, text, varint
from pressroom.models.onnx_safety import DEEPEST, DOMAINS, MOST_BYTES, MOST_NODES, refuse

_MODEL_GRAPH, _MODEL_OPSET, _MODEL_TRAINING, _MODEL_FUNCTION = 7, 8, 20, 25
_OPSET_DOMAIN = 1
_FUNCTION_NAME, _FUNCTION_NODE, _FUNCTION_DOMAIN, _FUNCTION_ATTRIBUTE = 1, 7, 10, 11
_GRAPH_NODE, _GRAPH_TENSOR, _GRAPH_SPARSE = 1, 5, 15
_NODE_OPERATOR, _NODE_ATTRIBUTE, _NODE_DOMAIN = 4, 5, 7
_TENSORS, _GRAPHS, _SPARSE = (5, 10), (6, 11), (22, 23)
_SPARSE_TENSORS = (1, 2)
_TENSOR_NAME, _TENSOR_OUTSIDE, _TENSOR_PLACE = 8, 13, 14
_ENTRY_KEY, _ENTRY_VALUE = 1, 2
_IN_ATTRIBUTE = passing_over(floats=7, ints=8, texts=9)
_IN_TENSOR = passing_over(floats=4, ints=7, texts=6)
_NODES_AT_ONCE = 200


@dataclass(frozen=True, slots=True)
class _Node:
    domain: str
    operator: str
    attributes: list[Span]


def check_file(content: bytes) -> None:
    """Refuse an ONNX file that reaches out of itself, saying where: UnsafeModel; InvalidInput for what is none. Other
    threads wait a millisecond or two at most, however large the file is.
    """
    if len(content) >= MOST_BYTES:
        refuse(f"it has {len(content):,} bytes, and a graph may have {MOST_BYTES:,}")
    found: dict[int, list[Span]] = {}
    for number, kind, start, end in fields(content, (0, len(content))):
        if kind == LENGTH:
            found.setdefault(number, []).append((start, end))
    if _MODEL_TRAINING in found:
        refuse("it holds training graphs")
    bodies = found.get(_MODEL_FUNCTION, [])
    functions = {_named(content, span, _FUNCTION_DOMAIN, _FUNCTION_NAME) for span in bodies}
    own = {domain for domain, _ in functions}
    for span in found.get(_MODEL_OPSET, []):
        domain, _ = _named(content, span, _OPSET_DOMAIN, _OPSET_DOMAIN)
        if domain not in DOMAINS and domain not in own:
            refuse(f"it wants operators of {domain!r}, which are code that it does not bring")
    _File(content, functions).check(found.get(_MODEL_GRAPH, []), bodies)


class _File:
    def __init__(self, content: bytes, functions: set[tuple[str, str]]) -> None:
        self._content = content
        self._functions = functions
        self._count = 0

    def check(self, graphs: list[Span], functions: list[Span]) -> None:
        for span in graphs:
            self._graph(span, 0)
        for span in functions:
            for number, start, end in self._parts(span):
                if number == _FUNCTION_NODE:
                    self._node((start, end), 0)
                elif number == _FUNCTION_ATTRIBUTE:
                    self._attribute((start, end), 0)

    def _graph(self, span: Span, depth: int) -> None:
        if depth > DEEPEST:
            refuse(f"its graphs are nested deeper than {DEEPEST}")
        for number, start, end in self._parts(span):
            if number == _GRAPH_NODE:
                self._node((start, end), depth)
            elif number == _GRAPH_TENSOR:
                self._tensor((start, end))
            elif number == _GRAPH_SPARSE:
                self._sparse((start, end))

    def _node(self, span: Span, depth: int) -> None:
        self._count += 1
        if self._count > MOST_NODES:
            refuse(f"it has more than {MOST_NODES:,} nodes")
        if self._count % _NODES_AT_ONCE == 0:
            time.sleep(0)  # whoever waits for the interpreter has it now
        domain, operator = _named(self._content, span, _NODE_DOMAIN, _NODE_OPERATOR)
        if domain not in DOMAINS and (domain, operator) not in self._functions:
            refuse(f"its operator {domain}.{operator} is code that it does not bring")
        for number, start, end in self._parts(span):
            if number == _NODE_ATTRIBUTE:
                self._attribute((start, end), depth)

    def _attribute(self, span: Span, depth: int) -> None:
        for number, kind, start, end in fields(self._content, span, _IN_ATTRIBUTE):
            if kind != LENGTH:
                continue
            if number in _TENSORS:
                self._tensor((start, end))
            elif number in _GRAPHS:
                self._graph((start, end), depth + 1)
            elif number in _SPARSE:
                self._sparse((start, end))

    def _sparse(self, span: Span) -> None:
        for number, start, end in self._parts(span):
            if number in _SPARSE_TENSORS:
                self._tensor((start, end))

    def _tensor(self, span: Span) -> None:
        name, where, outside = "", "another file", False
        for number, kind, start, end in fields(self._content, span, _IN_TENSOR):
            if kind == VARINT and number == _TENSOR_PLACE:
                outside = outside or varint(self._content, start, end)[0] != 0
            elif kind == LENGTH and number == _TENSOR_OUTSIDE:
                outside = True
                key, value = _named(self._content, (start, end), _ENTRY_KEY, _ENTRY_VALUE)
                where = value if key == "location" else where
            elif kind == LENGTH and number == _TENSOR_NAME:
                name = text(self._content, (start, end))
        if outside:
            refuse(f"the numbers of {name or 'a tensor'!r} are kept outside it, in {where!r}")

    def _parts(self, span: Span) -> Iterator[tuple[int, int, int]]:
        return ((number, start, end) for number, kind, start, end in fields(self._content, span) if kind == LENGTH)


def _named(content: bytes, span: Span, first: int, second: int) -> tuple[str, str]:
    """Two texts of a message; of a field that is there twice the last counts, as for every parser."""
    found = {first: "", second: ""}
    for number, kind, start, end in fields(content, span):
        if kind == LENGTH and number in found:
            found[number] = text(content, (start, end))
    return found[first], found[second]
