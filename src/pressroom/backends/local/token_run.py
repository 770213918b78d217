"""One file of the index of tokens: their digests in order, so that one of millions is found with a few small reads.

    magic 8 | start 8 | end 8 | next_seq 8 | last 8 | proof 8 | count 8 | crc32 4     then blocks (little endian)
    crc32 4 | up to 255 digests of 16 bytes, ascending                                each block but the last one full

Digests are evenly spread, so the block that may hold one is guessed from its first bytes. A block's checksum starts
from the head's, plus its number, and is compared whenever the block is read: what is damaged is noticed, not believed.
"""

import os
import struct
import weakref
import zlib
from collections.abc import Iterable
from contextlib import suppress
from dataclasses import astuple, dataclass
from hashlib import blake2b
from pathlib import Path

import numpy as np

from pressroom.backends.local.files import write_at

DIGEST_BYTES = 16
_MAGIC = b"PRESSTOK"
_HEAD = struct.Struct("<8sQQQQ8sQ")
_CRC = struct.Struct("<I")
_HEAD_BYTES = _HEAD.size + _CRC.size
_IN_BLOCK = 255
_BLOCK_BYTES = _CRC.size + _IN_BLOCK * DIGEST_BYTES


class Unsound(OSError):
    """A run does not hold what was written; it was removed, and its tokens are to be learnt from the log again."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Cover:
    """The part of the log whose tokens a run holds: from `start` to `end`, after which rows go on at `next_seq`.

    `last` is where the last record of it starts and `proof` that record's first bytes, by which a log that is not the
    one the run was made from is known; `last == end` when no record is left to compare.
    """

    start: int
    end: int
    next_seq: int
    last: int
    proof: bytes


def digest_of(token: str) -> bytes:
    """What stands for a token: 16 bytes, which no two tokens share (among 10^9 of them, with odds of 1 to 10^20)."""
    return blake2b(token.encode(), digest_size=DIGEST_BYTES).digest()


def in_order(digests: bytes | bytearray) -> bytes:
    """Digests, one after the other, sorted and each once. Other threads go on meanwhile."""
    # Numpy leaves out zeros at the end of such a text only when it makes a Python value of it, which is never done.
    texts = np.sort(np.frombuffer(digests, dtype=f"S{DIGEST_BYTES}"), kind="stable")
    first = np.ones(len(texts), dtype=bool)
    first[1:] = texts[1:] != texts[:-1]
    return texts[first].tobytes()


class Run:
    """A run that was opened. It goes on to answer when its file is removed; the file is closed with the last use."""

    def __init__(self, path: Path) -> None:
        """Read the head alone. Raises Unsound, or OSError when the file can't be read."""
        self.path = path
        self._file = os.open(path, os.O_RDONLY | os.O_CLOEXEC)
        weakref.finalize(self, os.close, self._file)
        raw = os.pread(self._file, _HEAD_BYTES, 0)
        if len(raw) != _HEAD_BYTES or _CRC.unpack_from(raw, _HEAD.size)[0] != zlib.crc32(raw[: _HEAD.size]):
            raise self._unsound()
        magic, start, end, next_seq, last, proof, self.count = _HEAD.unpack_from(raw)
        self._crc = int(_CRC.unpack_from(raw, _HEAD.size)[0])
        self._blocks = -(-self.count // _IN_BLOCK)
        self.cover = Cover(start=start, end=end, next_seq=next_seq, last=last, proof=proof)
        size = _HEAD_BYTES + self._blocks * _CRC.size + self.count * DIGEST_BYTES
        if magic != _MAGIC or os.fstat(self._file).st_size != size:
            raise self._unsound()

    def holds(self, digest: bytes) -> bool:
        """Whether the digest is among them. Raises Unsound."""
        number = int.from_bytes(digest[:8], "big") * self._blocks >> 64
        step = 0
        while 0 <= number < self._blocks:
            block = self._block(number)
            turn = -1 if digest < block[:DIGEST_BYTES] else 1 if digest > block[-DIGEST_BYTES:] else 0
            if turn == 0:
                return _has(block, digest)
            if turn == -step:
                return False
            step = turn
            number += step
        return False

    def digests(self) -> bytes:
        """All of them, in order. Raises Unsound."""
        return b"".join(self._block(number) for number in range(self._blocks))

    def _block(self, number: int) -> bytes:
        raw = os.pread(self._file, _BLOCK_BYTES, _HEAD_BYTES + number * _BLOCK_BYTES)
        held = min(_IN_BLOCK, self.count - number * _IN_BLOCK) * DIGEST_BYTES
        if len(raw) < _CRC.size + held or _CRC.unpack_from(raw)[0] != _block_crc(self._crc, number, raw[_CRC.size :]):
            raise self._unsound()
        return raw[_CRC.size :]

    def _unsound(self) -> Unsound:
        self.path.unlink(missing_ok=True)
        return Unsound(f"{self.path} is broken; it is made again from the log.")


def write_run(path: Path, cover: Cover, digests: bytes) -> Run:
    """Put a run of digests, in order, under its name: whole or not at all, though a power cut may still lose it.

    It is derived, so it is not waited for: what a power cut leaves of it is noticed by its checksums.
    """
    head = _HEAD.pack(_MAGIC, *astuple(cover), len(digests) // DIGEST_BYTES)
    crc = zlib.crc32(head)
    draft = path.with_name(f"{path.name}.draft")
    try:
        file = os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_TRUNC | os.O_CLOEXEC, 0o666)
        try:
            write_at(file, b"".join([head, _CRC.pack(crc), *_blocks(crc, memoryview(digests))]), 0)
        finally:
            os.close(file)
        draft.rename(path)
    except BaseException:
        with suppress(OSError):
            draft.unlink(missing_ok=True)
        raise
    return Run(path)


def _blocks(crc: int, digests: memoryview) -> Iterable[bytes | memoryview]:
    size = _IN_BLOCK * DIGEST_BYTES
    for number, at in enumerate(range(0, len(digests), size)):
        block = digests[at : at + size]
        yield _CRC.pack(_block_crc(crc, number, block))
        yield block


def _block_crc(crc: int, number: int, block: bytes | memoryview) -> int:
    return zlib.crc32(block, (crc + number) & 0xFFFF_FFFF)


def _has(block: bytes, digest: bytes) -> bool:
    at = block.find(digest)
    while at >= 0 and at % DIGEST_BYTES:
        at = block.find(digest, at + 1)
    return at >= 0
