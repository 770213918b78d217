"""A signature from a sample of rows: names and types from its columns, units and words from whoever knows them."""

from collections.abc import Mapping, Sequence
from dataclasses import replace

import pyarrow as pa
from msgspec import UNSET, UnsetType

from pressroom.models.signature import Signature
from pressroom.models.vector_column import is_list
from pressroom.values import FieldSchema, FieldType, InvalidInput


def signature_of_sample(sample: pa.Table, output: FieldSchema, known: Sequence[FieldSchema] = ()) -> Signature:
    """The columns in their order. `known` fields, such as a training set's inputs, give unit, words, labels and whether
    null is allowed; else these come from a column's Arrow metadata (`unit`, `doc`) and its nulls. Refuses columns that
    no model takes, and types that differ from what is known.
    """
    told = {field.name: field for field in known}
    if not sample.num_columns or not sample.num_rows:
        raise InvalidInput("The sample has no rows or no columns.", next_step="Give rows as the model is asked them.")
    fields = tuple(_field(sample, place, told) for place in range(sample.num_columns))
    return Signature(inputs=fields, output=output)


def _field(sample: pa.Table, place: int, told: Mapping[str, FieldSchema]) -> FieldSchema:
    column = sample.schema.field(place)
    kind, length = _type(column), _length(sample.column(place))
    nulls = _nulls(sample.column(place))
    known = told.get(column.name)
    if known is None:
        said = {key.decode(): value.decode() for key, value in (column.metadata or {}).items()}
        return FieldSchema(
            name=column.name,
            type=kind,
            doc=said.get("doc", ""),
            unit=said.get("unit", ""),
            optional=nulls,
            length=length,
        )
    numbers = ("int", "float", "bool", "timestamp")
    if known.type != kind and not (known.type in numbers and kind in numbers):
        raise InvalidInput(
            f"The sample's {column.name} is {kind}, and the training set's is {known.type}.",
            next_step="Give a sample of the training set's own rows.",
        )
    if length is not UNSET and length != known.length:
        raise InvalidInput(
            f"The sample's {column.name} has {length} numbers, and the training set's has {known.length}.",
            next_step="Give a sample of the training set's own rows.",
        )
    return replace(known, optional=known.optional or nulls)


def _nulls(column: "pa.ChunkedArray[pa.Scalar]") -> bool:
    if column.null_count:
        return True
    if not pa.types.is_floating(column.type):
        return False
    values = column.to_numpy()
    return bool((values != values).any())


def _type(column: pa.Field) -> FieldType:
    kind = column.type.value_type if pa.types.is_dictionary(column.type) else column.type
    if pa.types.is_boolean(kind):
        return "bool"
    if pa.types.is_integer(kind):
        return "int"
    if pa.types.is_floating(kind) or pa.types.is_decimal(kind):
        return "float"
    if pa.types.is_timestamp(kind):
        return "timestamp"
    if pa.types.is_string(kind) or pa.types.is_large_string(kind) or pa.types.is_string_view(kind):
        return "string"
    if is_list(kind) and (pa.types.is_floating(kind.value_type) or pa.types.is_integer(kind.value_type)):
        return "vector"
    raise InvalidInput(
        f"The sample's column {column.name} is {kind}, which no model takes.",
        next_step="Leave it out, or turn it into numbers, text, or vectors of one length.",
    )


def _length(column: "pa.ChunkedArray[pa.Scalar]") -> int | UnsetType:
    """Of a column of lists: how many numbers each has; lists of several lengths are no vectors, and refused later."""
    if not is_list(column.type):
        return UNSET
    return next((len(value) for value in column.to_pylist() if value is not None), 0)
