"""Inputs that are vectors, through every form that a model serves in."""

from types import MappingProxyType

import catboost
import lightgbm
import numpy as np
import pyarrow as pa
import pytest
import torch
import xgboost
from hypothesis import given, settings
from hypothesis import strategies as st
from onnx import TensorProto, helper, numpy_helper
from sklearn.ensemble import RandomForestClassifier
from sklearn.linear_model import LogisticRegression
from sklearn.neighbors import KNeighborsClassifier
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler

from pressroom.models import (
    Limits,
    MeanBy,
    Origin,
    PartialCache,
    Permits,
    Signature,
    SignatureMismatch,
    explain,
    golden_rows,
    inputs_from_columns,
    inputs_from_rows,
    inputs_from_table,
    load,
    matrix,
    pack,
    partial_of,
    sentences,
    signature_of_sample,
    take_rows,
)
from pressroom.models.vectors import flat, folded, spread
from pressroom.values import FieldSchema, InvalidInput

LOOKS = FieldSchema(name="looks", type="vector", length=3, unit="photos@1", doc="the picture")
TASTE = FieldSchema(name="taste", type="vector", length=2, optional=True)
PRICE = FieldSchema(name="price", type="float")
CHANCE = FieldSchema(name="sold", type="float", unit="probability")
SIGNATURE = Signature(inputs=(LOOKS, PRICE), output=CHANCE)
RULES = MappingProxyType({"origin": Origin(), "name": "sold"})


@pytest.fixture
def table():
    draw = np.random.default_rng(3)
    looks = draw.normal(size=(200, 3)).astype(np.float32).astype(np.float64)
    taste = draw.normal(size=(200, 2)).astype(np.float32).astype(np.float64)
    price = draw.uniform(1, 9, 200)
    sold = (looks @ [1.0, -2.0, 0.5] + taste[:, 0] - price / 4 + draw.normal(0, 0.5, 200) > -1).astype(float)
    gone = draw.random(200) < 0.2
    return pa.table(
        {
            "looks": pa.array(looks.tolist(), pa.list_(pa.float32())),
            "taste": pa.array([None if no else row for no, row in zip(gone, taste.tolist(), strict=True)]),
            "price": price,
            "sold": sold,
        }
    )


def fitted(kind, rows, sold):
    if kind == "logistic":
        return make_pipeline(StandardScaler(), LogisticRegression()).fit(rows, sold)
    if kind == "forest":
        return RandomForestClassifier(8, random_state=0).fit(rows, sold)
    if kind == "neighbours":
        return KNeighborsClassifier(3).fit(rows, sold)
    if kind == "lightgbm":
        return lightgbm.train({"objective": "binary", "verbosity": -1}, lightgbm.Dataset(rows, sold), 12)
    if kind == "xgboost":
        return xgboost.XGBClassifier(n_estimators=12, max_depth=3).fit(rows, sold)
    if kind == "catboost":
        return catboost.CatBoostClassifier(iterations=12, verbose=0, allow_writing_files=False).fit(rows, sold)

    torch.manual_seed(0)
    return torch.nn.Sequential(torch.nn.Linear(4, 5), torch.nn.ReLU(), torch.nn.Linear(5, 1), torch.nn.Sigmoid())


@pytest.mark.parametrize("kind", ["logistic", "forest", "neighbours", "lightgbm", "xgboost", "catboost", "torch"])
def test_a_model_of_a_vector_and_a_number_is_packed_loaded_and_explained(kind, table, blobs):
    inputs = inputs_from_table(SIGNATURE, table)
    rows = matrix(SIGNATURE, inputs)
    assert rows.shape == (200, 4)
    model = fitted(kind, rows, table.column("sold").to_numpy())
    packed = pack(model, signature=SIGNATURE, golden=table, blobs=blobs, **RULES)
    loaded = load(packed.digest, blobs, Permits(types=("sklearn.*",)))
    kept, expected = golden_rows(packed.package, blobs)
    np.testing.assert_array_equal(kept["looks"], inputs["looks"])
    np.testing.assert_allclose(loaded.runnable.predict(inputs), expected, atol=1e-6)
    alone = take_rows(inputs, np.array([7]))
    np.testing.assert_allclose(loaded.runnable.predict(alone), expected[7:8], atol=1e-6)
    found = explain(loaded, alone, blobs, within_s=0.05)
    assert found.contributions.names == ("looks", "price")
    if found.contributions.space == "answer":
        np.testing.assert_allclose(found.contributions.scores(), found.answers, atol=1e-4)
    assert any("The vector of the picture" in said for said in sentences(found, alone, 0))


