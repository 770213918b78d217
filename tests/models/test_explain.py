import itertools
import math

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sklearn.ensemble import HistGradientBoostingClassifier
from sklearn.impute import SimpleImputer
from sklearn.linear_model import LogisticRegression
from sklearn.pipeline import make_pipeline

from pressroom.backends.memory.blobs import MemoryBlobs
from pressroom.models import (
    MeanBy,
    Origin,
    Signature,
    explain,
    inputs_from_table,
    linked,
    load,
    matrix,
    pack,
    sentences,
    take_rows,
)
from pressroom.models.shapley import sampled_shapley
from pressroom.values import FieldSchema, InvalidInput


class Given:
    """Answers by a function of the row."""

    def __init__(self, function):
        self.function = function

    def predict(self, inputs):
        rows = np.column_stack(list(inputs.values()))
        return np.array([self.function(*row) for row in rows.tolist()])


def signature_of(names):
    inputs = tuple(FieldSchema(name=name, type="float") for name in names)
    return Signature(inputs=inputs, output=FieldSchema(name="y", type="float"))


def exact_shapley(function, row, start):
    """The definition: every order of the inputs, one at a time."""
    count = len(row)
    values = [0.0] * count
    for order in itertools.permutations(range(count)):
        at = list(start)
        for place in order:
            before = function(*at)
            at[place] = row[place]
            values[place] += function(*at) - before
    return [value / math.factorial(count) for value in values]


@settings(max_examples=20, deadline=None)
@given(st.lists(st.floats(-3, 3), min_size=3, max_size=3), st.lists(st.floats(-3, 3), min_size=3, max_size=3))
def test_sampled_values_add_up_and_are_near_the_exact_ones(row, start):
    def function(a, b, c):
        return a * b + max(b, c) - 2 * c

    inputs = {name: np.array([value]) for name, value in zip("abc", row, strict=True)}
    background = {name: np.array([value]) for name, value in zip("abc", start, strict=True)}
    found = sampled_shapley(Given(function), signature_of("abc"), inputs, background, within_s=0.05)
    assert found.scores()[0] == pytest.approx(function(*row), abs=1e-9)
    exact = exact_shapley(function, row, start)
    assert np.abs(found.values[0] - exact).max() <= 6 * found.error.max() + 1.0


def test_the_same_rows_are_explained_alike_each_time(signature, table, blobs):
    inputs = inputs_from_table(signature, table)
    model = MeanBy(keys=("hour",)).fit(inputs, table["late"].to_numpy())
    made = pack(model, name="late", signature=signature, golden=table, origin=Origin(), blobs=blobs)
    loaded, rows = load(made.digest, blobs), take_rows(inputs, np.arange(4))
    first, again = (explain(loaded, rows, blobs, within_s=0.0).contributions for _ in range(2))
    np.testing.assert_array_equal(first.values, again.values)
    assert (first.values[:, [0, 1]] == 0).all(), "inputs that the model does not look at"
    np.testing.assert_allclose(first.scores(), loaded.runnable.predict(rows), atol=1e-12)


def test_sampled_contributions_of_trees_add_up_to_the_answers_without_a_link(signature, table, blobs):
    rows = matrix(signature, inputs_from_table(signature, table))
    model = HistGradientBoostingClassifier(max_iter=5).fit(rows, table["late"].to_numpy())
    made = pack(model, name="late", signature=signature, golden=table, origin=Origin(), blobs=blobs)
    asked = take_rows(inputs_from_table(signature, table), np.arange(3))
    found = explain(load(made.digest, blobs), asked, blobs, within_s=0.05)
    assert (found.contributions.space, found.link) == ("answer", "identity")
    np.testing.assert_allclose(linked(found.contributions.scores(), found.link), found.answers, atol=1e-12)


def linear(table, signature, blobs):
    rows = matrix(signature, inputs_from_table(signature, table))
    model = make_pipeline(SimpleImputer(), LogisticRegression(max_iter=5000)).fit(rows, table["late"].to_numpy())
    made = pack(model, name="late", signature=signature, golden=table, origin=Origin(), blobs=blobs)
    return model, load(made.digest, blobs)


def test_a_linear_model_is_explained_exactly_in_log_odds(signature, table, blobs):
    model, loaded = linear(table, signature, blobs)
    inputs = inputs_from_table(signature, table)
    found = explain(loaded, inputs, blobs)
    assert found.contributions.space == "raw"
    assert (found.contributions.error == 0).all()
    np.testing.assert_allclose(linked(found.contributions.scores(), "sigmoid"), found.answers, atol=1e-12)
    weights = model[-1].coef_[0]
    per_hour = np.diff(found.contributions.values[:2, 2])[0] / np.diff(inputs["hour"][:2])[0]
    assert per_hour == pytest.approx(weights[2])


def test_words_come_from_docs_and_units(table, blobs):
    named = Signature(
        inputs=(
            FieldSchema(
                name="plane.delay_24h", type="float", unit="min", optional=True, doc="late landing of this aircraft"
            ),
            FieldSchema(name="distance", type="float", unit="km", doc="to fly"),
            FieldSchema(name="hour", type="int"),
        ),
        output=FieldSchema(name="late", type="float", unit="probability", doc="risk"),
    )
    _, loaded = linear(table, named, blobs)
    rows = take_rows(inputs_from_table(named, table), np.array([0]))
    rows = {**rows, "plane.delay_24h": np.array([126.0])}
    found = explain(loaded, rows, blobs)
    said = sentences(found, rows, 0)
    assert said[0].startswith("126 min late landing of this aircraft raised the risk by 0.")
    assert len(said) == 3
    null = {**rows, "plane.delay_24h": np.array([np.nan]), "distance": np.array([1e5])}
    assert "100000 km to fly raised" in " ".join(sentences(explain(loaded, null, blobs), null, 0)).replace(
        "1e+05", "100000"
    )


def test_a_vector_is_not_explained():
    vector = Signature(
        inputs=(FieldSchema(name="a", type="float"),), output=FieldSchema(name="y", type="vector", length=2)
    )
    from pressroom.models import LoadedModel, Package, Parity  # noqa: PLC0415

    package = Package(
        name="v", kind="onnx", signature=vector, files={}, golden="", environment={}, size_bytes=0, origin=Origin(),
        parity=Parity(rows=0, max_abs_diff=0.0),
    )  # fmt: skip
    loaded = LoadedModel(digest="d", package=package, runnable=Given(None))
    with pytest.raises(InvalidInput, match="vector"):
        explain(loaded, {"a": np.zeros(1)}, MemoryBlobs())
