import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from pressroom.models import GroupMeans, MeanBy, SignatureMismatch
from pressroom.values import InvalidInput

ROWS = st.lists(
    st.tuples(
        st.sampled_from(["AA", "UA", "WN", None]),
        st.sampled_from([0.0, 1.0, 2.0, float("nan")]),
        st.sampled_from([0.0, 1.0]),
    ),
    min_size=1,
    max_size=40,
)


def inputs_of(rows):
    carriers = np.empty(len(rows), dtype=object)
    carriers[:] = [row[0] for row in rows]
    return {"carrier": carriers, "hour": np.array([row[1] for row in rows])}


def oracle(train, asked, weight):
    same = lambda a, b: a == b or (a != a and b != b)  # noqa: E731
    overall = sum(y for _, _, y in train) / len(train)
    answers = []
    for carrier, hour, _ in asked:
        group = [y for c, h, y in train if c == carrier and same(h, hour)]
        if not group:
            answers.append(overall)
        else:
            answers.append((sum(group) + weight * overall) / (len(group) + weight))
    return answers


@given(ROWS, ROWS, st.sampled_from([0.0, 1.0, 20.0]))
def test_means_equal_a_loop_over_all_rows(train, asked, weight):
    y = np.array([row[2] for row in train])
    model = MeanBy(keys=("carrier", "hour"), prior_weight=weight).fit(inputs_of(train), y)
    np.testing.assert_allclose(model.predict(inputs_of(asked)), oracle(train, asked, weight), atol=1e-12, rtol=0)


def test_without_keys_there_is_one_mean():
    model = MeanBy(keys=()).fit({"hour": np.zeros(4)}, np.array([1.0, 0.0, 0.0, 0.0]))
    assert model.predict({"hour": np.array([7.0, 8.0])}).tolist() == [0.25, 0.25]


def test_a_missing_key_is_named():
    with pytest.raises(SignatureMismatch, match="'hour'"):
        GroupMeans(keys=("hour",), overall=0.5, means={}).predict({"carrier": np.array(["AA"], dtype=object)})


@pytest.mark.parametrize("y", [[], [float("nan")]])
def test_labels_that_are_not_there_are_refused(y):
    with pytest.raises(InvalidInput, match="labels"):
        MeanBy(keys=()).fit({}, np.array(y))


def test_a_negative_prior_is_refused():
    with pytest.raises(InvalidInput, match="prior weight"):
        MeanBy(keys=(), prior_weight=-1.0).fit({}, np.ones(1))
