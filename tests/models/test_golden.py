import numpy as np
import pytest

from pressroom.models import Signature
from pressroom.models.golden import LIMIT, choose_golden, read_golden, write_golden
from pressroom.values import FieldSchema, InvalidInput

SIGNATURE = Signature(
    inputs=(
        FieldSchema(name="plane.delay", type="float", optional=True),
        FieldSchema(name="carrier", type="string", optional=True),
        FieldSchema(name="at", type="timestamp"),
        FieldSchema(name="night", type="bool"),
    ),
    output=FieldSchema(name="late", type="float"),
)


def rows(null=np.nan):
    carriers = np.empty(3, dtype=object)
    carriers[:] = ["AA", None, "ü"]
    at = np.array([1.4e15, 0.0, 1.4e15 + 1])
    return {"plane.delay": np.array([1.5, null, -0.0]), "carrier": carriers, "at": at, "night": np.array([0.0, 1.0, 1])}


def test_rows_and_answers_come_back():
    expected = np.array([0.1, 0.2, 0.3])
    inputs, answers = read_golden(SIGNATURE, write_golden(SIGNATURE, rows(), expected))
    for name, column in rows().items():
        np.testing.assert_array_equal(inputs[name], column)
    assert answers.tolist() == expected.tolist()


def test_equal_rows_give_equal_bytes_also_when_their_nan_differ_in_their_bits():
    other = -np.float64("nan")
    assert write_golden(SIGNATURE, rows(), np.zeros(3)) == write_golden(SIGNATURE, rows(other), np.zeros(3))


def test_at_most_the_limit_is_kept_from_first_to_last():
    chosen = choose_golden({"x": np.arange(10_000.0)})["x"]
    assert len(chosen) == LIMIT
    assert (chosen[0], chosen[-1]) == (0.0, 9_999.0)
    assert choose_golden({"x": np.arange(3.0)})["x"].tolist() == [0.0, 1.0, 2.0]


def test_no_rows_are_refused():
    with pytest.raises(InvalidInput, match="golden"):
        choose_golden({"x": np.zeros(0)})


@pytest.mark.parametrize("content", [b"", b"not arrow"])
def test_other_bytes_are_refused(content):
    with pytest.raises(InvalidInput, match="golden"):
        read_golden(SIGNATURE, content)
