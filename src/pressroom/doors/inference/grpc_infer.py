"""Requests over gRPC as the same requests over HTTP, and answers back: the path between them is one.

An inference request becomes the binary form of the Open Inference Protocol, whose checks it then meets. An answer has
the form that was asked in: raw contents for raw contents, typed contents for typed ones.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import msgspec
import numpy as np
from google.protobuf.message import DecodeError

from pressroom.doors.inference.grpc_messages import message_class
from pressroom.doors.inference.oip import LENGTH, datatype_of, from_texts, to_texts
from pressroom.doors.inference.paths import place_of
from pressroom.doors.inference.wire import Incoming, MalformedBody
from pressroom.doors.response import Response
from pressroom.values import PressroomError

_NEXT = "The specification of the Open Inference Protocol says how a request looks."
_MODELS = "/v2/models/"
_CONTENTS = {
    "BOOL": "bool_contents", "INT8": "int_contents", "INT16": "int_contents", "INT32": "int_contents",
    "INT64": "int64_contents", "UINT8": "uint_contents", "UINT16": "uint_contents", "UINT32": "uint_contents",
    "UINT64": "uint64_contents", "FP32": "fp32_contents", "FP64": "fp64_contents", "BYTES": "bytes_contents",
}  # fmt: skip
"""Where typed contents stand; FP16 has none, and comes raw."""

_encoder = msgspec.json.Encoder()


@dataclass(frozen=True, slots=True)
class Metadata:
    """A call's metadata, as headers."""

    told: Mapping[str, str]

    def get(self, key: str, default: str | None = None, /) -> str | None:
        """The value of one."""
        return self.told.get(key, default)


def read_message(name: str, content: bytes) -> Any:
    """A message out of its bytes. Raises MalformedBody."""
    try:
        return message_class(name).FromString(content)
    except DecodeError as error:
        raise MalformedBody(f"The bytes are no {name}.", next_step=_NEXT) from error


def model_path(name: str, version: str, what: str) -> str:
    """Where HTTP has a model. Raises MalformedBody for what is no name."""
    path = f"{_MODELS}{name}{f'/versions/{version}' if version else ''}{what}"
    if "/" in name or "/" in version or place_of(path).kind == "nothing":
        raise MalformedBody(
            f"There is no model {name[:60]!r} in version {version[:20]!r}.",
            next_step="Give its name, and as its version a number, or nothing.",
        )
    return path


def infer_incoming(asked: Any, headers: Metadata) -> Incoming:
    """A request for predictions; what is wrong with it is told once it is known that the asker may ask."""
    path = _MODELS
    try:
        path = model_path(asked.model_name, asked.model_version, "/infer")
        head, parts = _binary(asked)
    except PressroomError as error:
        return Incoming(method="POST", path=path, headers=headers, broken=error, rpc="ModelInfer")
    told = Metadata({**headers.told, LENGTH: str(len(head))})
    return Incoming(method="POST", path=path, headers=told, body=b"".join((head, *parts)), rpc="ModelInfer")


def _binary(asked: Any) -> tuple[bytes, list[bytes]]:
    """The head as JSON, and the inputs' bytes."""
    raw = asked.raw_input_contents
    if raw and len(raw) != len(asked.inputs):
        raise MalformedBody(
            f"raw_input_contents has {len(raw)} parts for {len(asked.inputs)} inputs.", next_step="Send one for each."
        )
    inputs: list[dict[str, object]] = []
    parts: list[bytes] = []
    for place, tensor in enumerate(asked.inputs):
        if raw and tensor.HasField("contents"):
            raise MalformedBody(f"The input {tensor.name[:60]!r} has contents twice.", next_step="Send them once, raw.")
        part = raw[place] if raw else _bytes_of(tensor)
        parts.append(part)
        told = {"name": tensor.name, "datatype": tensor.datatype, "shape": [*tensor.shape]}
        inputs.append({**told, "parameters": {"binary_data_size": len(part)}})
    head: dict[str, object] = {
        "id": asked.id,
        "parameters": {**_parameters(asked.parameters), "binary_data_output": True},
        "inputs": inputs,
    }
    if asked.outputs:
        head["outputs"] = [{"name": output.name} for output in asked.outputs]
    return _encoder.encode(head), parts


def _bytes_of(tensor: Any) -> bytes:
    name, datatype = tensor.name[:60], tensor.datatype
    where = _CONTENTS.get(datatype)
    if where is None:
        raise MalformedBody(
            f"The input {name!r} has typed contents of the datatype {datatype[:40]!r}.",
            next_step=f"Send {', '.join(_CONTENTS)}, or raw_input_contents.",
        )
    for field, _ in tensor.contents.ListFields():
        if field.name != where:
            raise MalformedBody(
                f"The input {name!r} is {datatype} and has {field.name}.", next_step=f"Send {where} for {datatype}."
            )
    values = getattr(tensor.contents, where)
    if datatype == "BYTES":
        return to_texts(values)
    try:
        return np.array([*values], dtype=datatype_of(datatype)).tobytes()
    except OverflowError as error:
        raise MalformedBody(
            f"The input {name!r} has a value beyond {datatype}: {error}.", next_step="Send a wider datatype."
        ) from error


def _parameters(told: Any) -> dict[str, object]:
    found = {name: value.WhichOneof("parameter_choice") for name, value in told.items()}
    return {name: getattr(told[name], choice) for name, choice in found.items() if choice}


def infer_response(asked: Any, response: Response) -> Any:
    """The answer to a request that was answered with 200."""
    size = int(dict(response.headers)["Inference-Header-Content-Length"])
    head, at = msgspec.json.decode(response.body[:size]), size
    made = message_class("ModelInferResponse")(
        model_name=head["model_name"], model_version=head["model_version"], id=asked.id
    )
    for name, value in head.get("parameters", {}).items():
        made.parameters[name].string_param = value
    for output in head["outputs"]:
        name, datatype, shape = output["name"], output["datatype"], output["shape"]
        tensor = made.outputs.add(name=name, datatype=datatype, shape=shape)
        part = response.body[at : at + output["parameters"]["binary_data_size"]]
        at += len(part)
        if asked.raw_input_contents:
            made.raw_output_contents.append(part)
        elif datatype == "BYTES":
            tensor.contents.bytes_contents.extend(text.encode() for text in from_texts(part, shape[0]))
        else:
            getattr(tensor.contents, _CONTENTS[datatype]).extend(np.frombuffer(part, datatype_of(datatype)).tolist())
    return made


def metadata_response(response: Response) -> Any:
    """What a model takes and gives."""
    told = msgspec.json.decode(response.body)
    plain = {name: told[name] for name in ("name", "versions", "platform")}
    made = message_class("ModelMetadataResponse")(**plain)
    for side in ("inputs", "outputs"):
        for tensor in told[side]:
            getattr(made, side).add(name=tensor["name"], datatype=tensor["datatype"], shape=tensor["shape"])
    return made


def said_of_failure(response: Response) -> str:
    """What a refusal says, as one text."""
    said = msgspec.json.decode(response.body)["error"]
    text = said if isinstance(said, str) else f"{said['message']} {said['next_step']}"
    return text.encode()[:_LONGEST_SAID].decode(errors="ignore")


_LONGEST_SAID = 1_500
"""It travels in a header, three bytes for each of its own: more would not be taken by clients."""
