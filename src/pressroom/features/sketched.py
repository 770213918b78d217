"""Packed rows of sketches: records of the last hour, and tiles of everything before."""

import numpy as np

from pressroom.features.head import Head, Records, in_order
from pressroom.features.heap import split, with_tail
from pressroom.features.stream import SLACK_US, Stream
from pressroom.features.tile import Tiles
from pressroom.values import Instant


def add_sketched(stream: Stream, head: Head, behind: bytes, new: Records, *, now: Instant) -> bytes:
    """A packed row, of which `behind` stands behind the head, with the facts `new`.

    Facts that were visible an hour before the newest one are folded, at the latest a quarter of an hour after that; a
    late one is folded once it has been known so long. Questions before that instant are not answered any more.
    """
    body, tail = split(behind, 0)
    records = in_order(np.concatenate([np.frombuffer(body, dtype=stream.record), new]))
    latest = head.note(new, new.tobytes())
    cut = max(min(latest, now) - SLACK_US, head.exact_from)
    # What happened at an instant is not in the window that ends there.
    due = (records["event"] < cut) & (records["known"] <= cut)
    if not due.any() or not _long_due(records[due], cut):
        return head.before(with_tail(records.tobytes(), bytes(tail)))
    head.exact_from = cut
    tiles = Tiles.of(tail)
    oldest = (cut - stream.horizon_us) // stream.hop_us
    tiles.fold(stream, records[due])
    tiles.drop_before(oldest)
    return head.before(with_tail(records[~due].tobytes(), tiles.packed()))


def _long_due(due: Records, cut: Instant) -> bool:
    return int(np.maximum(due["event"], due["known"]).min()) < cut - SLACK_US // 4
