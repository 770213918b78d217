"""Annotations of a fact class: what `status: Enum["paid", "refused"]` says about the field."""

from dataclasses import dataclass
from enum import Enum as PythonEnum
from typing import Literal, get_args, get_origin

from msgspec import UNSET, UnsetType

from pressroom.facts.entity import entity_name
from pressroom.facts.errors import BadDefinition
from pressroom.facts.fields import Bool, Bytes, Enum, FieldReference, Float, Int, Key, String, Timestamp, Vector
from pressroom.values import FieldType

MOST_NUMBERS = 65_536
"""In a vector."""

_PLAIN: dict[type[FieldReference], FieldType] = {
    Float: "float", Int: "int", Bool: "bool", String: "string", Timestamp: "timestamp", Bytes: "bytes",
}  # fmt: skip


@dataclass(frozen=True, slots=True, kw_only=True)
class Kind:
    """What an annotation says: the class that refers to the field, its type, and what limits its values."""

    reference: type[FieldReference]
    type: FieldType
    entity: str | None = None
    values: tuple[str, ...] | UnsetType = UNSET
    length: int | UnsetType = UNSET


def kind_of(name: str, annotation: object) -> Kind:
    """Read the annotation of the field called `name` (with its class). Raises BadDefinition."""
    origin = get_origin(annotation) or annotation
    if origin is Key:
        whom = get_args(annotation)
        if not whom:
            raise BadDefinition(f"{name} names no entity.", next_step="Write Key[...] with an entity.")
        return Kind(reference=Key, type="string", entity=entity_name(whom[0]))
    if origin is Vector:
        return Kind(reference=Vector, type="vector", length=_length(name, get_args(annotation)))
    if origin is Enum:
        return Kind(reference=Enum, type="string", values=_values(name, get_args(annotation)))
    for reference, kind in _PLAIN.items():
        if origin is reference:
            return Kind(reference=reference, type=kind)
    raise BadDefinition(
        f"{name} is annotated with {annotation!r}.",
        next_step="A field is Key[...], Float, Int, Bool, String, Timestamp, Enum[...], Bytes or Vector[...]; "
        "field(optional=True) allows null.",
    )


def _length(name: str, said: tuple[object, ...]) -> int:
    numbers = _spelled_out(said)
    if len(numbers) != 1 or type(numbers[0]) is not int or not 1 <= numbers[0] <= MOST_NUMBERS:
        raise BadDefinition(
            f"{name} doesn't say how many numbers a vector has.",
            next_step=f"Write Vector[64], with 1 to {MOST_NUMBERS:,} numbers.",
        )
    return numbers[0]


def _values(name: str, said: tuple[object, ...]) -> tuple[str, ...]:
    values = [
        value
        for one in _spelled_out(said)
        for value in (
            [member.value for member in one] if isinstance(one, type) and issubclass(one, PythonEnum) else [one]
        )
    ]
    texts = tuple(value for value in values if isinstance(value, str) and value)
    if not texts or len(set(texts)) < len(values):
        raise BadDefinition(
            f"{name} doesn't say which values there are.",
            next_step='Write Enum["paid", "refused"]: texts, none of them empty.',
        )
    return texts


def _spelled_out(said: tuple[object, ...]) -> list[object]:
    """What stands in the brackets, without the Literal around it."""
    return [value for one in said for value in (get_args(one) if get_origin(one) is Literal else (one,))]
