"""The Open Inference Protocol, version 2, over HTTP: tensors as JSON or in the binary extension.

An endpoint is a model here. Its inputs are the fields of its rows, each a tensor of shape [n] (or [n, 1]), a vector
[n, length]; the server reads the features itself. Timestamps are INT64, microseconds since 1970 UTC, or BYTES with ISO
8601.
"""

import struct
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

import msgspec
import numpy as np

from pressroom.doors.inference.wire import Incoming, MalformedBody, whole_number
from pressroom.doors.response import Response, document
from pressroom.serving import Columns, Endpoint, Piece, Usual, check_columns
from pressroom.values import FieldSchema, FieldType

LENGTH = "inference-header-content-length"
BINARY = "application/octet-stream"
_LENGTH_SENT = "Inference-Header-Content-Length"
_NEXT = "The specification of the Open Inference Protocol says how a request looks."
_DATATYPES: dict[FieldType, str] = {
    "float": "FP64", "int": "INT64", "bool": "BOOL", "string": "BYTES", "timestamp": "INT64", "bytes": "BYTES",
    "vector": "FP32",
}  # fmt: skip
_NUMBERS: dict[str, np.dtype[Any]] = {
    "BOOL": np.dtype("?"),
    **{f"INT{bits}": np.dtype(f"<i{bits // 8}") for bits in (8, 16, 32, 64)},
    **{f"UINT{bits}": np.dtype(f"<u{bits // 8}") for bits in (8, 16, 32, 64)},
    **{f"FP{bits}": np.dtype(f"<f{bits // 8}") for bits in (16, 32, 64)},
}
_MOST_DEPTH = 8
_read_size = struct.Struct("<I").unpack_from
Parameters = dict[str, Any]


class Tensor(msgspec.Struct):
    """An input."""

    name: str
    shape: list[int]
    datatype: str
    parameters: Parameters = {}
    data: list[Any] | None = None


class Output(msgspec.Struct):
    """An output that is asked for."""

    name: str
    parameters: Parameters = {}


class InferHead(msgspec.Struct, kw_only=True):
    """What a request says besides its inputs."""

    id: str = ""
    parameters: Parameters = {}
    outputs: list[Output] | None = None


class Infer(InferHead, kw_only=True):
    """The body of a request."""

    inputs: list[Tensor]


_decoder = msgspec.json.Decoder(Infer)


def read_infer(incoming: Incoming) -> tuple[Infer, bytes]:
    """The JSON part of a body, and what comes after it. Raises MalformedBody."""
    body, told = incoming.body, incoming.headers.get(LENGTH)
    rest = b""
    if told is not None:
        size = whole_number(told)
        if size is None or size > len(body):
            raise MalformedBody(f"The header {_LENGTH_SENT} is {told[:40]!r}.", next_step="Give the JSON part's bytes.")
        body, rest = body[:size], body[size:]
    try:
        return _decoder.decode(body), rest
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError) as error:
        raise MalformedBody(f"The body is no inference request: {error}.", next_step=_NEXT) from error


def read_columns(
    fields: Mapping[str, FieldSchema], usual: Usual, asked: Infer, rest: bytes, *, most_rows: int
) -> Columns:
    """The inputs as columns, checked; those of a usual request at one go. Raises MalformedBody, BadRequest."""
    if not asked.inputs:
        raise MalformedBody("The request has no inputs.", next_step=_NEXT)
    count = _rows(asked.inputs[0], most_rows, fields.get(asked.inputs[0].name))
    columns: dict[str, Any] = {}
    numbers: dict[str, bytes] = {}
    at = 0
    for tensor in asked.inputs:
        name, values = tensor.name, tensor.data
        if name in columns or name in numbers:
            raise MalformedBody(f"The input {name[:60]!r} comes twice.", next_step="Send each input once.")
        if tensor.shape != [count] and _rows(tensor, most_rows, fields.get(name)) != count:
            raise MalformedBody(f"The input {name[:60]!r} has another number of rows.", next_step=_NEXT)
        size = tensor.parameters.get("binary_data_size") if tensor.parameters else None
        if size is None:
            plain = tensor.shape == [count] and values is not None and len(values) == count
            plain = plain and list not in map(type, values or ())
            columns[name] = values if plain else _from_json(tensor, count, fields.get(name))
            continue
        if type(size) is not int or not 0 <= size <= len(rest) - at:
            raise MalformedBody(
                f"The input {name[:60]!r} wants {size!r} bytes, {len(rest) - at} are left.", next_step=_NEXT
            )
        content = rest[at : at + size]
        if tensor.datatype == "FP64" and name in usual.numbers and size == 8 * count:
            numbers[name] = content
        else:
            columns[name] = _from_bytes(tensor, content, count, fields.get(name))
        at += size
    if at != len(rest):
        raise MalformedBody(f"{len(rest) - at} bytes belong to no input.", next_step=_NEXT)
    found = usual.columns(numbers, columns, count) if numbers else None
    if found is not None:
        return found
    columns |= {name: np.frombuffer(content, _NUMBERS["FP64"]) for name, content in numbers.items()}
    return Columns(check_columns(fields, columns, count), count)


