"""The usual JSON body of an inference request, decoded into types that are made for one endpoint.

An input is known by its name, so each has a type of its own: where numbers are wanted, msgspec refuses all else while
it reads, and nobody looks at the values again. A body that does not fit these types is no error: it is read plainly.
"""

from collections.abc import Mapping
from struct import pack
from typing import Any, Union

import msgspec

from pressroom.doors.inference.oip import InferHead, Parameters
from pressroom.serving import Columns, Usual
from pressroom.values import FieldSchema


class TypedInfer:
    """Reads the usual bodies of one endpoint's requests."""

    def __init__(self, fields: Mapping[str, FieldSchema], usual: Usual, *, most_rows: int) -> None:
        """Of an endpoint whose rows have these fields, and whose usual request is `usual`."""
        self._usual = usual
        self._most_rows = most_rows
        inputs = {_input(field, is_number=name in usual.numbers): name for name, field in fields.items()}
        self._names: dict[type[msgspec.Struct], str] = inputs
        told = [("inputs", list[Union[tuple(inputs)]])]  # noqa: UP007  (a union of types that are made here)
        body = msgspec.defstruct("TypedInfer", told, bases=(InferHead,), kw_only=True)
        # Of a single type, msgspec would not insist on the name.
        self._decoder = msgspec.json.Decoder(body) if len(inputs) > 1 else None

    def read(self, body: bytes) -> tuple[InferHead, Columns] | None:
        """What the request wants, and what it gives; None where it is not as usual."""
        if self._decoder is None:
            return None
        try:
            asked: Any = self._decoder.decode(body)
        except (msgspec.DecodeError, UnicodeDecodeError, RecursionError):
            return None
        tensors = asked.inputs
        shape = tensors[0].shape if tensors else []
        if len(shape) != 1 or not 1 <= shape[0] <= self._most_rows:
            return None
        count, names, wanted, texts = shape[0], self._names, self._usual.numbers, self._usual.texts
        form = f"<{count}d"
        numbers: dict[str, bytes] = {}
        others: dict[str, list[Any]] = {}
        for tensor in tensors:
            name, values = names[type(tensor)], tensor.data
            if tensor.shape != shape or len(values) != count or tensor.parameters:
                return None
            if name in wanted:
                numbers[name] = pack(form, *values)
            elif name not in texts and list in map(type, values):
                return None
            else:
                others[name] = values
        if len(numbers) + len(others) != len(tensors):
            return None
        columns = self._usual.columns(numbers, others, count)
        return None if columns is None else (asked, columns)


def _input(field: FieldSchema, *, is_number: bool) -> type[msgspec.Struct]:
    data = list[float] if is_number else list[Any]
    told = [("shape", list[int]), ("datatype", str), ("data", data), ("parameters", Parameters, {})]
    return msgspec.defstruct("Input", told, tag_field="name", tag=field.name)
