"""Large graphs in two files: the same answers, and steps that reach anywhere else are refused."""

from dataclasses import replace

import numpy as np
import onnx
import pyarrow as pa
import pytest
from onnx import TensorProto, helper, numpy_helper

from pressroom.backends.local.blobs import LocalBlobs
from pressroom.models import Origin, RunnableOnnx, Signature, UnsafeModel, load, load_native, pack, read_structure
from pressroom.models.fetch import Pieces
from pressroom.models.split_onnx import FILE, SplitGraph, joined, split, tensors
from pressroom.models.structure import Graph
from pressroom.ports import Damaged
from pressroom.values import FieldSchema, InvalidInput, from_document, to_document

SIGNATURE = Signature(
    inputs=(FieldSchema(name="a", type="float"), FieldSchema(name="b", type="float")),
    output=FieldSchema(name="y", type="float"),
)
GOLDEN = pa.table({"a": np.arange(9.0), "b": np.arange(9.0) - 4})


def net(wide=1100):
    draw = np.random.default_rng(0)
    shapes = {"first": (2, wide), "second": (wide, wide), "third": (wide, 1)}
    weights = [
        numpy_helper.from_array((draw.normal(size=shape) / shape[0]).astype(np.float32), name)
        for name, shape in shapes.items()
    ]
    nodes = [
        helper.make_node("MatMul", ["X", "first"], ["h"]),
        helper.make_node("Relu", ["h"], ["i"]),
        helper.make_node("MatMul", ["i", "second"], ["j"]),
        helper.make_node("MatMul", ["j", "third"], ["y"]),
    ]
    graph = helper.make_graph(
        nodes,
        "net",
        [helper.make_tensor_value_info("X", TensorProto.FLOAT, ["n", 2])],
        [helper.make_tensor_value_info("y", TensorProto.FLOAT, ["n", 1])],
        weights,
    )
    return helper.make_model(graph, opset_imports=[helper.make_opsetid("", 17)], ir_version=8)


@pytest.fixture(scope="module")
def parts():
    return split(Graph(onnx=net().SerializeToString(deterministic=True)))


def test_a_large_graph_is_packed_in_two_files_and_loaded_equal(tmp_path):
    blobs = LocalBlobs(tmp_path)
    packed = pack(net(), name="net", signature=SIGNATURE, golden=GOLDEN, origin=Origin(), blobs=blobs)
    assert set(packed.package.files) == {"served.onnx", "served.weights", "served.pieces"}
    alone = RunnableOnnx(Graph(onnx=net().SerializeToString()), SIGNATURE)
    for loaded in (load(packed.digest, blobs).runnable, load_native(packed.digest, packed.package, blobs)):
        for count in (0, 1, 2, 5, 40):
            rows = {"a": np.arange(float(count)), "b": np.ones(count)}
            np.testing.assert_allclose(loaded.predict(rows), alone.predict(rows), rtol=1e-5, atol=1e-7)
    again = pack(net(), name="net", signature=SIGNATURE, golden=GOLDEN, origin=Origin(), blobs=blobs)
    assert again.digest == packed.digest
    whole = read_structure(packed.package, blobs)
    rows = {"a": np.arange(5.0), "b": np.ones(5)}
    np.testing.assert_allclose(RunnableOnnx(whole, SIGNATURE).predict(rows), alone.predict(rows), rtol=1e-5, atol=1e-7)


def test_a_package_without_pieces_is_loaded_by_its_one_digest(tmp_path):
    blobs = LocalBlobs(tmp_path)
    packed = pack(net(), name="net", signature=SIGNATURE, golden=GOLDEN, origin=Origin(), blobs=blobs)
    files = {name: digest for name, digest in packed.package.files.items() if name != "served.pieces"}
    older = blobs.put(to_document(replace(packed.package, files=files)))
    rows = {"a": np.arange(5.0), "b": np.ones(5)}
    np.testing.assert_array_equal(load(older, blobs).runnable.predict(rows), packed.runnable.predict(rows))
    path = tmp_path / files["served.weights"][:2] / files["served.weights"][2:]
    path.write_bytes(path.read_bytes()[:-1] + b"?")
    with pytest.raises(Damaged):
        load(older, blobs)


