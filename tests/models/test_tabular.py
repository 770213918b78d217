import numpy as np
import pyarrow as pa
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from pressroom.backends.memory.blobs import MemoryBlobs
from pressroom.models import (
    Coding,
    Origin,
    Permits,
    Signature,
    TableCard,
    TableModel,
    encoded,
    inputs_from_table,
    load_native,
    pack,
    read_package,
)
from pressroom.stats import Calibration
from pressroom.values import FieldSchema, parse_instant

HOUR_US = 3_600_000_000
PLATT = Calibration(kind="platt", slope=0.7, offset=0.2)
STEPS = Calibration(kind="steps", x=(0.0, 0.3, 0.6, 1.0), y=(0.0, 0.2, 0.7, 1.0))
SIGNATURE = Signature(
    inputs=(
        FieldSchema(name="x", type="float", optional=True),
        FieldSchema(name="plan", type="string", optional=True),
        FieldSchema(name="at", type="timestamp"),
        FieldSchema(name="since", type="timestamp", optional=True),
    ),
    output=FieldSchema(name="y", type="float"),
)
NUMBERS = (
    Coding(input="x", way="number", fill=0.3, offset=0.1, scale=2.0),
    Coding(input="x", way="missing"),
    Coding(input="plan", way="texts", texts=("", "basic", "pro"), table=((1, 0), (0, 1), (1, 1), (0.5, 0.5))),
)
CLOCKS = (
    Coding(input="at", way="hour", fill=0.0),
    Coding(input="at", way="weekday", fill=0.0),
    Coding(input="since", way="since", origin="at", fill=-3.0, scale=0.01),
    Coding(input="plan", way="missing"),
)


def rows(count=300, seed=1):
    draw = np.random.default_rng(seed)
    at = parse_instant("2024-01-01T00:00Z") + draw.integers(-(10**15), 10**14, count)
    x = draw.normal(size=count)
    x[draw.random(count) < 0.2] = np.nan
    since = [None if draw.random() < 0.2 else int(one) - 5 * HOUR_US for one in at]
    return pa.table(
        {
            "x": pa.array(x, from_pandas=True),
            "plan": pa.array(draw.choice(np.array(["basic", "pro", "team", "", None], dtype=object), count)),
            "at": pa.array(at, pa.timestamp("us", "UTC")),
            "since": pa.array(since, pa.timestamp("us", "UTC")),
        }
    )


def packed(model, blobs=None, **more):
    signature = more.pop("signature", SIGNATURE)
    return pack(
        model, name="t.m", signature=signature, golden=rows(), origin=Origin(), blobs=blobs or MemoryBlobs(), **more
    )


def logistic(codings, classes=2):
    linear = pytest.importorskip("sklearn.linear_model")
    matrix = encoded(codings, inputs_from_table(SIGNATURE, rows()))
    y = np.random.default_rng(2).integers(0, classes, len(matrix))
    return linear.LogisticRegression(max_iter=500).fit(matrix, y)


def test_codings_are_what_their_words_say():
    table = pa.table(
        {
            "x": [2.0, None],
            "plan": ["pro", "never seen"],
            "at": pa.array(
                [parse_instant("2024-01-03T06:30Z"), parse_instant("1969-12-28T23:00Z")], pa.timestamp("us", "UTC")
            ),
            "since": pa.array([parse_instant("2024-01-02T06:30Z"), None], pa.timestamp("us", "UTC")),
        }
    )
    found = encoded((*NUMBERS, *CLOCKS), inputs_from_table(SIGNATURE, table))
    # A Wednesday half past six, a day later than `since`; then a Sunday eleven at night, before 1970.
    assert found[0].tolist() == pytest.approx([3.8, 0, 1, 1, 6.5, 2, -0.24, 0])
    assert found[1].tolist() == pytest.approx([0.4, 1, 0.5, 0.5, 23, 6, -0.03, 0])


@pytest.mark.parametrize("calibration", [Calibration(), PLATT])
def test_a_linear_model_of_numbers_and_texts_folds_into_one_dot_product(calibration):
    model = TableModel(
        card=TableCard(codings=NUMBERS, calibration=calibration, inner="sklearn"), fitted=logistic(NUMBERS)
    )
    made = packed(model)
    assert made.package.form == "linear"
    assert made.package.parity.max_abs_diff < 1e-12


@pytest.mark.parametrize(("codings", "calibration"), [(NUMBERS, STEPS), ((*NUMBERS, *CLOCKS), PLATT)])
def test_what_does_not_fold_becomes_one_graph(codings, calibration):
    pytest.importorskip("onnxruntime")
    model = TableModel(
        card=TableCard(codings=codings, calibration=calibration, inner="sklearn"), fitted=logistic(codings)
    )
    made = packed(model)
    assert made.package.form == "onnx"
    assert made.package.parity.max_abs_diff < 1e-10


def test_trees_with_nulls_and_texts_become_one_graph():
    pytest.importorskip("onnxruntime")
    lightgbm = pytest.importorskip("lightgbm")
    codings = (Coding(input="x", way="number"), *NUMBERS[2:], *CLOCKS[:2])
    matrix = encoded(codings, inputs_from_table(SIGNATURE, rows()))
    y = (np.nan_to_num(matrix[:, 0]) > 0).astype(float)
    booster = lightgbm.train(
        {"verbosity": -1, "objective": "binary"}, lightgbm.Dataset(matrix, label=y), num_boost_round=9
    )
    made = packed(TableModel(card=TableCard(codings=codings, calibration=STEPS, inner="lightgbm"), fitted=booster))
    assert (made.package.form, made.package.tier) == ("onnx", "safe")
    assert made.package.parity.max_abs_diff < 1e-10


def test_one_of_several_classes_is_a_number_of_its_own():
    pytest.importorskip("onnxruntime")
    card = TableCard(
        codings=NUMBERS, calibration=Calibration(kind="temperature", slope=0.5), inner="sklearn", outputs=3
    )
    whole = TableModel(card=card, fitted=logistic(NUMBERS, classes=3))
    vector = Signature(inputs=SIGNATURE.inputs, output=FieldSchema(name="y", type="vector", length=3))
    asked = inputs_from_table(SIGNATURE, rows(40, seed=9))
    chances = packed(whole, signature=vector).runnable.predict(asked)
    assert np.allclose(chances.sum(axis=1), 1.0)
    for place in range(3):
        assert np.allclose(packed(whole.of_class(place)).runnable.predict(asked), chances[:, place])


@settings(max_examples=6, deadline=None)
@given(st.integers(0, 10_000))
def test_the_graph_the_files_beside_it_and_the_model_in_memory_answer_alike_on_other_rows(seed):
    pytest.importorskip("onnxruntime")
    codings = (*NUMBERS, *CLOCKS)
    blobs, model = MemoryBlobs(), TableModel(
        card=TableCard(codings=codings, calibration=STEPS, inner="sklearn"), fitted=logistic(codings)
    )  # fmt: skip
    made = packed(model, blobs)
    native = load_native(made.digest, read_package(made.digest, blobs), blobs, Permits())
    asked = inputs_from_table(SIGNATURE, rows(60, seed=seed))
    matrix = encoded(codings, asked)
    expected = STEPS.apply(model.fitted.predict_proba(matrix)[:, 1])
    assert np.allclose(made.runnable.predict(asked), expected, atol=1e-9)
    assert np.allclose(native.predict(asked), expected, atol=1e-9)
