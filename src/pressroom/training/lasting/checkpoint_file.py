"""A checkpoint as one file: a mark, a head in JSON with the digest of every part, the digest of the head, the parts."""

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import BinaryIO

from pressroom.ports import Damaged
from pressroom.training.lasting.place import Place
from pressroom.training.lasting.retention import Note
from pressroom.values import Digest, InvalidInput, digest_bytes, from_document, to_document

_MARK = b"pressroom checkpoint 1\n"
_SIZE_BYTES, _DIGEST_BYTES = 8, 64
_MOST_HEAD_BYTES = 1 << 28


@dataclass(frozen=True, slots=True, kw_only=True)
class Head:
    """What a checkpoint says of itself: where the training was, under which settings, and its parts in order, each with
    size and digest.
    """

    note: Note
    place: Place
    settings: Mapping[str, str]
    rows: Mapping[str, str]
    skipped: tuple[Place, ...]
    starts: int
    files: tuple[tuple[str, int, Digest], ...]


def write_checkpoint(sink: BinaryIO, head: Head, files: Mapping[str, bytes]) -> None:
    """Write head and parts; `head.files` is `described(files)`."""
    document = to_document(head)
    sink.write(_MARK)
    sink.write(len(document).to_bytes(_SIZE_BYTES, "little"))
    sink.write(document)
    sink.write(digest_bytes(document).encode())
    for name, _, _ in head.files:
        sink.write(files[name])


def described(files: Mapping[str, bytes]) -> tuple[tuple[str, int, Digest], ...]:
    """Names, sizes and digests of parts."""
    return tuple((name, len(content), digest_bytes(content)) for name, content in files.items())


def completed(head: Head, files: tuple[tuple[str, int, Digest], ...]) -> Head:
    """The head, once its files are known."""
    return replace(head, files=files)


def read_head(source: BinaryIO) -> Head:
    """The head. Raises Damaged."""
    if source.read(len(_MARK)) != _MARK:
        raise _damaged("it does not start as a checkpoint does")
    size = int.from_bytes(source.read(_SIZE_BYTES), "little")
    if size > _MOST_HEAD_BYTES:
        raise _damaged("its head is of no possible size")
    document = source.read(size)
    if source.read(_DIGEST_BYTES) != hashlib.sha256(document).hexdigest().encode():
        raise _damaged("its head is not what was written")
    try:
        return from_document(document, Head)
    except InvalidInput as error:
        raise _damaged("its head is of another version") from error


def read_checkpoint(source: BinaryIO) -> tuple[Head, dict[str, bytes]]:
    """Head and parts, each checked against its digest. Raises Damaged."""
    head = read_head(source)
    files: dict[str, bytes] = {}
    for name, size, digest in head.files:
        content = source.read(size)
        if len(content) < size:
            raise _damaged(f"it is cut off in {name}")
        if digest_bytes(content) != digest:
            raise _damaged(f"{name} is not what was written")
        files[name] = content
    return head, files


def _damaged(why: str) -> Damaged:
    return Damaged(f"A checkpoint is damaged: {why}.", next_step="An older one is taken.")