def _rows(tensor: Tensor, most_rows: int, field: FieldSchema | None) -> int:
    shape, is_vector = tensor.shape, _is_vector(field)
    length = field.length if field is not None and is_vector else 1
    fits = shape[1:] == [length] or (len(shape) == 1 and not is_vector)
    if not fits or shape[0] < 1:
        raise MalformedBody(
            f"The input {tensor.name[:60]!r} has the shape {shape[:8]}.",
            next_step=f"Send {f'[n, {length}]' if is_vector else '[n] or [n, 1]'}, n from 1 on.",
        )
    if shape[0] > most_rows:
        raise MalformedBody(f"{shape[0]} rows are sent.", next_step=f"Send at most {most_rows} in a request.")
    return shape[0]


def _from_json(tensor: Tensor, count: int, field: FieldSchema | None) -> list[Any]:
    values = tensor.data
    if values is None:
        raise MalformedBody(f"The input {tensor.name[:60]!r} has no data.", next_step=_NEXT)
    length = 1 if len(tensor.shape) == 1 else tensor.shape[1]
    for _ in range(_MOST_DEPTH):
        # There are never fewer of what is nested than of what it is nested in: too many are not looked at.
        if len(values) > count * length or not any(isinstance(value, list) for value in values):
            break
        values = [each for value in values for each in (value if isinstance(value, list) else [value])]
    if len(values) != count * length:
        raise MalformedBody(
            f"The input {tensor.name[:60]!r} has {len(values)} values for {count} rows.", next_step=_NEXT
        )
    return [values[at : at + length] for at in range(0, len(values), length)] if _is_vector(field) else values


def _is_vector(field: FieldSchema | None) -> bool:
    return field is not None and field.type == "vector"


def _from_bytes(tensor: Tensor, content: bytes, count: int, field: FieldSchema | None) -> Any:
    if tensor.datatype == "BYTES":
        return _texts(tensor, content, count)
    kind = _NUMBERS.get(tensor.datatype)
    if kind is None:
        raise MalformedBody(
            f"The datatype {tensor.datatype[:40]!r} is not known.", next_step=f"Send {', '.join(_NUMBERS)} or BYTES."
        )
    length = 1 if len(tensor.shape) == 1 else tensor.shape[1]
    if len(content) != kind.itemsize * count * length:
        raise MalformedBody(
            f"The input {tensor.name[:60]!r} has {len(content)} bytes for {count} rows of {tensor.datatype}.",
            next_step=_NEXT,
        )
    if kind.kind == "b":
        return np.frombuffer(content, np.uint8) != 0
    found = np.frombuffer(content, kind)
    return found.reshape(count, length) if _is_vector(field) else found


def _texts(tensor: Tensor, content: bytes, count: int) -> list[str]:
    try:
        return from_texts(content, count)
    except (struct.error, ValueError) as error:
        raise MalformedBody(f"The input {tensor.name[:60]!r} is no row of texts: {error}.", next_step=_NEXT) from error


def from_texts(content: bytes, count: int) -> list[str]:
    """`count` texts out of the binary form of BYTES. Raises ValueError, struct.error."""
    alike = _alike(content, count)
    if alike is not None:
        return alike
    found: list[str] = []
    at, end = 0, len(content)
    # Lengths are read beside the letters, and ASCII is cut as text: to decode each value costs five times as much.
    letters = content.decode("ascii") if content.isascii() else None
    for _ in range(count):
        (size,) = _read_size(content, at)
        start, at = at + 4, at + 4 + size
        if at > end:
            raise ValueError("it ends too early")
        found.append(content[start:at].decode("utf-8") if letters is None else letters[start:at])
    if at != end:
        raise ValueError("something is left")
    return found


def _alike(content: bytes, count: int) -> list[str] | None:
    """The texts where all are ASCII and equally long, as keys often are; None else."""
    step = len(content) // max(count, 1)
    size = content[:4]
    if step * count != len(content) or step < 4 or _read_size(size)[0] != step - 4 or not content.isascii():
        return None
    if any(content[place::step] != size[place : place + 1] * count for place in range(4)):
        return None
    letters = content.decode("ascii")
    return [letters[at : at + step - 4] for at in range(4, len(content) + 4, step)]


