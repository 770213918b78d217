"""Small frozen things that every room speaks: names, instants, digests, versions, schemas, errors.

Nothing here asks the outside for anything, and nothing here knows what a feature or a model is.
"""

from pressroom.values.buckets import BUCKETS, bucket_of, buckets_of
from pressroom.values.columns import Columns
from pressroom.values.composite import compose_key, compose_names, parts_of, readable_key, values_in
from pressroom.values.digests import Digest, digest_bytes, digest_document, digest_parts, hash_text
from pressroom.values.documents import Document, from_document, to_document
from pressroom.values.errors import Conflict, InvalidInput, NotFound, PressroomError, Refused
from pressroom.values.names import check_name, snake_case
from pressroom.values.periods import (
    DAY_US,
    Period,
    check_zone,
    floor_edge,
    local_instant,
    next_edge,
    parse_period,
    parse_stride,
    periods_between,
)
from pressroom.values.schemas import FactChecks, FactSchema, FieldChecks, FieldSchema, FieldType
from pressroom.values.sizes import format_size, parse_size
from pressroom.values.times import (
    MICROSECONDS,
    Instant,
    format_duration,
    format_instant,
    local_to_utc,
    parse_duration,
    parse_instant,
)
from pressroom.values.version_ranges import VersionRange
from pressroom.values.versions import FIRST, Change, Version

__all__ = [
    "BUCKETS",
    "DAY_US",
    "FIRST",
    "MICROSECONDS",
    "Change",
    "Columns",
    "Conflict",
    "Digest",
    "Document",
    "FactChecks",
    "FactSchema",
    "FieldChecks",
    "FieldSchema",
    "FieldType",
    "Instant",
    "InvalidInput",
    "NotFound",
    "Period",
    "PressroomError",
    "Refused",
    "Version",
    "VersionRange",
    "bucket_of",
    "buckets_of",
    "check_name",
    "check_zone",
    "compose_key",
    "compose_names",
    "digest_bytes",
    "digest_document",
    "digest_parts",
    "floor_edge",
    "format_duration",
    "format_instant",
    "format_size",
    "from_document",
    "hash_text",
    "local_instant",
    "local_to_utc",
    "next_edge",
    "parse_duration",
    "parse_instant",
    "parse_period",
    "parse_size",
    "parse_stride",
    "parts_of",
    "periods_between",
    "readable_key",
    "snake_case",
    "to_document",
    "values_in",
]
