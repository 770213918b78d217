"""What can be asked of a field: a question that could mean nothing is refused where it is written, with a sentence."""

from collections.abc import Sequence

from msgspec import UnsetType

from pressroom.facts.condition import Constant
from pressroom.facts.errors import BadDefinition, did_you_mean
from pressroom.values import FactSchema, FieldSchema

OF_NUMBERS = frozenset({"sum", "mean", "std", "min", "max", "quantile", "decayed_mean", "next"})
"""What only numbers have."""

_OF_VALUES = frozenset({"last", "first", "distinct"})
_OPAQUE = frozenset({"bytes", "vector"})
_WORDS = {"bytes": "bytes", "vector": "a vector", "bool": "true or false", "timestamp": "an instant"}


def refuse_kind(fact: FactSchema, field: FieldSchema, kind: str) -> None:
    """Raise BadDefinition for an aggregate that a field of this type can't have."""
    numbers_only = kind in OF_NUMBERS and field.type not in ("int", "float")
    if not numbers_only and not (kind == "distinct" and field.type in _OPAQUE):
        return
    there = sorted(_OF_VALUES - {"distinct"} if field.type in _OPAQUE else _OF_VALUES)
    raise BadDefinition(
        f"{fact.name}.{field.name} is {_what(field)}, which has no {kind}.",
        next_step=f"Ask for {', '.join(there)}; or for the count or the age of the facts.",
    )


def refuse_comparison(fact: FactSchema, field: FieldSchema) -> None:
    """Raise BadDefinition where a field is not compared with constants."""
    if field.type in _OPAQUE:
        raise BadDefinition(
            f"{fact.name}.{field.name} is {_what(field)}, which is not compared.",
            next_step="Put conditions on another field, or ask whether it is_null().",
        )


def refuse_unlisted(fact: FactSchema, field: FieldSchema, constants: Sequence[Constant]) -> None:
    """Raise BadDefinition for a constant that the field can never equal."""
    values = field.values
    if isinstance(values, UnsetType):
        return
    for constant in constants:
        if constant not in values:
            raise BadDefinition(
                f"{fact.name}.{field.name} is never {constant!r}.", next_step=did_you_mean(str(constant), values)
            )


def refuse_null_test(fact: FactSchema, field: FieldSchema) -> None:
    """Raise BadDefinition where a field is never null."""
    if not field.optional:
        raise BadDefinition(
            f"{fact.name}.{field.name} is never null.", next_step="Declare it field(optional=True), or drop the test."
        )


def _what(field: FieldSchema) -> str:
    if not isinstance(field.values, UnsetType):
        return f"one of {', '.join(field.values)}"
    return "a key" if field.entity else _WORDS.get(field.type, "text")
