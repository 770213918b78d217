"""What a fact looks like: typed fields with units, meaning and labels, as data."""

from dataclasses import dataclass
from typing import Literal

FieldType = Literal["int", "float", "bool", "string", "timestamp"]
"""int: 64 bits, signed; float: 64 bits; string: UTF-8; timestamp: UTC, microseconds."""


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

    def field(self, name: str) -> FieldSchema | None:
        """The field called `name`, if there is one."""
        return next((field for field in self.fields if field.name == name), None)

    def key_fields(self) -> tuple[FieldSchema, ...]:
        """The fields that say whom the fact is about."""
        return tuple(field for field in self.fields if field.entity is not None)
