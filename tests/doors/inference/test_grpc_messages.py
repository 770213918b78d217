"""The messages that a table describes are those of the protocol, and nobody else's."""

import subprocess
import sys
from pathlib import Path

import pytest
from google.protobuf.descriptor_pb2 import FileDescriptorSet
from google.protobuf.descriptor_pool import Default

from pressroom.doors.inference.grpc_messages import file_descriptor, message_class

PROTO = Path(__file__).parent / "inference.proto"


def plain(message):
    """Fields, messages within and entries of maps, as numbers and names, in no order but the numbers'."""
    return {
        "fields": sorted(
            (f.number, f.name, f.type, f.label, f.type_name, f.HasField("oneof_index")) for f in message.field
        ),
        "oneofs": [one.name for one in message.oneof_decl],
        "nested": {inner.name: (inner.options.map_entry, plain(inner)) for inner in message.nested_type},
    }


def test_the_table_describes_what_the_compiler_reads(tmp_path):
    pytest.importorskip("grpc_tools")
    made = tmp_path / "made"
    told = [f"--proto_path={PROTO.parent}", f"--descriptor_set_out={made}", PROTO.name]
    subprocess.run([sys.executable, "-m", "grpc_tools.protoc", *told], check=True, timeout=60)
    (compiled,) = FileDescriptorSet.FromString(made.read_bytes()).file
    ours = file_descriptor()
    assert (ours.package, ours.syntax) == (compiled.package, compiled.syntax)
    assert {m.name: plain(m) for m in ours.message_type} == {m.name: plain(m) for m in compiled.message_type}


def test_bytes_are_those_that_the_protocol_says():
    request = message_class("ModelInferRequest")(model_name="m", raw_input_contents=[b"\x07"])
    request.inputs.add(name="x", datatype="INT8", shape=[1]).parameters["p"].int64_param = 5
    assert request.SerializeToString() == (
        b"\x0a\x01m"
        + b"\x2a\x15"
        + b"\x0a\x01x\x12\x04INT8\x1a\x01\x01"
        + b"\x22\x07\x0a\x01p\x12\x02\x10\x05"
        + b"\x3a\x01\x07"
    )


def test_messages_stand_in_no_clients_way():
    message_class("ModelInferRequest")
    with pytest.raises(KeyError):
        Default().FindMessageTypeByName("inference.ModelInferRequest")
