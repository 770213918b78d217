"""What is refused in the bytes of a file is what is refused in the message that they are parsed to, and no less."""

import tempfile

import numpy as np
import onnx
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from onnx import TensorProto, helper, numpy_helper

from pressroom.models import Signature, Trees, UnsafeModel, graph_of_trees, onnx_check, onnx_fields, read_onnx
from pressroom.models.onnx_check import check_file
from pressroom.models.open_session import open_session
from pressroom.models.runnable_onnx import RunnableOnnx
from pressroom.models.structure import Graph
from pressroom.values import FieldSchema, InvalidInput

DOMAINS = st.sampled_from(["", "", "ai.onnx", "ai.onnx.ml", "own", "com.example"])
NUMBERS = st.lists(st.floats(width=32, allow_nan=False), max_size=9)


@st.composite
def tensors(draw):
    tensor = TensorProto(name=draw(st.sampled_from(["", "w"])), data_type=1, dims=[2])
    where = draw(st.sampled_from(["raw", "raw", "floats", "ints", "texts", "outside", "placed", "marked"]))
    if where == "raw":
        tensor.raw_data = draw(st.binary(max_size=20))
    elif where == "floats":
        tensor.float_data.extend(draw(NUMBERS))
    elif where == "ints":
        tensor.int64_data.extend(draw(st.lists(st.integers(-9, 2**40), max_size=5)))
    elif where == "texts":
        tensor.string_data.extend(draw(st.lists(st.binary(max_size=90), max_size=5)))
    if where == "outside":
        tensor.external_data.add(key="location", value="/etc/passwd")
    if where in ("outside", "marked"):
        tensor.data_location = TensorProto.EXTERNAL
    if where == "placed":
        tensor.external_data.add(key="offset", value="8")
    return tensor


@st.composite
def attributes(draw, depth):
    attribute = onnx.AttributeProto(name="a", i=draw(st.integers(-9, 9)))
    attribute.floats.extend(draw(NUMBERS))
    attribute.ints.extend(draw(st.lists(st.integers(-(2**63), 2**63 - 1), max_size=5)))
    attribute.strings.extend(draw(st.lists(st.binary(max_size=90), max_size=3)))
    for kind in draw(st.lists(st.sampled_from(["t", "tensors", "sparse", "sparses", "g", "graphs"]), max_size=2)):
        if kind == "t":
            attribute.t.CopyFrom(draw(tensors()))
        elif kind == "tensors":
            attribute.tensors.append(draw(tensors()))
        elif kind == "sparse":
            attribute.sparse_tensor.values.CopyFrom(draw(tensors()))
        elif kind == "sparses":
            attribute.sparse_tensors.add().indices.CopyFrom(draw(tensors()))
        elif depth and kind == "g":
            attribute.g.CopyFrom(draw(graphs(depth - 1)))
        elif depth:
            attribute.graphs.append(draw(graphs(depth - 1)))
    return attribute


@st.composite
def nodes(draw, depth):
    node = onnx.NodeProto(op_type=draw(st.sampled_from(["Add", "Mine"])), domain=draw(DOMAINS), input=["x"])
    node.attribute.extend(draw(st.lists(attributes(depth), max_size=2)))
    return node


@st.composite
def graphs(draw, depth=2):
    graph = onnx.GraphProto(name="g", node=draw(st.lists(nodes(depth), max_size=3)))
    graph.initializer.extend(draw(st.lists(tensors(), max_size=2)))
    for tensor in draw(st.lists(tensors(), max_size=1)):
        graph.sparse_initializer.add().values.CopyFrom(tensor)
    return graph


@st.composite
def models(draw):
    model = onnx.ModelProto(ir_version=9, producer_name="tests", graph=draw(graphs()))
    for domain in draw(st.lists(DOMAINS, max_size=2)):
        model.opset_import.add(domain=domain, version=18)
    for node in draw(st.lists(nodes(0), max_size=1)):
        model.functions.add(name="Mine", domain="own", node=[node])
    if draw(st.integers(0, 9)) == 0:
        model.training_info.add()
    return model


def said(check, content):
    try:
        check(content)
    except (UnsafeModel, InvalidInput) as error:
        return type(error), str(error)
    return None


@settings(max_examples=300)
@given(model=models())
def test_a_model_is_refused_in_the_same_words_as_when_it_is_parsed(model):
    content = model.SerializeToString()
    parsed, read = said(read_onnx, content), said(check_file, content)
    assert (parsed is None) == (read is None)
    assert parsed is None or parsed[0] is read[0] is UnsafeModel


@settings(max_examples=300)
@given(
    model=models(), changes=st.lists(st.tuples(st.integers(0, 10**6), st.integers(0, 255)), max_size=4), data=st.data()
)
def test_whatever_bytes_are_changed_nothing_unsafe_is_let_through(model, changes, data):
    content = bytearray(model.SerializeToString())
    for place, byte in changes:
        if content:
            content[place % len(content)] = byte
    cut = data.draw(st.integers(0, len(content)))
    for raw in (bytes(content), bytes(content[:cut]), bytes(content) + bytes(content[:cut])):
        parsed, read = said(read_onnx, raw), said(check_file, raw)
        assert read is not None or parsed is None or parsed[0] is InvalidInput


