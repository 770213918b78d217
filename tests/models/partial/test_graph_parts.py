"""Two towers and other graphs, cut along the entities that their inputs are of."""

import io
import warnings

import numpy as np
import onnx
import pyarrow as pa
import pytest
import torch
from onnx import TensorProto, helper, numpy_helper
from torch.nn.functional import cosine_similarity, normalize

from pressroom.backends.memory.blobs import MemoryBlobs
from pressroom.models import Origin, Signature, load, pack, split_onnx
from pressroom.models.partial.cache import PartialCache
from pressroom.models.partial.partial_model import in_parts, partial_of
from pressroom.models.runnable_onnx import RunnableOnnx
from pressroom.models.structure import MATRIX, Graph
from pressroom.values import FieldSchema

USER, ITEM, PAIR = 6, 5, 2
NAMES = (
    *(f"u{place}" for place in range(USER)),
    *(f"i{place}" for place in range(ITEM)),
    *(f"c{place}" for place in range(PAIR)),
)
SIGNATURE = Signature(
    inputs=tuple(FieldSchema(name=name, type="float") for name in NAMES), output=FieldSchema(name="y", type="float")
)
ENTITIES = {name: "user" if name[0] == "u" else "item" for name in NAMES if name[0] != "c"}


def exported(join):
    """A graph of two towers whose outputs, and the whole matrix, `join` brings together."""

    class Towers(torch.nn.Module):
        def __init__(self):
            super().__init__()
            self.user = torch.nn.Sequential(torch.nn.Linear(USER, 9), torch.nn.ReLU(), torch.nn.Linear(9, 4))
            self.item = torch.nn.Sequential(torch.nn.Linear(ITEM, 9), torch.nn.ReLU(), torch.nn.Linear(9, 4))
            self.head = torch.nn.Linear(8 + PAIR, 1)

        def forward(self, rows):
            return join(self, self.user(rows[:, :USER]), self.item(rows[:, USER : USER + ITEM]), rows)

    torch.manual_seed(5)
    sink = io.BytesIO()
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        example, axes = (torch.randn(3, len(NAMES)),), {MATRIX: {0: "n"}}
        torch.onnx.export(Towers().eval(), example, sink, input_names=[MATRIX], dynamic_axes=axes, dynamo=False)
    return Graph(onnx=sink.getvalue())


def joins():
    """Ways of writing what becomes of two towers: name, function, dot products that are found, steps left."""
    return {
        "product and sum": (lambda m, u, i, x: (u * i).sum(-1), 1, 0),
        "with a sigmoid": (lambda m, u, i, x: torch.sigmoid((u * i).sum(1, keepdim=True)), 1, 1),
        "einsum": (lambda m, u, i, x: torch.einsum("bd,bd->b", u, i), 1, 0),
        "matrix product": (lambda m, u, i, x: torch.bmm(u.unsqueeze(1), i.unsqueeze(2)).reshape(-1), 1, 1),
        "normalised": (lambda m, u, i, x: (normalize(u) * normalize(i)).sum(1), 1, 0),
        "cosine": (lambda m, u, i, x: cosine_similarity(u, i), None, None),
        "with crosses": (lambda m, u, i, x: (u * i).sum(1) + x[:, USER + ITEM :].sum(1) * x[:, 0], 1, None),
        "head": (lambda m, u, i, x: m.head(torch.cat([u, i, x[:, USER + ITEM :]], 1)), 0, None),
        "all inputs": (lambda m, u, i, x: (u * i).sum(1) + x.sum(1), 1, None),
    }


def drawn(count, seed=0):
    rows = np.random.default_rng(seed).normal(size=(count, len(NAMES)))
    return {name: rows[:, place].copy() for place, name in enumerate(NAMES)}


@pytest.mark.parametrize("name", joins())
def test_a_cut_graph_answers_like_the_whole_one(name):
    join, dots, steps = joins()[name]
    graph = exported(join)
    whole = RunnableOnnx(graph, SIGNATURE)
    cache = PartialCache()
    model = in_parts(whole, graph, SIGNATURE, ENTITIES, digest="d", cache=cache)
    assert model.plan.way == "graph", model.plan.reason
    parts = model._taken.parts
    if dots is not None:
        assert len(parts.cut.dots) == dots
    if steps is not None:
        assert parts.cut.nodes == steps
    inputs = drawn(50)
    inputs |= {name: column[:1].repeat(50) for name, column in inputs.items() if ENTITIES.get(name) == "user"}
    wanted = whole.predict(inputs)
    for _ in range(2):
        np.testing.assert_allclose(model.predict(inputs), wanted, rtol=1e-6, atol=1e-6)
    kept = model.keep("item", inputs)
    one = {name: column[:1] for name, column in inputs.items()}
    for _ in range(2):
        got = model.score({"user": one, "item": kept, "request": inputs})
        np.testing.assert_allclose(got, wanted, rtol=1e-6, atol=1e-6)
    mixed = drawn(50, seed=1)
    np.testing.assert_allclose(model.predict(mixed), whole.predict(mixed), rtol=1e-6, atol=1e-6)


@pytest.mark.parametrize("name", ["product and sum", "matrix product", "with crosses", "head"])
def test_a_graph_in_two_files_is_cut_where_its_numbers_lie(name, monkeypatch):
    monkeypatch.setattr(split_onnx, "LEAST_BYTES", 1)
    monkeypatch.setattr(split_onnx, "_LARGE_BYTES", 1)
    graph = exported(joins()[name][0])
    two = split_onnx.split(graph)
    assert two is not None
    whole = RunnableOnnx(two, SIGNATURE)
    alone = in_parts(RunnableOnnx(graph, SIGNATURE), graph, SIGNATURE, ENTITIES, digest="d", cache=PartialCache())
    model = in_parts(whole, whole.in_place, SIGNATURE, ENTITIES, digest="d", cache=PartialCache())
    assert str(model.plan) == str(alone.plan)
    inputs = drawn(50)
    np.testing.assert_allclose(model.predict(inputs), alone.predict(inputs), rtol=1e-6, atol=1e-6)
    small = sum(len(part.onnx) for part in model._taken.parts.cut.parts.values())
    assert small < sum(len(part.onnx) for part in alone._taken.parts.cut.parts.values())


