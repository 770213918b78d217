"""What can be asked of a field: a question that could mean nothing is refused where it is written, with a sentence."""

from collections.abc import Mapping, Sequence

from msgspec import UnsetType

from pressroom.facts.condition import Constant
from pressroom.facts.errors import BadDefinition, did_you_mean
from pressroom.values import FactSchema, FieldSchema, FieldType

OF_NUMBERS = frozenset({"sum", "mean", "std", "min", "max", "quantile", "approx_quantile", "decayed_mean", "next"})
"""What only numbers have."""

_OF_VALUES = frozenset({"last", "first"})
_OF_EQUALS = _OF_VALUES | {"distinct", "approx_distinct"}
_OF_TEXT = _OF_EQUALS | {"last_n", "top_k"}
_THERE: Mapping[FieldType, frozenset[str]] = {
    "int": _OF_TEXT | OF_NUMBERS,
    # Floats are seldom equal, so that none of them is frequent.
    "float": (_OF_TEXT | OF_NUMBERS) - {"top_k"},
    "string": _OF_TEXT,
    "bool": _OF_EQUALS,
    "timestamp": _OF_EQUALS,
    "bytes": _OF_VALUES,
    "vector": _OF_VALUES,
}
"""What can be asked of a field of each type."""
_OPAQUE = frozenset({"bytes", "vector"})
_WORDS = {
    "bytes": "bytes", "vector": "a vector", "bool": "true or false", "timestamp": "an instant",
    "int": "a whole number", "float": "a float",
}  # fmt: skip


def refuse_kind(fact: FactSchema, field: FieldSchema, kind: str) -> None:
    """Raise BadDefinition for an aggregate that a field of this type can't have."""
    there = _THERE.get(field.type, _OF_VALUES)
    if kind in there:
        return
    raise BadDefinition(
        f"{fact.name}.{field.name} is {_what(field)}, which has no {kind}.",
        next_step=f"Ask for {', '.join(sorted(there))}; or for the count or the age of the facts.",
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
