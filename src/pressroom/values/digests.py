"""Every identity formula of the product: two things are the same if and only if their digests are.

A digest is `sha256` in lower-case hexadecimal. Parts are joined with their lengths in front, so that ("ab", "c") and
("a", "bc") never collide; documents are hashed in their canonical form (`documents.py`).
"""

import hashlib
from collections.abc import Iterable
from typing import Any

import xxhash

from pressroom.values.documents import to_document

Digest = str


def digest_bytes(data: bytes | memoryview) -> Digest:
    """The identity of stored bytes."""
    return hashlib.sha256(data).hexdigest()


def digest_document(value: Any) -> Digest:
    """The identity of a frozen value: the digest of its canonical document."""
    return digest_bytes(to_document(value))


def digest_parts(parts: Iterable[bytes | memoryview | str]) -> Digest:
    """The identity of a sequence of parts, each with its length in front."""
    digest = hashlib.sha256()
    for part in parts:
        raw = part.encode() if isinstance(part, str) else part
        size = raw.nbytes if isinstance(raw, memoryview) else len(raw)
        digest.update(size.to_bytes(8, "little"))
        digest.update(raw)
    return digest.hexdigest()


def hash_text(text: str) -> int:
    """64 bits, as a signed whole number, that stand for a text where only sameness matters and room is short."""
    return int.from_bytes(xxhash.xxh3_64_digest(text.encode()), "little", signed=True)
