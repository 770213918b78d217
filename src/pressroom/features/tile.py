"""Tiles: the facts of one hop of time in little room, for answers that need no more than that.

A tile is of one field and one hop: `distinct` tiles are HyperLogLog sketches, `quantile` tiles are counts by bucket.
Facts that are folded into a tile can't be told apart any more, and what a tile says does not depend on their order.
"""

import struct
import zlib
from collections.abc import Iterable
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from pressroom.features.head import Records
from pressroom.features.identity import word_identities
from pressroom.features.stream import NULLS, SketchKind, Stream
from pressroom.stats import buckets, sketch_distinct
from pressroom.values import Instant

Ints = npt.NDArray[np.int64]
_TAIL = struct.Struct("<qq")
"""When the newest folded fact happened, and how many tiles there are."""
_ENTRY = np.dtype([("hop", "<i8"), ("sketch", "<i4"), ("size", "<i4")])
_STEP, _COUNT = np.dtype("<i4"), np.dtype("<i8")
_NO_FACT = -(1 << 63)


@dataclass(slots=True, kw_only=True)
class Tiles:
    """An entity's tiles: by hop (counted from 1970 on) and by the place of their field among the stream's sketches."""

    newest: Instant = _NO_FACT
    """When the newest fact that was folded happened."""
    kept: dict[tuple[int, int], bytes]

    @staticmethod
    def of(tail: memoryview) -> "Tiles":
        """Read what stands behind the records."""
        if not len(tail):
            return Tiles(kept={})
        newest, count = _TAIL.unpack_from(tail)
        entries = np.frombuffer(tail, dtype=_ENTRY, count=count, offset=_TAIL.size)
        ends = np.cumsum(entries["size"]) + _TAIL.size + entries.nbytes
        starts = ends - entries["size"]
        names = zip(entries["hop"].tolist(), entries["sketch"].tolist(), strict=True)
        places = zip(starts.tolist(), ends.tolist(), strict=True)
        return Tiles(
            newest=newest,
            kept={name: bytes(tail[start:end]) for name, (start, end) in zip(names, places, strict=True)},
        )

    def packed(self) -> bytes:
        """As they stand behind the records."""
        names = sorted(self.kept)
        entries = np.array([(*name, len(self.kept[name])) for name in names], dtype=_ENTRY)
        return _TAIL.pack(self.newest, len(names)) + entries.tobytes() + b"".join(map(self.kept.__getitem__, names))

    def fold(self, stream: Stream, records: Records) -> None:
        """Take facts in."""
        self.newest = max(self.newest, int(records["event"].max()))
        for sketch, (name, kind) in enumerate(stream.sketches):
            present = records[~null_in(stream, records, name)]
            hops = present["event"] // stream.hop_us
            order = np.argsort(hops, kind="stable")
            hops, words = hops[order], present[name][order]
            starts = np.flatnonzero(np.concatenate(([True], hops[1:] != hops[:-1]))) if len(hops) else hops
            for hop, part in zip(hops[starts].tolist(), np.split(words, starts[1:]), strict=False):
                self.kept[hop, sketch] = _folded(kind, part, self.kept.get((hop, sketch)))

    def drop_before(self, hop: int) -> None:
        """Forget the tiles of earlier hops."""
        self.kept = {name: tile for name, tile in self.kept.items() if name[0] >= hop}

    def since(self, hop: int, sketch: int) -> list[bytes]:
        """The tiles of one field from a hop on."""
        return [tile for (at, of), tile in self.kept.items() if of == sketch and at >= hop]


def null_in(stream: Stream, records: Records, name: str) -> npt.NDArray[np.bool_]:
    """Which records have no value in a field."""
    place = next(place for place, field in enumerate(stream.fields) if field.name == name)
    return records[NULLS] & np.uint64(1 << place) != 0


def _folded(kind: SketchKind, words: npt.NDArray[np.generic], onto: bytes | None) -> bytes:
    if kind == "distinct":
        return sketch_distinct(np.unique(word_identities(words)).tolist(), onto)
    return _pack_counts(*counted([] if onto is None else [onto], words.astype(np.float64)))


def counted(tiles: Iterable[bytes], numbers: npt.NDArray[np.float64]) -> tuple[Ints, Ints]:
    """The buckets, in order, of what is in some tiles and of more numbers; and how many are in each."""
    more = buckets(numbers)
    folded, counts = _unpack_counts(tiles)
    found, often = np.concatenate([folded, more]), np.concatenate([counts, np.ones(len(more), dtype=np.int64)])
    order = np.argsort(found, kind="stable")
    found, often = found[order], often[order]
    if not len(found):
        return found, often
    starts = np.flatnonzero(np.concatenate(([True], found[1:] != found[:-1])))
    return found[starts], np.add.reduceat(often, starts)


def _pack_counts(found: Ints, often: Ints) -> bytes:
    """The steps from bucket to bucket, mostly small, and then the counts."""
    return zlib.compress(np.diff(found, prepend=0).astype(_STEP).tobytes() + often.astype(_COUNT).tobytes())


def _unpack_counts(tiles: Iterable[bytes]) -> tuple[Ints, Ints]:
    """Of all tiles, one after the other. They are many and small, so that each is touched as little as can be."""
    whole = list(map(zlib.decompress, tiles))
    sizes = np.array([len(tile) // (_STEP.itemsize + _COUNT.itemsize) for tile in whole], dtype=np.int64)
    middles = (sizes * _STEP.itemsize).tolist()
    steps = b"".join([tile[:middle] for tile, middle in zip(whole, middles, strict=True)])
    often = b"".join([tile[middle:] for tile, middle in zip(whole, middles, strict=True)])
    reached = np.cumsum(np.frombuffer(steps, dtype=_STEP), dtype=np.int64)
    before = np.concatenate(([0], reached))[np.cumsum(sizes) - sizes]
    return reached - np.repeat(before, sizes), np.frombuffer(often, dtype=_COUNT).astype(np.int64)


def quantile_of(found: Ints, often: Ints, rank: int) -> int:
    """The bucket in which the value of some rank (from 1 on) is."""
    return int(found[np.searchsorted(np.cumsum(often), rank)])
