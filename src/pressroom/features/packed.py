"""Packed rows: what the online store holds for one entity of a stream, as bytes.

Sixteen bytes of head, then one record a fact in the order of arrival, so that a new fact is appended without reading
the others. The head says up to which `seq` facts are in (so that applying one twice changes nothing), and from which
instant on questions are answered exactly (older facts may have been dropped).
"""

import struct
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

from pressroom.features.stream import SLACK_US, Stream
from pressroom.values import Instant

Records = npt.NDArray[Any]
_HEAD = struct.Struct("<qq")
_ALWAYS = -(1 << 62)


@dataclass(frozen=True, slots=True, kw_only=True)
class Packed:
    """A packed row, opened: `exact_from` is the first instant that it answers exactly."""

    applied_seq: int
    exact_from: int
    records: Records


def unpack(data: bytes, record: np.dtype[np.void]) -> Packed:
    """Open a packed row; the records are a view on its bytes."""
    applied_seq, exact_from = _HEAD.unpack_from(data)
    return Packed(
        applied_seq=applied_seq, exact_from=exact_from, records=np.frombuffer(data, dtype=record, offset=_HEAD.size)
    )


def add(stream: Stream, old: bytes | None, new: Records, *, now: Instant) -> bytes:
    """A packed row with the facts `new` (in the order of `seq`) behind those it has, and old ones dropped when due.

    What is due goes by the newest fact, but never by one that is dated after `now`: it would shut out the present.
    """
    if old is None:
        applied_seq, exact_from, body = -1, _ALWAYS, b""
    else:
        applied_seq, exact_from = _HEAD.unpack_from(old)
        body = old[_HEAD.size :]
    if len(new) and int(new["seq"][0]) <= applied_seq:
        new = new[new["seq"] > applied_seq]
    if not len(new):
        return old if old is not None else _HEAD.pack(applied_seq, exact_from)
    body += new.tobytes()
    oldest = int(np.frombuffer(body, dtype="<i8", count=1)[0])
    newest = min(int(np.maximum(new["event"], new["known"]).max()), now)
    if oldest < newest - SLACK_US - stream.horizon_us - stream.horizon_us // 4:
        exact_from = max(exact_from, newest - SLACK_US)
        body = _kept(stream, np.frombuffer(body, dtype=stream.record), newest - SLACK_US).tobytes()
    return _HEAD.pack(int(new["seq"][-1]), exact_from) + body


def seal(data: bytes | None, *, exact_from: Instant, applied_seq: int) -> bytes:
    """A packed row (None: an empty one) that answers from `exact_from` on, and takes no fact up to `applied_seq`."""
    applied, exact = (-1, _ALWAYS) if data is None else _HEAD.unpack_from(data)
    body = b"" if data is None else data[_HEAD.size :]
    return _HEAD.pack(max(applied, applied_seq), max(exact, exact_from)) + body


def _kept(stream: Stream, records: Records, exact_from: int) -> Records:
    """The records that a question at `exact_from` or later can still see matter."""
    due = (records["event"] < exact_from - stream.horizon_us) & (
        np.maximum(records["event"], records["known"]) <= exact_from
    )
    if stream.keeps_newest and due.any():
        places = np.flatnonzero(due)
        rows = records[places]
        due[places[np.lexsort((rows["seq"], rows["known"], rows["event"]))[-1]]] = False
    return records[~due]