@pytest.mark.parametrize("kind", ["logistic", "forest", "xgboost", "torch"])
def test_a_model_of_vectors_in_parts_answers_like_the_whole(kind, table, blobs):
    inputs = inputs_from_table(SIGNATURE, table)
    model = fitted(kind, matrix(SIGNATURE, inputs), table.column("sold").to_numpy())
    loaded = load(pack(model, signature=SIGNATURE, golden=table, blobs=blobs, **RULES).digest, blobs)
    parts = partial_of(loaded, blobs, {"looks": "photo"}, PartialCache(1 << 20))
    expected = loaded.runnable.predict(inputs)
    np.testing.assert_allclose(parts.predict(inputs), expected, atol=1e-6)
    if kind in ("logistic", "forest", "xgboost"):
        assert parts.plan.way in ("sums", "bits")
        assert parts.plan.blocks[0].inputs == ("looks.0", "looks.1", "looks.2")
    one = {"looks": inputs["looks"][:1]}
    many = {"price": inputs["price"]}
    same = {"looks": inputs["looks"][:1].repeat(200, axis=0), "price": inputs["price"]}
    found = parts.score({"photo": one, "request": many})
    np.testing.assert_allclose(found, loaded.runnable.predict(same), atol=1e-6)


def own_input(kind="FLOAT"):
    """A graph that takes the vector as an input of its own, [n, 3], and the price as another."""

    number = getattr(TensorProto, kind)
    weights = np.array([[1.0], [-2.0], [0.5]], dtype=helper.tensor_dtype_to_np_dtype(number))
    graph = helper.make_graph(
        [
            helper.make_node("MatMul", ["looks", "w"], ["dot"]),
            helper.make_node("Sub", ["dot", "price"], ["score"]),
            helper.make_node("Sigmoid", ["score"], ["sold"]),
        ],
        "own",
        [
            helper.make_tensor_value_info("looks", number, ["n", 3]),
            helper.make_tensor_value_info("price", number, ["n", 1]),
        ],
        [helper.make_tensor_value_info("sold", number, ["n", 1])],
        [numpy_helper.from_array(weights, "w")],
    )
    return helper.make_model(graph, opset_imports=[helper.make_opsetid("", 17)], ir_version=8)


@pytest.mark.parametrize("kind", ["FLOAT", "DOUBLE"])
def test_a_graph_may_take_a_vector_as_an_input_of_its_own(kind, table, blobs):
    packed = pack(own_input(kind), signature=SIGNATURE, golden=table, blobs=blobs, **RULES)
    loaded = load(packed.digest, blobs)
    inputs = inputs_from_table(SIGNATURE, table)
    z = inputs["looks"] @ [1.0, -2.0, 0.5] - inputs["price"]
    np.testing.assert_allclose(loaded.runnable.predict(inputs), 1 / (1 + np.exp(-z)), atol=1e-6)
    parts = partial_of(loaded, blobs, {"looks": "photo"}, PartialCache(1 << 20))
    assert parts.plan.way == "graph"
    np.testing.assert_allclose(parts.predict(inputs), loaded.runnable.predict(inputs), atol=1e-6)


