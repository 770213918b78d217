"""The usual JSON body of an inference request, decoded into types that are made for one endpoint.

An input is known by its name, so each has a type of its own: where numbers are wanted, msgspec refuses all else while
it reads, and nobody looks at the values again. A body that does not fit these types is no error: it is read plainly.
"""

from collections.abc import Collection, Mapping
from struct import pack
from typing import Any, Literal, Union

import msgspec

from pressroom.doors.inference.oip import InferHead, Parameters
from pressroom.serving import Columns, OneRow, Usual
from pressroom.values import FieldSchema


class TypedInfer:
    """Reads the usual bodies of one endpoint's requests."""

    def __init__(self, fields: Mapping[str, FieldSchema], usual: Usual, *, most_rows: int) -> None:
        """Of an endpoint whose rows have these fields, and whose usual request is `usual`."""
        self._usual = usual
        self._most_rows = most_rows
        self._names = {_input(field, is_number=name in usual.numbers): name for name, field in fields.items()}
        self._decoder = _decoder(self._names)
        one = {_input_of_one(field, is_number=name in usual.numbers): name for name, field in fields.items()}
        kinds = {name: kind for kind, name in one.items()}
        self._numbers_of_one = [kinds[name] for name in usual.numbers]
        self._others_of_one = [(kind, name) for kind, name in one.items() if name not in usual.numbers]
        self._one_decoder = _decoder(one)

    def read_one(self, body: bytes) -> tuple[InferHead, OneRow] | None:
        """The same of one row; None where it is not as usual, or are more."""
        if self._one_decoder is None:
            return None
        try:
            asked: Any = self._one_decoder.decode(body)
        except (msgspec.DecodeError, UnicodeDecodeError, RecursionError):
            return None
        found: dict[type[msgspec.Struct], Any] = {type(tensor): tensor.data for tensor in asked.inputs}
        if len(found) != len(asked.inputs):
            return None
        try:
            numbers = [found[kind][0] for kind in self._numbers_of_one]
        except KeyError:
            return None
        others = {name: [*found[kind]] for kind, name in self._others_of_one if kind in found}
        if any(type(values[0]) is list for values in others.values()):
            return None
        row = self._usual.one(numbers, others)
        return None if row is None else (asked, row)

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


def _decoder(inputs: Collection[type[msgspec.Struct]]) -> "msgspec.json.Decoder[Any] | None":
    """For bodies with these inputs; None where there is one alone: msgspec would not insist on its name."""
    if len(inputs) < 2:
        return None
    told = [("inputs", list[Union[tuple(inputs)]])]  # noqa: UP007  (a union of types that are made here)
    return msgspec.json.Decoder(msgspec.defstruct("TypedInfer", told, bases=(InferHead,), kw_only=True))


def _input(field: FieldSchema, *, is_number: bool) -> type[msgspec.Struct]:
    data = list[float] if is_number else list[Any]
    told = [("shape", list[int]), ("datatype", str), ("data", data), ("parameters", Parameters, {})]
    return msgspec.defstruct("Input", told, tag_field="name", tag=field.name)


def _input_of_one(field: FieldSchema, *, is_number: bool) -> type[msgspec.Struct]:
    """What decodes has one value and nothing unusual about it: nobody has to look."""
    data = tuple[float] if is_number else tuple[Any]
    told = [("shape", tuple[Literal[1]]), ("datatype", str), ("data", data)]
    return msgspec.defstruct("InputOfOne", told, tag_field="name", tag=field.name, forbid_unknown_fields=True)
