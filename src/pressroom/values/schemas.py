"""What a fact looks like: typed fields with units, meaning and labels, as data."""

from dataclasses import dataclass, replace
from typing import Literal

from msgspec import UNSET, UnsetType

FieldType = Literal["int", "float", "bool", "string", "timestamp", "bytes", "vector", "ints", "floats", "strings"]
"""int: 64 bits, signed; float: 64 bits; string: UTF-8; timestamp: UTC, microseconds; vector: as many 32-bit floats as
the field's `length`. Only answers, never facts, are ints, floats or strings: lists of at most `length` values.
"""


@dataclass(frozen=True, slots=True, kw_only=True)
class FieldChecks:
    """What is expected of a field's values: `low` and `high` are bounds that may be reached, `most_nulls` is a share of
    the rows, 0 to 1. None is no expectation. Nothing is refused for missing them: they are measured.
    """

    low: float | None = None
    high: float | None = None
    most_nulls: float | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class FactChecks:
    """What is expected of a fact's rows: no two of a batch agree in all fields of `unique` (empty: not expected), and
    the newest happened no longer than `fresh_us` ago (None: not expected).
    """

    unique: tuple[str, ...] = ()
    fresh_us: int | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class FieldSchema:
    """One field of a fact, of a request or of a model's input.

    `entity` names the kind of thing the field identifies (a key), or None. `optional` fields may be null.
    `labels` are what policy speaks of ("pii"); they travel into everything made from the field.
    """

    name: str
    type: FieldType
    doc: str = ""
    unit: str = ""
    optional: bool = False
    entity: str | None = None
    labels: tuple[str, ...] = ()
    checks: FieldChecks | UnsetType = UNSET
    """Unset, it is no part of the document, so that schemas without checks have the digests that they always had."""
    values: tuple[str, ...] | UnsetType = UNSET
    """The only strings that are allowed, if not all are."""
    length: int | UnsetType = UNSET
    """Of a vector: how many numbers it has. Of a list: how many values it has at most."""


@dataclass(frozen=True, slots=True, kw_only=True)
class FactSchema:
    """A fact type: its name, what it means, its fields in order, and the purposes its rows may be used for.

    Two columns are in every fact and are not listed: `event` (when it happened) and `known` (when the platform could
    have known). An empty `purposes` means: any.
    """

    name: str
    doc: str
    fields: tuple[FieldSchema, ...]
    purposes: tuple[str, ...] = ()
    checks: FactChecks | UnsetType = UNSET

    def field(self, name: str) -> FieldSchema | None:
        """The field called `name`, if there is one."""
        return next((field for field in self.fields if field.name == name), None)

    def key_fields(self) -> tuple[FieldSchema, ...]:
        """The fields that say whom the fact is about."""
        return tuple(field for field in self.fields if field.entity is not None)

    def unchecked(self) -> "FactSchema":
        """The same without expectations, which have no part in what is made from the fact."""
        if self.checks is UNSET and all(field.checks is UNSET for field in self.fields):
            return self
        fields = tuple(replace(field, checks=UNSET) for field in self.fields)
        return replace(self, checks=UNSET, fields=fields)