def test_null_vectors_are_nan_in_every_number_and_trees_take_them(table, blobs):
    signature = Signature(inputs=(TASTE, PRICE), output=CHANCE)
    inputs = inputs_from_table(signature, table)
    assert np.isnan(inputs["taste"]).any()
    model = fitted("lightgbm", matrix(signature, inputs), table.column("sold").to_numpy())
    packed = pack(model, signature=signature, golden=table, blobs=blobs, **RULES)
    assert packed.package.form == "onnx"
    assert packed.package.parity.edge_rows
    loaded = load(packed.digest, blobs)
    kept, expected = golden_rows(packed.package, blobs)
    np.testing.assert_array_equal(np.isnan(kept["taste"]), np.isnan(inputs["taste"]))
    np.testing.assert_allclose(loaded.runnable.predict(kept), expected, atol=1e-6)


def test_code_gets_a_vector_as_a_matrix_also_in_its_own_process(table, blobs):

    signature = Signature(inputs=(LOOKS, TASTE), output=FieldSchema(name="score", type="float"))
    packed = pack(
        lambda columns: columns["looks"].sum(axis=1) + __import__("numpy").isnan(columns["taste"]).all(axis=1),
        signature=signature,
        golden=table,
        blobs=blobs,
        limits=Limits(half_fenced=True),
        **RULES,
    )
    loaded = load(
        packed.digest, blobs, Permits(types=("sklearn.*",), trusted=lambda _: True, limits=Limits(half_fenced=True))
    )
    inputs = inputs_from_table(signature, table)
    wanted = inputs["looks"].sum(axis=1) + np.isnan(inputs["taste"]).all(axis=1)
    np.testing.assert_array_equal(loaded.runnable.predict(inputs), wanted)


BAD = [
    ([1.0, 2.0], "Row 1: the input 'looks' has 2 numbers, expected a list of 3 finite numbers."),
    ([1.0, None, 2.0], "Row 1: the input 'looks' holds null"),
    ([1.0, float("nan"), 2.0], "Row 1: the input 'looks' holds null, NaN or infinity"),
    ([1.0, float("inf"), 2.0], "Row 1: the input 'looks' holds null, NaN or infinity"),
    (["a", "b", "c"], "Row 1: the input 'looks' holds 'a'"),
    ([True, False, True], "Row 1: the input 'looks' holds True"),
    ("abc", "Row 1: the input 'looks' is 'abc'"),
    ([[1.0], [2.0], [3.0]], "Row 1: the input 'looks' holds [1.0]"),
    (None, "Row 1: the input 'looks' is null, and it is not optional."),
]


@pytest.mark.parametrize(("value", "said"), BAD)
def test_a_wrong_vector_is_named_by_row_and_field(value, said):
    rows = [{"looks": [1, 2.0, 3.0], "price": 1.0}, {"looks": value, "price": 1.0}]
    with pytest.raises(SignatureMismatch) as caught:
        inputs_from_rows(SIGNATURE, rows)
    assert caught.value.message.startswith(said)
    with pytest.raises(SignatureMismatch) as caught:
        inputs_from_columns(SIGNATURE, {name: [row[name] for row in rows] for name in ("looks", "price")})
    assert caught.value.message.startswith(said)


@pytest.mark.parametrize("kind", [pa.list_(pa.float64()), pa.large_list(pa.float32())])
def test_a_table_with_a_wrong_vector_is_refused_with_its_row(kind):
    signature = Signature(inputs=(LOOKS,), output=CHANCE)
    for values, said in (
        ([[1.0, 2.0, 3.0], [1.0]], "Row 1: the input 'looks' has 1 numbers"),
        ([[1.0, 2.0, 3.0], None], "Row 1: the input 'looks' is null"),
        ([[1.0, 2.0, 3.0], [1.0, 2.0, None]], "Row 1: the input 'looks' holds null, NaN or infinity"),
        ([[1.0, 2.0, float("nan")]], "Row 0: the input 'looks' holds null, NaN or infinity"),
    ):
        with pytest.raises(SignatureMismatch) as caught:
            inputs_from_table(signature, pa.table({"looks": pa.array(values, kind)}))
        assert caught.value.message.startswith(said)
    with pytest.raises(SignatureMismatch, match="table's column is double"):
        inputs_from_table(signature, pa.table({"looks": [1.0]}))


