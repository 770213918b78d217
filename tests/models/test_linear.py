import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from pressroom.models import Signature, SignatureMismatch
from pressroom.models.linear import Linear, RunnableLinear, load_linear, sigmoid
from pressroom.values import FieldSchema, InvalidInput

PAIR = Signature(
    inputs=(FieldSchema(name="a", type="float", optional=True), FieldSchema(name="b", type="float")),
    output=FieldSchema(name="late", type="float"),
)


@given(st.floats(-800, 800))
def test_a_sigmoid_and_its_mirror_add_up_to_one_and_nothing_overflows(margin):
    both = sigmoid(np.array([margin, -margin]))
    assert abs(both.sum() - 1) < 1e-12
    assert ((both >= 0) & (both <= 1)).all()


def test_a_null_counts_as_its_fill():
    linear = Linear(inputs=("a", "b"), weights=(2.0, -1.0), fills=(3.0, None), intercept=0.5)
    answers = RunnableLinear(linear, PAIR).predict({"a": np.array([3.0, np.nan]), "b": np.array([1.0, 1.0])})
    assert answers[0] == answers[1]
    assert answers[0] == pytest.approx(1 / (1 + np.exp(-5.5)))


def test_it_survives_its_document():
    linear = Linear(inputs=("a", "b"), weights=(0.1, 1e-300), fills=(None, -0.0), intercept=1 / 3)
    inputs = {"a": np.array([1.5]), "b": np.array([-2.0])}
    again = load_linear({"linear.json": linear.document()}, PAIR)
    assert again.predict(inputs).tolist() == RunnableLinear(linear, PAIR).predict(inputs).tolist()


def test_weights_that_are_not_finite_are_refused():
    with pytest.raises(InvalidInput, match="infinite"):
        Linear(inputs=("a",), weights=(float("inf"),), fills=(None,), intercept=0.0).document()


def test_another_order_of_inputs_is_refused():
    with pytest.raises(SignatureMismatch):
        RunnableLinear(Linear(inputs=("b", "a"), weights=(1.0, 1.0), fills=(None, None), intercept=0.0), PAIR)


def test_a_package_without_the_file_is_refused():
    with pytest.raises(InvalidInput, match=r"linear\.json"):
        load_linear({}, PAIR)
