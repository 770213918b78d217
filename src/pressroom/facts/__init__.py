"""What happened, to whom, when, and when we knew: one append-only log of typed facts.

Here live the fact classes, the checks at the door, the language in which facts are asked (aggregates and labels), and
the verbs append, read and settle. How those questions are answered is the business of `features`.
"""

from pressroom.facts.aggregate import Aggregate, AggregateKind, Label
from pressroom.facts.append import Batch, Receipt
from pressroom.facts.arrow import ARROW, INSTANT, aligned, arrow_schema, from_payload
from pressroom.facts.cast_value import EXPECTED, cast_value
from pressroom.facts.entity import Entity, entity_name
from pressroom.facts.errors import BadBatch, BadDefinition, BadRows, UnknownFact, did_you_mean
from pressroom.facts.fact import Fact
from pressroom.facts.fields import Bool, FieldReference, Float, Int, Key, Next, String, Timestamp, field, key_name
from pressroom.facts.known import KnownRule
from pressroom.facts.read import FactVersion
from pressroom.facts.read_file import FORMATS, RawBatch, read_file, table_of_rows
from pressroom.facts.service import Facts
from pressroom.facts.set_aside import SetAside, SetAsideBatch
from pressroom.facts.spine import Spine

__all__ = [
    "ARROW",
    "EXPECTED",
    "FORMATS",
    "INSTANT",
    "Aggregate",
    "AggregateKind",
    "BadBatch",
    "BadDefinition",
    "BadRows",
    "Batch",
    "Bool",
    "Entity",
    "Fact",
    "FactVersion",
    "Facts",
    "FieldReference",
    "Float",
    "Int",
    "Key",
    "KnownRule",
    "Label",
    "Next",
    "RawBatch",
    "Receipt",
    "SetAside",
    "SetAsideBatch",
    "Spine",
    "String",
    "Timestamp",
    "UnknownFact",
    "aligned",
    "arrow_schema",
    "cast_value",
    "did_you_mean",
    "entity_name",
    "field",
    "from_payload",
    "key_name",
    "read_file",
    "table_of_rows",
]