def test_a_matrix_of_another_width_or_with_a_torn_row_is_refused():
    with pytest.raises(SignatureMismatch, match="has 2 numbers"):
        inputs_from_columns(SIGNATURE, {"looks": np.ones((4, 2)), "price": np.ones(4)})
    torn = np.ones((4, 3))
    torn[2, 1] = np.nan
    with pytest.raises(SignatureMismatch, match="Row 2: the input 'looks' holds NaN"):
        inputs_from_columns(SIGNATURE, {"looks": torn, "price": np.ones(4)})
    torn[2] = np.nan
    with pytest.raises(SignatureMismatch, match="Row 2: the input 'looks' is null"):
        inputs_from_columns(SIGNATURE, {"looks": torn, "price": np.ones(4)})


@pytest.mark.parametrize("kind", ["bytes", "ints", "floats", "strings"])
def test_bytes_and_lists_are_refused_with_the_reason(kind):
    signature = Signature(inputs=(FieldSchema(name="odd", type=kind, length=4),), output=CHANCE)
    for read, given_ in (
        (inputs_from_rows, [{"odd": b"x"}]),
        (inputs_from_columns, {"odd": [b"x"]}),
        (inputs_from_table, pa.table({"odd": [b"x"]})),
    ):
        with pytest.raises(SignatureMismatch, match=r"models don't take: (no framework says|its values are as many)"):
            read(signature, given_)


def test_an_input_called_like_a_number_of_a_vector_is_refused(table, blobs):
    signature = Signature(inputs=(LOOKS, FieldSchema(name="looks.1", type="float")), output=CHANCE)
    with pytest.raises(InvalidInput, match=r"would be called 'looks\.1'"):
        pack(MeanBy(keys=()), signature=signature, golden=table, blobs=blobs, **RULES)


def test_a_vector_that_does_not_say_how_long_it_is_is_refused(table, blobs):
    signature = Signature(inputs=(FieldSchema(name="looks", type="vector"),), output=CHANCE)
    with pytest.raises(InvalidInput, match="no known length"):
        pack(MeanBy(keys=()), signature=signature, golden=table, blobs=blobs, **RULES)


def test_a_sample_tells_how_long_its_vectors_are(table):
    found = signature_of_sample(table.select(["looks", "taste"]), CHANCE, known=[LOOKS])
    assert found.inputs[0] == LOOKS
    assert (found.inputs[1].type, found.inputs[1].length, found.inputs[1].optional) == ("vector", 2, True)
    short = pa.table({"looks": [[1.0, 2.0]]})
    with pytest.raises(InvalidInput, match="has 2 numbers, and the training set's has 3"):
        signature_of_sample(short, CHANCE, known=[LOOKS])


@settings(max_examples=40, deadline=None)
@given(st.lists(st.sampled_from(["float", "int", 1, 2, 5]), min_size=1, max_size=5), st.integers(0, 4))
def test_spreading_and_folding_is_nothing(kinds, count):
    fields = [
        FieldSchema(name=f"f{n}", type="vector", length=kind)
        if isinstance(kind, int)
        else FieldSchema(name=f"f{n}", type=kind)
        for n, kind in enumerate(kinds)
    ]
    signature = Signature(inputs=tuple(fields), output=CHANCE)
    draw = np.random.default_rng(count)
    inputs = {
        field.name: draw.normal(size=(count, field.length) if field.type == "vector" else count) for field in fields
    }
    numbers = spread(signature, inputs)
    assert tuple(numbers) == flat(signature).names() == signature.columns()
    for name, column in folded(signature, numbers).items():
        np.testing.assert_array_equal(column, inputs[name])
    # Cell by cell, without anything of the above.
    by_cell = [
        [cell for field in fields for cell in np.ravel(inputs[field.name][row]).tolist()] for row in range(count)
    ]
    np.testing.assert_array_equal(matrix(signature, inputs), np.array(by_cell).reshape(count, len(numbers)))


def test_no_mean_is_taken_by_a_vector(table):
    inputs = inputs_from_table(SIGNATURE, table)
    with pytest.raises(SignatureMismatch, match="'looks' is a vector"):
        MeanBy(keys=("looks",)).fit(inputs, table.column("sold").to_numpy())
