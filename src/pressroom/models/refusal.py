"""Refusals of inputs: the same sentences for tables and for rows."""

import pyarrow as pa

from pressroom.models.errors import SignatureMismatch
from pressroom.values import FieldSchema, FieldType

_EXPECTED: dict[FieldType, str] = {
    "float": "a number",
    "int": "a whole number",
    "bool": "true or false",
    "timestamp": "whole microseconds since 1970 UTC",
    "string": "a string",
    "vector": "a list of finite numbers",
}
_OF_ANY_LENGTH = "its values are as many as they are, and a model's inputs are as many in every row"
_WHY_NOT: dict[FieldType, str] = {
    "bytes": "no framework says which numbers they stand for",
    **dict.fromkeys(("ints", "floats", "strings"), _OF_ANY_LENGTH),
}


def wrong_type(field: FieldSchema, kind: pa.DataType) -> SignatureMismatch:
    """A table's column of a type that the input can't be read from."""
    return SignatureMismatch(
        f"The input {field.name!r} is {field.type}, and the table's column is {kind}.",
        next_step=f"Give {_EXPECTED[field.type]} in each row.",
    )


def wrong_vector(field: FieldSchema, found: str, place: int) -> SignatureMismatch:
    """A row's vector of another length, or one that holds what is no number."""
    return SignatureMismatch(
        f"Row {place}: the input {field.name!r} {found}, expected a list of {field.length} finite numbers.",
        next_step="Give the vector as the encoder of the model's version makes it.",
    )


def wrong_value(field: FieldSchema, value: object, place: int) -> SignatureMismatch:
    """A row's value of another type."""
    return SignatureMismatch(
        f"Row {place}: the input {field.name!r} is {value!r}, expected {_EXPECTED[field.type]}.",
        next_step="Correct the value, or leave it out if the input is optional.",
    )


def not_taken(field: FieldSchema) -> SignatureMismatch:
    """An input of a type that no model takes."""
    kinds = {"bytes": "bytes", "ints": "a list", "floats": "a list", "strings": "a list"}
    what, why = kinds.get(field.type, field.type), _WHY_NOT[field.type]
    return SignatureMismatch(
        f"The input {field.name!r} is {what}, which models don't take: {why}.",
        next_step="Leave it out of the model's signature, or turn it into numbers in the feature.",
    )


def unwanted_null(field: FieldSchema, place: int) -> SignatureMismatch:
    """Null where the signature allows none."""
    return SignatureMismatch(
        f"Row {place}: the input {field.name!r} is null, and it is not optional.",
        next_step="Give a value, or declare the input optional and train again.",
    )
