import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from pressroom.models import Signature, SignatureMismatch
from pressroom.models.linear import RunnableLinear, load_linear, write_linear
from pressroom.models.structure import Levels, Linear, linked
from pressroom.values import FieldSchema, InvalidInput

PAIR = Signature(
    inputs=(FieldSchema(name="a", type="float", optional=True), FieldSchema(name="b", type="float")),
    output=FieldSchema(name="late", type="float"),
)


@given(st.floats(-800, 800))
def test_a_sigmoid_and_its_mirror_add_up_to_one_and_nothing_overflows(margin):
    both = linked(np.array([margin, -margin]), "sigmoid")
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
    again = load_linear({"linear.json": write_linear(linear)}, PAIR)
    assert again.predict(inputs).tolist() == RunnableLinear(linear, PAIR).predict(inputs).tolist()


def test_weights_that_are_not_finite_are_refused():
    with pytest.raises(InvalidInput, match="infinite"):
        write_linear(Linear(inputs=("a",), weights=(float("inf"),), fills=(None,), intercept=0.0))


def test_another_order_of_inputs_is_refused():
    with pytest.raises(SignatureMismatch):
        RunnableLinear(Linear(inputs=("b", "a"), weights=(1.0, 1.0), fills=(None, None), intercept=0.0), PAIR)


def test_a_package_without_the_file_is_refused():
    with pytest.raises(InvalidInput, match=r"linear\.json"):
        load_linear({}, PAIR)


def test_a_text_adds_its_level_and_strangers_and_nulls_have_their_own():
    named = Signature(
        inputs=(FieldSchema(name="carrier", type="string", optional=True), FieldSchema(name="b", type="float")),
        output=FieldSchema(name="delay", type="float"),
    )
    levels = Levels(input="carrier", values=("AA", "UA"), weights=(1.0, 2.0), null=4.0, other=8.0)
    linear = Linear(
        inputs=("carrier", "b"),
        weights=(0.0, 1.0),
        fills=(None, None),
        intercept=0.5,
        link="identity",
        levels=(levels,),
    )
    inputs = {"carrier": np.array(["AA", "UA", None, "ZZ"], dtype=object), "b": np.zeros(4)}
    again = load_linear({"linear.json": write_linear(linear)}, named)
    assert again.predict(inputs).tolist() == [1.5, 2.5, 4.5, 8.5]


def test_a_linear_file_of_the_first_release_is_still_read():
    old = b'{"fills":[3.0,null],"inputs":["a","b"],"intercept":0.5,"weights":[2.0,-1.0]}'
    assert load_linear({"linear.json": old}, PAIR).linear.link == "sigmoid"