@settings(max_examples=300)
@given(content=st.binary(max_size=60))
def test_of_any_bytes_nothing_unsafe_is_let_through(content):
    parsed, read = said(read_onnx, content), said(check_file, content)
    assert read is not None or parsed is None or parsed[0] is InvalidInput


def plain(size):
    weight = numpy_helper.from_array(np.ones((size, 1), dtype=np.float32), "w")
    graph = helper.make_graph(
        [helper.make_node("MatMul", ["X", "w"], ["y"])],
        "g",
        [helper.make_tensor_value_info("X", TensorProto.FLOAT, ["n", size])],
        [helper.make_tensor_value_info("y", TensorProto.FLOAT, ["n", 1])],
        [weight],
    )
    return helper.make_model(graph, opset_imports=[helper.make_opsetid("", 18)], ir_version=9)


def forest(trees):
    count = np.arange(trees)
    nodes = np.tile([0, -1, -1], trees).astype(np.int32)
    return graph_of_trees(
        Trees(
            inputs=("a",),
            feature=nodes,
            threshold=np.zeros(3 * trees),
            left=np.stack([3 * count + 1, 0 * count - 1, 0 * count - 1], 1).ravel().astype(np.int32),
            right=np.stack([3 * count + 2, 0 * count - 1, 0 * count - 1], 1).ravel().astype(np.int32),
            null_left=np.zeros(3 * trees, dtype=bool),
            value=np.tile([0.0, 1.0, 2.0], trees),
            root=(3 * count).astype(np.int32),
            output=np.zeros(trees, dtype=np.int32),
            base=np.ones(1),
            link="identity",
        )
    ).onnx


@pytest.fixture
def steps(monkeypatch):
    """How many numbers of the wire format Python reads one by one."""
    read, count = onnx_fields.varint, []

    def counted(content, at, end):
        count.append(at)
        return read(content, at, end)

    monkeypatch.setattr(onnx_fields, "varint", counted)
    monkeypatch.setattr(onnx_check, "varint", counted)

    def steps(content):
        count.clear()
        check_file(content)
        return len(count)

    return steps


def test_numbers_are_passed_over_however_many_they_are(steps):
    assert steps(plain(3_000_000).SerializeToString()) <= steps(plain(3).SerializeToString()) + 2
    few, many = forest(10), forest(20_000)
    assert len(many) > 900 * len(few)
    assert steps(many) <= steps(few) + len(many) // 10_000


def test_a_file_is_opened_without_parsing_it_in_python(monkeypatch):
    content = plain(1_500_000).SerializeToString()
    monkeypatch.setattr(onnx, "load_model_from_string", lambda _: pytest.fail("it was parsed"))
    signature = Signature(
        inputs=(FieldSchema(name="X", type="vector", length=1_500_000),), output=FieldSchema(name="y", type="float")
    )
    model = RunnableOnnx(Graph(onnx=content), signature)
    assert model.predict({"X": np.ones((1, 1_500_000))}).tolist() == [1_500_000.0]


def test_where_no_file_can_be_made_a_large_graph_is_opened_all_the_same(monkeypatch, tmp_path):
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path / "none"))
    session = open_session(plain(1_500_000).SerializeToString())
    assert session.run(None, {"X": np.ones((1, 1_500_000), dtype=np.float32)})[0].tolist() == [[1_500_000.0]]


def test_graphs_in_graphs_have_a_bound():
    inner = onnx.GraphProto(name="g")
    for _ in range(18):
        outer = onnx.GraphProto(name="g")
        outer.node.add(op_type="If").attribute.add(name="then_branch").g.CopyFrom(inner)
        inner = outer
    with pytest.raises(UnsafeModel, match="nested deeper"):
        check_file(onnx.ModelProto(graph=inner).SerializeToString())


def test_more_nodes_than_there_may_be_are_refused(monkeypatch):
    monkeypatch.setattr(onnx_check, "MOST_NODES", 3)
    graph = onnx.GraphProto(node=[onnx.NodeProto(op_type="Add")] * 4)
    with pytest.raises(UnsafeModel, match="more than 3 nodes"):
        check_file(onnx.ModelProto(graph=graph).SerializeToString())


def test_bytes_that_look_like_another_format_of_onnxruntime_are_read_as_onnx():
    """They may be both, and what was checked is the one."""
    unknown = b"\xa2\x06\x08" + b"." + b"ORTM" + b"..."
    session = open_session(unknown + plain(2).SerializeToString())
    assert session.run(None, {"X": np.ones((1, 2), dtype=np.float32)})[0].tolist() == [[2.0]]
