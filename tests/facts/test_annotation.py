"""Annotations of bytes, vectors and enumerations: what they say, wherever they are evaluated."""

import enum
import inspect
import types
from typing import Literal, get_type_hints

import pytest

from pressroom.facts import BadDefinition, Bytes, Entity, Enum, Fact, Key, Vector, field
from pressroom.values import FieldSchema


class Order(Entity):
    """An order."""


class Status(enum.Enum):
    PAID = "paid"
    REFUSED = "refused"


class Scanned(Fact):
    """A receipt was scanned."""

    order: Key[Order]
    photo: Bytes = field(doc="JPEG")
    embedding: Vector[64] = field(optional=True)
    status: Enum["paid", "refused"]  # noqa: F821


def declared(annotation):
    return type("Odd", (Fact,), {"__annotations__": {"who": Key[Order], "odd": annotation}}).schema.fields[1]


def test_a_class_says_them_in_its_schema():
    assert Scanned.schema.fields[1:] == (
        FieldSchema(name="photo", type="bytes", doc="JPEG"),
        FieldSchema(name="embedding", type="vector", optional=True, length=64),
        FieldSchema(name="status", type="string", values=("paid", "refused")),
    )


@pytest.mark.parametrize(
    "annotation",
    [
        Enum["paid", "refused"],
        Enum[Literal["paid", "refused"]],
        Enum[Status],
        'Enum["paid", "refused"]',
        "Enum[Status]",
    ],
)
def test_values_are_said_in_any_spelling(annotation):
    assert declared(annotation).values == ("paid", "refused")


@pytest.mark.parametrize("annotation", [Vector[3], Vector[Literal[3]], "Vector[3]"])
def test_a_length_is_said_in_any_spelling(annotation):
    assert declared(annotation).length == 3


@pytest.mark.parametrize("evaluate", [get_type_hints, lambda kind: inspect.get_annotations(kind, eval_str=True)])
def test_tools_that_read_annotations_can_evaluate_them(evaluate):
    assert evaluate(Scanned)["status"] == Enum[Literal["paid", "refused"]]
    assert evaluate(Scanned)["embedding"] == Vector[Literal[64]]


@pytest.mark.parametrize("annotation", [Vector, Vector[0], Vector[65_537], Vector[1, 2], Vector[True], Vector["a"]])
def test_a_vector_without_a_length_is_refused(annotation):
    with pytest.raises(BadDefinition, match=r"Odd.odd doesn't say how many numbers a vector has. Write Vector\[64\]"):
        declared(annotation)


class Numbered(enum.Enum):
    ONE = 1


@pytest.mark.parametrize("annotation", [Enum, Enum[()], Enum["a", ""], Enum["a", 1], Enum[Numbered]])
def test_an_enumeration_without_values_is_refused(annotation):
    with pytest.raises(BadDefinition, match=r"Odd\.odd doesn't say which values there are"):
        declared(annotation)


def test_a_row_is_not_identified_by_a_vector():
    with pytest.raises(BadDefinition, match="is a vector, which is not compared"):
        types.new_class(
            "Odd",
            (Fact,),
            {"unique": "odd"},
            lambda body: body.update(__annotations__={"who": Key[Order], "odd": Vector[2]}),
        )