class Watched(MemoryBlobs):
    """Blobs that remember what was asked for."""

    def __init__(self):
        super().__init__()
        self.asked = []

    def get(self, digest):
        self.asked.append(digest)
        return super().get(digest)


@pytest.mark.parametrize("entities", [ENTITIES, dict.fromkeys(NAMES, "user")], ids=["two", "one"])
def test_taking_a_large_model_apart_reads_and_copies_none_of_its_numbers(entities, monkeypatch):
    monkeypatch.setattr(split_onnx, "LEAST_BYTES", 1)
    blobs = Watched()
    golden = pa.table(drawn(9))
    model = onnx.load_model_from_string(exported(joins()["product and sum"][0]).onnx)
    wide = numpy_helper.from_array(np.eye(USER, 20_000, dtype=np.float32), "wide")
    back = numpy_helper.from_array(np.eye(20_000, USER, dtype=np.float32), "back")
    model.graph.initializer.extend([wide, back])
    (first,) = [node for node in model.graph.node if node.op_type == "Gemm" and "user" in node.input[1]][:1]
    taken = first.input[0]
    first.input[0] = "widened.back"
    place = list(model.graph.node).index(first)
    nodes = list(model.graph.node)
    made = [
        helper.make_node("MatMul", [taken, "wide"], ["widened"]),
        helper.make_node("MatMul", ["widened", "back"], ["widened.back"]),
    ]
    del model.graph.node[:]
    model.graph.node.extend([*nodes[:place], *made, *nodes[place:]])
    packed = pack(model, name="m", signature=SIGNATURE, golden=golden, origin=Origin(), blobs=blobs)
    assert "served.weights" in packed.package.files
    loaded = load(packed.digest, blobs)
    blobs.asked.clear()
    monkeypatch.setattr(split_onnx, "joined", lambda _: pytest.fail("it was put together"))
    parts = partial_of(loaded, blobs, entities, PartialCache())
    assert blobs.asked == []
    assert parts.plan.way == ("graph" if entities == ENTITIES else "whole"), parts.plan.reason
    inputs = drawn(40)
    np.testing.assert_allclose(parts.predict(inputs), loaded.runnable.predict(inputs), rtol=1e-5, atol=1e-6)


def test_a_tower_runs_once_for_each_user():
    graph = exported(lambda m, u, i, x: (u * i).sum(-1))
    cache = PartialCache()
    model = in_parts(RunnableOnnx(graph, SIGNATURE), graph, SIGNATURE, ENTITIES, digest="d", cache=cache)
    inputs = drawn(90)
    users = {name: column[:3].repeat(30) for name, column in inputs.items() if ENTITIES.get(name) == "user"}
    model.predict(inputs | users)
    assert cache.counts().misses == 3 + 90 + 90


def test_a_graph_that_mixes_rows_is_served_whole_with_the_reason():
    graph = exported(lambda m, u, i, x: (u * i).sum(1) - u.mean(0).sum())
    whole = RunnableOnnx(graph, SIGNATURE)
    model = in_parts(whole, graph, SIGNATURE, ENTITIES, digest="d", cache=PartialCache())
    assert model.plan.way == "whole"
    assert "not one thing for each row" in model.plan.reason
    inputs = drawn(30)
    assert model.predict(inputs).tolist() == whole.predict(inputs).tolist()


def test_a_graph_whose_first_step_takes_everything_is_served_whole():
    graph = exported(lambda m, u, i, x: torch.tanh(x).sum(1))
    model = in_parts(RunnableOnnx(graph, SIGNATURE), graph, SIGNATURE, ENTITIES, digest="d", cache=PartialCache())
    assert model.plan.way == "whole"
    assert "No step of this graph" in model.plan.reason


def test_a_graph_with_an_input_for_each_name_is_cut_too():
    inputs = [helper.make_tensor_value_info(name, TensorProto.FLOAT, ["n", 1]) for name in ("u0", "u1", "i0")]
    nodes = [
        helper.make_node("Mul", ["u0", "u1"], ["u"]),
        helper.make_node("Exp", ["i0"], ["i"]),
        helper.make_node("Add", ["u", "i"], ["both"]),
        helper.make_node("Mul", ["both", "i0"], ["y"]),
    ]
    made = helper.make_graph(nodes, "g", inputs, [helper.make_tensor_value_info("y", TensorProto.FLOAT, ["n", 1])])
    opsets = [helper.make_opsetid("", 21)]
    graph = Graph(onnx=helper.make_model(made, opset_imports=opsets, ir_version=10).SerializeToString())
    signature = Signature(
        inputs=tuple(FieldSchema(name=name, type="float") for name in ("u0", "u1", "i0")),
        output=FieldSchema(name="y", type="float"),
    )
    whole = RunnableOnnx(graph, signature)
    entities = {"u0": "user", "u1": "user", "i0": "item"}
    model = in_parts(whole, graph, signature, entities, digest="d", cache=PartialCache())
    assert model.plan.way == "graph"
    rows = {"u0": np.full(40, 2.0), "u1": np.full(40, 3.0), "i0": np.linspace(-1, 1, 40)}
    np.testing.assert_allclose(model.predict(rows), whole.predict(rows), rtol=1e-6)
