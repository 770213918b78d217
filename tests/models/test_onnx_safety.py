import numpy as np
import onnx
import pytest
from onnx import TensorProto, helper, numpy_helper

from pressroom.models import Origin, Signature, UnsafeModel, load, pack, read_onnx
from pressroom.models.package import Package
from pressroom.values import FieldSchema, InvalidInput, from_document, to_document

SIGNATURE = Signature(inputs=(FieldSchema(name="a", type="float"),), output=FieldSchema(name="y", type="float"))


def graph(*, node=None, weight=None, opsets=(("", 18),), body=None):
    weight = weight or numpy_helper.from_array(np.ones((1, 1), dtype=np.float32), "w")
    nodes = [node or helper.make_node("MatMul", ["X", "w"], ["y"])]
    if body is not None:
        nodes.append(helper.make_node("If", ["c"], ["z"], then_branch=body, else_branch=body))
    made = helper.make_graph(
        nodes,
        "g",
        [helper.make_tensor_value_info("X", TensorProto.FLOAT, ["n", 1])],
        [helper.make_tensor_value_info("y", TensorProto.FLOAT, ["n", 1])],
        [weight],
    )
    imports = [helper.make_opsetid(domain, version) for domain, version in opsets]
    return helper.make_model(made, opset_imports=imports, ir_version=9)


def outside(location):
    tensor = numpy_helper.from_array(np.ones((1, 1), dtype=np.float32), "w")
    tensor.ClearField("raw_data")
    tensor.data_location = TensorProto.EXTERNAL
    tensor.external_data.add(key="location", value=location)
    return tensor


def bad_models():
    foreign = helper.make_node("Launch", ["X"], ["y"], domain="com.example")
    constant = helper.make_node("Constant", [], ["y"], value=outside("w.bin"))
    inner = helper.make_graph([foreign], "inner", [], [])
    yield "numbers in a file", graph(weight=outside("/etc/passwd")), "/etc/passwd"
    yield "numbers in a file above", graph(weight=outside("../../w.bin")), r"\.\./w\.bin"
    yield "numbers in a file beside", graph(weight=outside("w.bin")), "w.bin"
    yield "numbers of an attribute in a file", graph(node=constant), "w.bin"
    yield "a foreign operator", graph(node=foreign, opsets=(("", 18), ("com.example", 1))), "com.example"
    yield "a foreign operator unannounced", graph(node=foreign), "com.example.Launch"
    yield "a foreign operator in a branch", graph(body=inner), "com.example.Launch"


@pytest.mark.parametrize(("model", "said"), [pytest.param(m, said, id=name) for name, m, said in bad_models()])
def test_what_reaches_out_of_the_file_is_refused_before_it_is_run(model, said, blobs, monkeypatch, tmp_path):
    monkeypatch.chdir(tmp_path)
    (tmp_path / "w.bin").write_bytes(np.ones(1, dtype=np.float32).tobytes())
    with pytest.raises(UnsafeModel, match=said):
        read_onnx(model.SerializeToString())
    golden = onnx_rows()
    with pytest.raises(UnsafeModel, match=said):
        pack(model, name="bad", signature=SIGNATURE, golden=golden, origin=Origin(), blobs=blobs)
    assert list(blobs.list()) == []


def onnx_rows():
    import pyarrow as pa  # noqa: PLC0415

    return pa.table({"a": [1.0, 2.0]})


def test_a_package_that_was_changed_to_hold_a_bad_graph_is_refused_at_load(blobs):
    """Whoever can write blobs can write a manifest of true digests: the graph itself is looked at again."""
    made = pack(graph(), name="good", signature=SIGNATURE, golden=onnx_rows(), origin=Origin(), blobs=blobs)
    bad = blobs.put(graph(weight=outside("/etc/passwd")).SerializeToString())
    document = blobs.get(made.digest).replace(made.package.files["served.onnx"].encode(), bad.encode())
    assert from_document(document, Package).files["served.onnx"] == bad
    with pytest.raises(UnsafeModel):
        load(blobs.put(document), blobs)


def test_a_model_in_one_file_with_standard_operators_is_taken(blobs):
    model = graph()
    assert read_onnx(model.SerializeToString()) == model
    made = pack(model, name="good", signature=SIGNATURE, golden=onnx_rows(), origin=Origin(), blobs=blobs)
    assert to_document(made.package)
    assert load(made.digest, blobs).runnable.predict({"a": np.array([3.0])}).tolist() == [3.0]


@pytest.mark.parametrize("content", [b"nothing", b"\x80\x04\x95"])
def test_other_bytes_are_no_model(content):
    with pytest.raises(InvalidInput):
        read_onnx(content)


def test_the_graph_that_pack_writes_for_trees_passes_the_checker_of_onnx():
    from pressroom.models import Trees, graph_of_trees  # noqa: PLC0415

    trees = Trees(
        inputs=("a",),
        feature=np.array([0, -1, -1], dtype=np.int32),
        threshold=np.array([0.1, 0, 0]),
        left=np.array([1, -1, -1], dtype=np.int32),
        right=np.array([2, -1, -1], dtype=np.int32),
        null_left=np.array([True, False, False]),
        value=np.array([0.0, 1.0, 2.0]),
        root=np.array([0], dtype=np.int32),
        output=np.array([0], dtype=np.int32),
        base=np.ones(1),
        link="sigmoid",
    )
    onnx.checker.check_model(read_onnx(graph_of_trees(trees).onnx), full_check=True)
