"""Frozen values as documents: JSON in one canonical form, and back.

Canonical: keys sorted, no spaces, so equal values give equal bytes on every machine. This is how definitions, catalog
entries and packages are stored and hashed.
"""

from typing import Any, TypeVar

import msgspec

from pressroom.values.errors import InvalidInput

Document = bytes
T = TypeVar("T")


def to_document(value: Any) -> Document:
    """The canonical bytes of a value made of dataclasses, mappings, sequences, strings, numbers, booleans, None."""
    return msgspec.json.encode(value, order="sorted")


def from_document(document: Document, kind: type[T]) -> T:
    """The value of type `kind` that `document` holds; refuses a document of another shape, naming the place."""
    try:
        return msgspec.json.decode(document, type=kind)
    except (msgspec.DecodeError, UnicodeDecodeError) as error:
        raise InvalidInput(f"This document is no {kind.__name__}: {error}.") from error
