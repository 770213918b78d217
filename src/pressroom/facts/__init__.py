"""What happened, to whom, when, and when we knew: one append-only log of typed facts.

Here live the fact classes, the checks at the door, the language in which facts are asked (aggregates and labels), and
the verbs append, read and settle. How those questions are answered is the business of `features`.
"""

from pressroom.facts.aggregate import Aggregate, AggregateKind, Label
from pressroom.facts.append import Batch, Receipt
from pressroom.facts.arrow import ARROW, INSTANT, aligned, arrow_schema, from_payload, rows_as_facts
from pressroom.facts.batch_of import batch_of
from pressroom.facts.cast_field import cast_to_field, expected_of
from pressroom.facts.cast_value import EXPECTED, Cast, cast_value
from pressroom.facts.compact import KEEP_US, MANY_PARTS, SMALL_ROWS
from pressroom.facts.condition import Condition, satisfying
from pressroom.facts.entity import Entity, entity_name, entity_names
from pressroom.facts.erase import Erased, rows_about
from pressroom.facts.errors import BadBatch, BadDefinition, BadRows, UnknownBatch, UnknownFact, did_you_mean
from pressroom.facts.fact import Fact
from pressroom.facts.fields import (
    Bool,
    By,
    Bytes,
    Enum,
    FieldReference,
    Float,
    Int,
    Key,
    Next,
    String,
    Timestamp,
    Vector,
    field,
    key_name,
)
from pressroom.facts.key_column import key_column, with_key
from pressroom.facts.known import KnownRule
from pressroom.facts.mend import Mending
from pressroom.facts.quality import QUALITY, Measure
from pressroom.facts.read import FactVersion
from pressroom.facts.read_file import FORMATS, RawBatch, read_file, table_of_rows
from pressroom.facts.retraction import RETRACTS, UNTIL, believed_at
from pressroom.facts.service import Facts
from pressroom.facts.set_aside import Mend, SetAside, SetAsideBatch
from pressroom.facts.spine import Spine
from pressroom.facts.upkeep import Upkeep

__all__ = [
    "ARROW",
    "EXPECTED",
    "FORMATS",
    "INSTANT",
    "KEEP_US",
    "MANY_PARTS",
    "QUALITY",
    "RETRACTS",
    "SMALL_ROWS",
    "UNTIL",
    "Aggregate",
    "AggregateKind",
    "BadBatch",
    "BadDefinition",
    "BadRows",
    "Batch",
    "Bool",
    "By",
    "Bytes",
    "Cast",
    "Condition",
    "Entity",
    "Enum",
    "Erased",
    "Fact",
    "FactVersion",
    "Facts",
    "FieldReference",
    "Float",
    "Int",
    "Key",
    "KnownRule",
    "Label",
    "Measure",
    "Mend",
    "Mending",
    "Next",
    "RawBatch",
    "Receipt",
    "SetAside",
    "SetAsideBatch",
    "Spine",
    "String",
    "Timestamp",
    "UnknownBatch",
    "UnknownFact",
    "Upkeep",
    "Vector",
    "aligned",
    "arrow_schema",
    "batch_of",
    "believed_at",
    "cast_to_field",
    "cast_value",
    "did_you_mean",
    "entity_name",
    "entity_names",
    "expected_of",
    "field",
    "from_payload",
    "key_column",
    "key_name",
    "read_file",
    "rows_about",
    "rows_as_facts",
    "satisfying",
    "table_of_rows",
    "with_key",
]