def test_pieces_that_are_not_those_of_the_weights_are_refused(tmp_path):
    blobs = LocalBlobs(tmp_path)
    packed = pack(net(), name="net", signature=SIGNATURE, golden=GOLDEN, origin=Origin(), blobs=blobs)
    right = from_document(blobs.get(packed.package.files["served.pieces"]), Pieces)
    for wrong in (
        replace(right, digests=right.digests[::-1]),
        replace(right, digests=right.digests[:-1]),
        replace(right, digests=()),
        replace(right, size_bytes=right.size_bytes + 1),
        replace(right, size_bytes=1 << 60),
        replace(right, size_bytes=-1),
    ):
        files = packed.package.files | {"served.pieces": blobs.put(to_document(wrong))}
        with pytest.raises(Damaged):
            load(blobs.put(to_document(replace(packed.package, files=files))), blobs)


def test_a_small_graph_stays_one_file():
    assert split(Graph(onnx=net(30).SerializeToString())) is None


def test_a_flipped_bit_in_either_file_is_refused(tmp_path):
    blobs = LocalBlobs(tmp_path)
    packed = pack(net(), name="net", signature=SIGNATURE, golden=GOLDEN, origin=Origin(), blobs=blobs)
    for digest in packed.package.files.values():
        path = tmp_path / digest[:2] / digest[2:]
        right = path.read_bytes()
        for place in (0, len(right) // 2, len(right) - 1):
            wrong = bytearray(right)
            wrong[place] ^= 1
            path.write_bytes(wrong)
            with pytest.raises(Damaged):
                load(packed.digest, blobs)
        path.write_bytes(right[:-1])
        with pytest.raises(Damaged):
            load(packed.digest, blobs)
        path.write_bytes(right)
    load(packed.digest, blobs)


def test_joined_again_it_answers_like_the_graph_that_it_was(parts):
    again = onnx.load_model_from_string(joined(parts).onnx)
    assert [node.op_type for node in again.graph.node] == ["Gemm", "Relu", "Gemm", "Gemm"]
    assert onnx.load_model_from_string(joined(split(joined(parts))).onnx) == again
    assert all(array.ctypes.data % 4 == 0 for array in tensors(parts).values())


CHANGES = [
    ("location", "/etc/passwd"),
    ("location", "../served.weights"),
    ("offset", "-64"),
    ("offset", "7"),
    ("offset", "64000000"),
    ("offset", ""),
    ("length", "8"),
    ("length", "1e6"),
    ("length", "99999999999"),
]


@pytest.mark.parametrize(("key", "value"), CHANGES)
def test_steps_that_reach_anywhere_else_are_refused(parts, key, value):
    model = onnx.load_model_from_string(parts.steps)
    tensor = next(one for one in model.graph.initializer if one.external_data)
    next(entry for entry in tensor.external_data if entry.key == key).value = value
    with pytest.raises(UnsafeModel, match="the numbers of"):
        RunnableOnnx(SplitGraph(steps=model.SerializeToString(), weights=parts.weights), SIGNATURE)


def test_another_shape_another_key_or_shorter_weights_are_refused(parts):
    model = onnx.load_model_from_string(parts.steps)
    tensor = next(one for one in model.graph.initializer if one.external_data)
    tensor.dims[0] += 1
    with pytest.raises(UnsafeModel):
        tensors(SplitGraph(steps=model.SerializeToString(), weights=parts.weights))
    tensor.dims[0] -= 1
    entry = tensor.external_data.add()
    entry.key, entry.value = "checksum", "x"
    with pytest.raises(UnsafeModel):
        tensors(SplitGraph(steps=model.SerializeToString(), weights=parts.weights))
    with pytest.raises(UnsafeModel):
        tensors(SplitGraph(steps=parts.steps, weights=parts.weights[:-1]))
    with pytest.raises(InvalidInput):
        tensors(SplitGraph(steps=b"\x00no graph", weights=b""))


def test_numbers_elsewhere_within_a_step_and_foreign_operators_are_still_refused(parts):
    model = onnx.load_model_from_string(parts.steps)
    hidden = TensorProto(name="hidden", data_type=TensorProto.FLOAT, dims=[1], data_location=TensorProto.EXTERNAL)
    entry = hidden.external_data.add()
    entry.key, entry.value = "location", FILE
    model.graph.node.append(helper.make_node("Constant", [], ["k"], value=hidden))
    with pytest.raises(UnsafeModel, match="kept outside"):
        tensors(SplitGraph(steps=model.SerializeToString(), weights=parts.weights))
    del model.graph.node[-1]
    model.graph.node.append(helper.make_node("Own", ["X"], ["z"], domain="somebody"))
    with pytest.raises(UnsafeModel):
        tensors(SplitGraph(steps=model.SerializeToString(), weights=parts.weights))
