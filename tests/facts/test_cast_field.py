"""Values as a field wants them: bytes and their base64, and texts of which there are few."""

import base64
import enum

import pyarrow as pa
import pytest
from hypothesis import given
from hypothesis import strategies as st

from pressroom.facts.cast_field import cast_column_to_field, cast_to_field, expected_of
from pressroom.values import FieldSchema

PHOTO = FieldSchema(name="photo", type="bytes")
STATUS = FieldSchema(name="status", type="string", values=("paid", "refused"))


class Status(enum.Enum):
    PAID = "paid"


def cast(values, field, storage=None, **more):
    column, misfits = cast_column_to_field(pa.chunked_array([pa.array(values, storage)]), field, **more)
    return column.to_pylist(), [(one.row, one.value, one.expected) for one in misfits]


@given(st.lists(st.one_of(st.none(), st.binary(max_size=9)), max_size=5))
def test_bytes_come_back_from_bytes_and_from_their_base64(values):
    texts = [None if value is None else base64.b64encode(value).decode() for value in values]
    assert cast(values, PHOTO, pa.binary()) == (values, [])
    assert cast(values, PHOTO, pa.binary_view()) == (values, [])
    assert cast(texts, PHOTO, pa.string()) == (values, [])
    in_file = [None if text is None else text.encode() for text in texts]
    assert cast(in_file, PHOTO, pa.binary(), as_text=True) == (values, [])
    assert [None if text is None else cast_to_field(text, PHOTO) for text in texts] == values


def test_bytes_of_one_length_are_bytes():
    assert cast([b"abcd"], PHOTO, pa.binary(4)) == ([b"abcd"], [])


@pytest.mark.parametrize("text", ["a", "ab*=", "YWJ", "YWJj\n", "é"])
def test_text_that_is_no_base64_is_refused(text):
    why = "bytes, or their base64 text"
    assert cast([text, "YWJj"], PHOTO, pa.string()) == ([None, b"abc"], [(0, text, why)])
    assert cast([text.encode()], PHOTO, pa.binary(), as_text=True)[1] == [(0, text, why)]
    with pytest.raises(ValueError, match=why):
        cast_to_field(text, PHOTO)


def test_a_number_is_no_bytes():
    assert cast([7], PHOTO) == ([None], [(0, "7", "bytes, or their base64 text")])


@pytest.mark.parametrize(
    ("given_", "want", "why"),
    [
        ("paid", "paid", None),
        (b"refused", "refused", None),
        ("payed", None, "one of paid, refused; did you mean 'paid'?"),
        ("Paid", None, "one of paid, refused; did you mean 'paid'?"),
        ("xyz", None, "one of paid, refused"),
        (b"\xff", None, "one of paid, refused"),
    ],
)
def test_a_text_that_is_not_listed_is_refused_with_the_nearest(given_, want, why):
    values, misfits = cast([given_, None], STATUS)
    assert values == [want, None]
    assert [one[2] for one in misfits] == ([] if why is None else [why])
    if why is None:
        assert cast_to_field(given_, STATUS) == want
    else:
        with pytest.raises(ValueError, match="one of") as refused:
            cast_to_field(given_, STATUS)
        assert str(refused.value) == why


def test_a_member_of_an_enumeration_is_its_value():
    assert cast_to_field(Status.PAID, STATUS) == "paid"
    assert cast(["paid"], STATUS, pa.dictionary(pa.int8(), pa.string())) == (["paid"], [])


def test_of_many_values_a_sentence_names_ten():
    many = FieldSchema(name="x", type="string", values=tuple(f"v{n}" for n in range(12)))
    assert expected_of(many) == f"one of {', '.join(f'v{n}' for n in range(10))} and 2 more"
