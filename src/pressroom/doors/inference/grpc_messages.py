"""The messages of the Open Inference Protocol over gRPC, as a table: made when they are asked for.

They live in a pool of their own: a client of the protocol in the same process has messages of the same names.
"""

from collections.abc import Mapping
from functools import cache
from typing import Any

from google.protobuf.descriptor_pb2 import DescriptorProto, FieldDescriptorProto, FileDescriptorProto
from google.protobuf.descriptor_pool import DescriptorPool
from google.protobuf.message_factory import GetMessageClass

PACKAGE = "inference"
SERVICE = f"{PACKAGE}.GRPCInferenceService"

_PARAMETERS = "map InferParameter"
_ONE_OF = "parameter_choice"
_MESSAGES: Mapping[str, tuple[str, ...]] = {
    "ServerLiveRequest": (),
    "ServerLiveResponse": ("bool live",),
    "ServerReadyRequest": (),
    "ServerReadyResponse": ("bool ready",),
    "ModelReadyRequest": ("string name", "string version"),
    "ModelReadyResponse": ("bool ready",),
    "ServerMetadataRequest": (),
    "ServerMetadataResponse": ("string name", "string version", "repeated string extensions"),
    "ModelMetadataRequest": ("string name", "string version"),
    "ModelMetadataResponse": (
        "string name", "repeated string versions", "string platform", "repeated .TensorMetadata inputs",
        "repeated .TensorMetadata outputs",
    ),
    "ModelMetadataResponse.TensorMetadata": ("string name", "string datatype", "repeated int64 shape"),
    "InferParameter": (
        "oneof bool bool_param", "oneof int64 int64_param", "oneof string string_param", "oneof double double_param",
        "oneof uint64 uint64_param",
    ),
    "InferTensorContents": (
        "repeated bool bool_contents", "repeated int32 int_contents", "repeated int64 int64_contents",
        "repeated uint32 uint_contents", "repeated uint64 uint64_contents", "repeated float fp32_contents",
        "repeated double fp64_contents", "repeated bytes bytes_contents",
    ),
    "ModelInferRequest": (
        "string model_name", "string model_version", "string id", f"{_PARAMETERS} parameters",
        "repeated .InferInputTensor inputs", "repeated .InferRequestedOutputTensor outputs",
        "repeated bytes raw_input_contents",
    ),
    "ModelInferRequest.InferInputTensor": (
        "string name", "string datatype", "repeated int64 shape", f"{_PARAMETERS} parameters",
        "one InferTensorContents contents",
    ),
    "ModelInferRequest.InferRequestedOutputTensor": ("string name", f"{_PARAMETERS} parameters"),
    "ModelInferResponse": (
        "string model_name", "string model_version", "string id", f"{_PARAMETERS} parameters",
        "repeated .InferOutputTensor outputs", "repeated bytes raw_output_contents",
    ),
    "ModelInferResponse.InferOutputTensor": (
        "string name", "string datatype", "repeated int64 shape", f"{_PARAMETERS} parameters",
        "one InferTensorContents contents",
    ),
}  # fmt: skip
"""Each message's fields, numbered from 1 on in this order. A type that starts with a dot is nested in the message."""


@cache
def message_class(name: str) -> Any:
    """A message by its name, as protobuf's own class."""
    return GetMessageClass(_pool().FindMessageTypeByName(f"{PACKAGE}.{name}"))


@cache
def _pool() -> DescriptorPool:
    pool = DescriptorPool()
    pool.Add(file_descriptor())  # pyright: ignore[reportAttributeAccessIssue]
    return pool


def file_descriptor() -> FileDescriptorProto:
    """The protocol's file, as protobuf describes files."""
    file = FileDescriptorProto(name="pressroom_inference.proto", package=PACKAGE, syntax="proto3")
    made: dict[str, DescriptorProto] = {}
    for name, fields in _MESSAGES.items():
        outer, _, inner = name.rpartition(".")
        message = made[outer].nested_type.add(name=inner) if outer else file.message_type.add(name=name)
        made[name] = message
        if fields and fields[0].startswith("oneof "):
            message.oneof_decl.add(name=_ONE_OF)
        for number, said in enumerate(fields, start=1):
            _add_field(message, f".{PACKAGE}.{name}", number, said)
    return file


def _add_field(message: DescriptorProto, full_name: str, number: int, said: str) -> None:
    how, kind, name = said.split() if said.count(" ") == 2 else ("", *said.split())
    repeated = how in ("repeated", "map")
    field = message.field.add(name=name, number=number, label=_REPEATED if repeated else _OPTIONAL)
    if how == "map":
        kind = f".{_add_entry(message, name, kind)}"
    elif how == "oneof":
        field.oneof_index = 0
    if kind.startswith("."):
        field.type, field.type_name = FieldDescriptorProto.TYPE_MESSAGE, f"{full_name}{kind}"
    elif kind[0].isupper():
        field.type, field.type_name = FieldDescriptorProto.TYPE_MESSAGE, f".{PACKAGE}.{kind}"
    else:
        field.type = getattr(FieldDescriptorProto, f"TYPE_{kind.upper()}")


def _add_entry(message: DescriptorProto, field: str, kind: str) -> str:
    """The message that a map's entries are, by texts; its name."""
    entry = message.nested_type.add(name=f"{field.title()}Entry")
    entry.options.map_entry = True
    entry.field.add(name="key", number=1, label=_OPTIONAL, type=FieldDescriptorProto.TYPE_STRING)
    value = entry.field.add(name="value", number=2, label=_OPTIONAL, type=FieldDescriptorProto.TYPE_MESSAGE)
    value.type_name = f".{PACKAGE}.{kind}"
    return entry.name


_OPTIONAL, _REPEATED = FieldDescriptorProto.LABEL_OPTIONAL, FieldDescriptorProto.LABEL_REPEATED