def to_texts(values: Iterable[bytes]) -> bytes:
    """The binary form of BYTES."""
    return b"".join(struct.pack("<I", len(value)) + value for value in values)


def datatype_of(name: str) -> np.dtype[Any]:
    """The binary form of numbers of a datatype."""
    return _NUMBERS[name]


def deadline_ms(asked: InferHead) -> int | None:
    """How long the asker waits: the parameter `timeout`, in microseconds. Raises MalformedBody."""
    told = asked.parameters.get("timeout")
    if told is None or told == 0:
        return None
    if type(told) is not int or not 0 < told <= 3_600_000_000:
        raise MalformedBody("`timeout` is no time that can be waited.", next_step="Give whole microseconds up to 1 h.")
    return max(1, told // 1_000)


def check_outputs(endpoint: Endpoint, asked: InferHead) -> list[tuple[str, bool]]:
    """Which outputs are wanted, and whether in binary. Raises MalformedBody."""
    every = asked.parameters.get("binary_data_output") is True
    if asked.outputs is None:
        return [(endpoint.output.name, every)]
    known = [name for name, _ in _outputs(endpoint)]
    if len({output.name for output in asked.outputs}) < len(asked.outputs):
        raise MalformedBody("An output is asked for twice.", next_step="Ask for each output once.")
    for output in asked.outputs:
        if output.name not in known:
            raise MalformedBody(
                f"There is no output {output.name[:60]!r}.", next_step=f"There are: {', '.join(known)}."
            )
    return [(output.name, output.parameters.get("binary_data", every) is True) for output in asked.outputs]


def _outputs(endpoint: Endpoint) -> list[tuple[str, str]]:
    return [(endpoint.output.name, "FP64"), ("prediction_id", "BYTES"), ("model", "BYTES"), ("fallback", "BYTES")]


def answer(piece: Piece, asked: InferHead, wanted: Sequence[tuple[str, bool]]) -> Response:
    """The answer to a request."""
    answers, count = piece.answers, piece.stop - piece.start
    said: list[dict[str, object]] = []
    parts: list[bytes] = []
    for name, binary in wanted:
        values, datatype = _values(piece, name)
        tensor: dict[str, object] = {"name": name, "datatype": datatype, "shape": [count]}
        if binary:
            content = _to_bytes(values, datatype)
            parts.append(content)
            tensor["parameters"] = {"binary_data_size": len(content)}
        else:
            tensor["data"] = values
        said.append(tensor)
    body: dict[str, object] = {
        "model_name": answers.endpoint.name,
        "model_version": str(answers.endpoint.version),
        "outputs": said,
    }
    if asked.id:
        body["id"] = asked.id
    if answers.fallbacks:
        found = {answers.fallbacks[place] for place in range(piece.start, piece.stop) if place in answers.fallbacks}
        if found:
            body["parameters"] = {"fallback": ", ".join(sorted(found))}
    response = document(body)
    if not any(binary for _, binary in wanted):
        return response
    return Response(
        status=200,
        body=response.body + b"".join(parts),
        headers=((_LENGTH_SENT, str(len(response.body))),),
        content_type=BINARY,
    )


def _values(piece: Piece, name: str) -> tuple[list[Any], str]:
    answers, places = piece.answers, range(piece.start, piece.stop)
    if name == "prediction_id":
        return [*answers.ids[piece.start : piece.stop]], "BYTES"
    if name == "model":
        return [f"{answers.routes[place].model} {answers.routes[place].version}".strip() for place in places], "BYTES"
    if name == "fallback":
        return [answers.fallbacks.get(place, "") for place in places], "BYTES"
    return [*answers.predictions[piece.start : piece.stop]], "FP64"


def _to_bytes(values: Sequence[Any], datatype: str) -> bytes:
    if datatype == "FP64":
        return np.array(values, dtype="<f8").tobytes()
    return to_texts(value.encode() for value in values)


def server_metadata(version: str) -> Response:
    """What the server is, and which extensions it has."""
    return document({"name": "pressroom", "version": version, "extensions": ["binary_tensor_data"]})


def model_metadata(endpoint: Endpoint, versions: Sequence[int]) -> Response:
    """What an endpoint takes and gives, as tensors."""
    inputs = [
        {
            "name": field.name,
            "datatype": _DATATYPES.get(field.type, "BYTES"),
            "shape": [-1, field.length] if _is_vector(field) else [-1],
        }
        for field in endpoint.row_fields()
    ]
    outputs: list[Mapping[str, object]] = [
        {"name": name, "datatype": datatype, "shape": [-1]} for name, datatype in _outputs(endpoint)
    ]
    return document(
        {
            "name": endpoint.name,
            "versions": [str(version) for version in versions],
            "platform": "pressroom",
            "inputs": inputs,
            "outputs": outputs,
        }
    )
