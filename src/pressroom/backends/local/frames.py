"""How entries lie in a file: records, grouped into frames that are there as a whole or not at all.

A frame is what one write puts down. Its records follow one another without gaps; each says where its frame starts and
how many bytes of the frame are still to come, so that the last one (none to come) closes the frame:

    magic 4 | crc32 4 | frame 8 | left 8 | first_seq 8 | payload length 8 | rows 8 | topic length 2 | token length 4 |
    topic | token | payload                                                                  (little endian)

The checksum covers everything after itself and starts from the position, so that a record counts only where it was
written. Positions count the bytes of all records since the log began.
"""

import struct
import zlib
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from pressroom.backends.local.window import Window
from pressroom.ports import Entry, Stored
from pressroom.values import InvalidInput

_MAGIC = b"pRf\x01"
_LEAD = struct.Struct("<4sI")
_REST = struct.Struct("<QQQQQHI")
_HEAD = _LEAD.size + _REST.size
_LONGEST_TOPIC = 65_535


@dataclass(frozen=True, slots=True)
class Piece:
    """A record as found: where its frame starts, the bytes of the frame after it, and its entry."""

    frame: int
    left: int
    stored: Stored


@dataclass(frozen=True, slots=True, kw_only=True)
class Frame:
    """A whole frame: where its last record starts and ends, the sequence after it, and the tokens in it."""

    last: int
    end: int
    next_seq: int
    tokens: list[str]


def pack(entries: Sequence[Entry], *, position: int, first_seq: int) -> tuple[bytes, list[Stored]]:
    """One frame of `entries` that starts at `position`, and where each of them is in it."""
    bodies = [(entry, entry.topic.encode(), entry.token.encode()) for entry in entries]
    sizes = [_HEAD + len(topic) + len(token) + len(entry.payload) for entry, topic, token in bodies]
    frame, left, seq = position, sum(sizes), first_seq
    parts: list[bytes] = []
    stored: list[Stored] = []
    for (entry, topic, token), size in zip(bodies, sizes, strict=True):
        if entry.rows < 0 or len(topic) > _LONGEST_TOPIC:
            raise InvalidInput(
                f"An entry of {entry.rows} rows of {entry.topic[:40]!r} can't be kept.",
                next_step="Give 0 or more rows and a topic of at most 65,535 bytes.",
            )
        left -= size
        rest = _REST.pack(frame, left, seq, len(entry.payload), entry.rows, len(topic), len(token))
        parts += (
            _LEAD.pack(_MAGIC, _sum(position, rest, topic, token, entry.payload)),
            rest,
            topic,
            token,
            entry.payload,
        )
        stored.append(Stored(position=position, next_position=position + size, first_seq=seq, entry=entry))
        position += size
        seq += entry.rows
    return b"".join(parts), stored


def piece_at(window: Window, position: int) -> Piece | None:
    """The record that starts at `position`; None when there is none, or not a whole and unbroken one."""
    head = window.take(position, _HEAD)
    if len(head) < _HEAD or not head.startswith(_MAGIC):
        return None
    crc = _LEAD.unpack_from(head)[1]
    rest = head[_LEAD.size :]
    frame, left, seq, payload_size, rows, topic_size, token_size = _REST.unpack(rest)
    size = topic_size + token_size + payload_size
    if position + _HEAD + size > window.end:
        return None
    body = window.take(position + _HEAD, size)
    if _sum(position, rest, body) != crc:
        return None
    token_at, payload_at = topic_size, topic_size + token_size
    entry = Entry(
        topic=body[:token_at].decode(), rows=rows, payload=body[payload_at:], token=body[token_at:payload_at].decode()
    )
    end = position + _HEAD + size
    return Piece(frame, left, Stored(position=position, next_position=end, first_seq=seq, entry=entry))


def frame_at(window: Window, position: int, first_seq: int) -> Frame | None:
    """The frame that starts at `position` with `first_seq`; None unless all of it is there and unbroken."""
    tokens: list[str] = []
    last, end, seq, left = position, position, first_seq, None
    while left != 0:
        piece = piece_at(window, end)
        if piece is None or piece.frame != position or piece.stored.first_seq != seq:
            return None
        last, end, seq, left = end, piece.stored.next_position, seq + piece.stored.entry.rows, piece.left
        if piece.stored.entry.token:
            tokens.append(piece.stored.entry.token)
    return Frame(last=last, end=end, next_seq=seq, tokens=tokens)


def record_bytes(window: Window, position: int) -> int:
    """How long the record at `position` says that it is, unchecked; 0 when none starts there, or it is cut off."""
    head = window.take(position, _HEAD, ahead=False)
    if len(head) < _HEAD or not head.startswith(_MAGIC):
        return 0
    _, _, _, payload_size, _, topic_size, token_size = _REST.unpack_from(head, _LEAD.size)
    size = _HEAD + topic_size + token_size + payload_size
    return size if position + size <= window.end else 0


def frame_after(window: Window, position: int) -> bool:
    """Whether a frame starts, unbroken, somewhere after `position`: then what is broken there is no torn tail."""
    return any(_starts_frame(window, place) for place in _magics(window, position + 1))


def _starts_frame(window: Window, position: int) -> bool:
    piece = piece_at(window, position)
    return piece is not None and piece.frame == position


def _magics(window: Window, position: int) -> Iterator[int]:
    rest = window.take(position, max(window.end - position, 0))
    found = rest.find(_MAGIC)
    while found >= 0:
        yield position + found
        found = rest.find(_MAGIC, found + 1)


def _sum(position: int, *parts: bytes) -> int:
    crc = position & 0xFFFF_FFFF
    for part in parts:
        crc = zlib.crc32(part, crc)
    return crc
