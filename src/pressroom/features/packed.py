"""Packed rows: what the online store holds for one entity of a stream, as bytes.

Thirty-two bytes of head, then one record a fact, ordered by (event, known, seq): the newest is the last, a window is a
piece, and a fact that comes in order is appended without reading the others. The head says up to which `seq` facts are
in (so that applying one twice changes nothing), from which instant on questions are answered exactly (older facts may
have been dropped), from which instant on all of its facts are visible, and which fields are null in any of them.
Streams with fields of no fixed size have a heap (`heap.py`) behind the records, streams of sketches tiles (`tile.py`).
"""

import numpy as np

from pressroom.features.head import HEAD, OVERFULL, RECORD, Head, Records, in_order
from pressroom.features.heap import MOST_BYTES, compacted, moved, split, with_tail
from pressroom.features.sketched import add_sketched
from pressroom.features.stream import SLACK_US, Stream
from pressroom.values import Instant


def add(stream: Stream, old: bytes | None, new: Records, *, now: Instant, heap: bytes = b"") -> bytes:
    """A packed row with the facts `new`, ordered by (event, known, seq), among those it has; old ones dropped when due.

    What is due goes by the newest fact, but never by one that is dated after `now`: it would shut out the present.
    `heap` is that of the new facts, in a stream that has one.
    """
    head, told = Head.of(old), len(new)
    if told and head.applied_seq >= 0:
        new = new if len(new) == 1 and new["seq"][0] > head.applied_seq else new[new["seq"] > head.applied_seq]
    body = b"" if old is None else old[HEAD.size :]
    if not len(new):
        return head.before(body)
    if stream.hop_us:
        return add_sketched(stream, head, body, new, now=now)
    if stream.heap:
        if len(new) != told:
            new, heap = compacted(stream, new, heap)
        return _add_with_heap(stream, head, body, new, now=now, heap=heap)
    return head.before(_with(stream, head, body, new, now=now))


def _add_with_heap(stream: Stream, head: Head, behind: bytes, new: Records, *, now: Instant, heap: bytes) -> bytes:
    """The same where values have no fixed size: what dropped facts leave in the heap goes with them."""
    if head.exact_from == OVERFULL:
        head.note(new, new.tobytes())
        return head.before(b"")
    body, mine = split(behind, 0)
    heap = bytes(mine) + heap
    before, there = head.exact_from, len(body) // stream.record.itemsize + len(new)
    records = _with(stream, head, bytes(body), moved(stream, new, len(mine)), now=now)
    if head.exact_from != before and len(records) != there * stream.record.itemsize:
        kept, heap = compacted(stream, np.frombuffer(records, dtype=stream.record), heap)
        records = kept.tobytes()
    if len(heap) > MOST_BYTES:
        head.exact_from = OVERFULL
        return head.before(b"")
    return head.before(with_tail(records, heap))


def _with(stream: Stream, head: Head, body: bytes, new: Records, *, now: Instant) -> bytes:
    """The records with new ones among them and old ones dropped, as the head then says."""
    added = new.tobytes()
    ordered = not body or _times(body, len(body) - stream.record.itemsize) < _times(added, 0)
    body += added
    if not ordered:
        body = in_order(np.frombuffer(body, dtype=stream.record)).tobytes()
    latest = head.note(new, added)
    newest = min(latest, now)
    if _times(body, 0)[0] < newest - SLACK_US - stream.horizon_us - stream.horizon_us // 4:
        head.exact_from = max(head.exact_from, newest - SLACK_US)
        body = _kept(stream, body, newest - SLACK_US)
    return body


def seal(data: bytes | None, *, exact_from: Instant, applied_seq: int) -> bytes:
    """A packed row (None: an empty one) that answers from `exact_from` on, and takes no fact up to `applied_seq`."""
    head = Head.of(data)
    head.applied_seq = max(head.applied_seq, applied_seq)
    head.exact_from = max(head.exact_from, exact_from)
    return head.before(b"" if data is None else data[HEAD.size :])


def visible(data: bytes | memoryview, record: np.dtype[np.void], as_of: Instant) -> bytes:
    """A packed row (without what stands behind its records) with those records alone that are visible at `as_of`."""
    records = np.frombuffer(data, dtype=record, offset=HEAD.size)
    return bytes(data[: HEAD.size]) + records[(records["known"] <= as_of) & (records["event"] <= as_of)].tobytes()


def _times(body: bytes, at: int) -> tuple[int, int, int]:
    event, known, seq, _ = RECORD.unpack_from(body, at)
    return event, known, seq


def _kept(stream: Stream, body: bytes, exact_from: int) -> bytes:
    """The records that a question at `exact_from` or later can still see matter."""
    records = np.frombuffer(body, dtype=stream.record)
    due = int(np.searchsorted(records["event"], exact_from - stream.horizon_us))
    late = records["known"][:due] > exact_from
    if not late.any():
        return body[(due - 1 if stream.keeps_newest and due else due) * stream.record.itemsize :]
    kept = np.ones(len(records), dtype=bool)
    kept[:due] = late
    if stream.keeps_newest and not late.all():
        kept[np.flatnonzero(~late)[-1]] = True
    return records[kept].tobytes()
