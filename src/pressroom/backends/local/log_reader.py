"""Reading a log without its lock: everything before the mark is whole and stays as it is until it is trimmed."""

from bisect import bisect_right
from collections.abc import Iterator

from pressroom.backends.local.files import refusals
from pressroom.backends.local.frames import piece_at
from pressroom.backends.local.segments import Segments
from pressroom.ports import Damaged, Stored


def read_entries(segments: Segments, position: int, end: int) -> Iterator[Stored]:
    """The entries from `position` to `end`; Damaged at the first one that is not what was written."""
    with refusals("reading the log"):
        while position < end:
            starts = segments.kept()
            place = max(bisect_right(starts, position) - 1, 0)
            stop = min(end, *starts[place + 1 : place + 2], end)
            try:
                for stored in _read_segment(segments, starts[place], max(position, starts[place]), stop):
                    yield stored
                    position = stored.next_position
            except FileNotFoundError:
                # Trimmed since it was listed; what came after it is found by listing again.
                continue
            position = max(position, stop)


def _read_segment(segments: Segments, start: int, position: int, stop: int) -> Iterator[Stored]:
    with segments.window(start) as window:
        while position < stop:
            piece = piece_at(window, position)
            if piece is None:
                raise Damaged(
                    f"{segments.path(start)} is broken at position {position}.",
                    next_step="Restore the log's folder from a backup; entries before this position can still be read.",
                )
            yield piece.stored
            position = piece.stored.next_position
