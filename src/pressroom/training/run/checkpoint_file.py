"""A checkpoint as a file: a head, the arrays as they lie in memory, and the digest of all of it at the end.

Nothing in it is code. It is written beside its place, made durable, and moved there: it is there whole or not at all.
"""

import hashlib
import os
import struct
from dataclasses import dataclass
from pathlib import Path

import msgspec
import numpy as np

from pressroom.training.run.kept_state import Kept, Node
from pressroom.values import InvalidInput

_MAGIC = b"PRESSROOM-CHECKPOINT-1\n"
_LENGTH = struct.Struct("<Q")
_DIGEST_BYTES = 32


class DamagedCheckpoint(InvalidInput):
    """A file that is cut off, or of which a bit has flipped."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Mark:
    """Where a run was: steps done, batches taken, seconds it had trained, its last loss and its best."""

    step: int = 0
    batches: int = 0
    trained_s: float = 0.0
    loss: float | None = None
    best: float | None = None


class _Head(msgspec.Struct, array_like=True):
    mark: Mark
    shape: Node
    arrays: list[tuple[str, tuple[int, ...]]]


def write_checkpoint(path: Path, mark: Mark, kept: Kept) -> int:
    """Write a checkpoint; how many bytes it took. Raises OSError, and then leaves nothing."""
    head = msgspec.msgpack.encode(
        _Head(mark=mark, shape=kept.shape, arrays=[(array.dtype.str, array.shape) for array in kept.arrays])
    )
    digest = hashlib.sha256()
    draft = path.with_name(f".{path.name}.{os.getpid()}.draft")
    try:
        with open(draft, "wb") as file:
            for part in (_MAGIC, _LENGTH.pack(len(head)), head, *map(_bytes_of, kept.arrays)):
                digest.update(part)
                file.write(part)
            file.write(digest.digest())
            file.flush()
            os.fsync(file.fileno())
            size = file.tell()
        draft.rename(path)
        _sync_folder(path.parent)
    finally:
        draft.unlink(missing_ok=True)
    return size


def read_checkpoint(path: Path) -> tuple[Mark, Kept]:
    """A checkpoint, every byte of it verified. Raises DamagedCheckpoint, OSError."""
    raw = memoryview(path.read_bytes())
    start = len(_MAGIC) + _LENGTH.size
    body = raw[:-_DIGEST_BYTES]
    if len(raw) < start + _DIGEST_BYTES or hashlib.sha256(body).digest() != bytes(raw[-_DIGEST_BYTES:]):
        raise DamagedCheckpoint(f"{path} is damaged.", next_step="The one before it is taken.")
    (length,) = _LENGTH.unpack(raw[len(_MAGIC) : start])
    head = msgspec.msgpack.decode(raw[start : start + length], type=_Head)
    arrays, place = [], start + length
    for kind, shape in head.arrays:
        dtype = np.dtype(kind)
        size = dtype.itemsize * int(np.prod(shape, dtype=np.int64))
        arrays.append(np.frombuffer(body[place : place + size], dtype=dtype).reshape(shape).copy())
        place += size
    return head.mark, Kept(shape=head.shape, arrays=tuple(arrays))


def _bytes_of(array: np.ndarray) -> memoryview:
    return np.ascontiguousarray(array).reshape(-1).view(np.uint8).data


def _sync_folder(folder: Path) -> None:
    handle = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)
