"""Sketch parts: one stream of sketches of a question, answered from tiles and the records of the last hour."""

import math

import numpy as np

from pressroom.facts import Aggregate
from pressroom.features.head import HEAD, Records
from pressroom.features.heap import split
from pressroom.features.identity import word_identities
from pressroom.features.online_value import Value, nothing
from pressroom.features.part import Part, check_exact
from pressroom.features.stream import Stream
from pressroom.features.tile import Tiles, counted, null_in, quantile_of
from pressroom.stats import NAN_BUCKET, count_sketched, standing_for
from pressroom.values import MICROSECONDS, Instant


class SketchPart:
    """Answers the sketches of one stream, whose entity the asking rows name under `key`."""

    def __init__(self, stream: Stream, key: str, *, prefix: str) -> None:
        """Compile the features, whose names start with `prefix`."""
        self.stream, self.key = stream, key
        self._asked = [(f"{prefix}.{feature.name}", feature.aggregate) for feature in stream.features]
        self._nothing = {name: nothing(aggregate) for name, aggregate in self._asked}
        self._places = {sketch: place for place, sketch in enumerate(stream.sketches)}

    def nulls(self, values: dict[str, Value], ages_s: dict[str, float | None]) -> None:
        """Answer for nobody."""
        values.update(dict.fromkeys(self._nothing))
        ages_s.update(dict.fromkeys(self._nothing))

    def answer(
        self, packed: bytes | None, as_of: Instant, values: dict[str, Value], ages_s: dict[str, float | None]
    ) -> None:
        """Answer from an entity's packed row (None: there is none), with the age of the newest fact. Raises TooOld."""
        values.update(self._nothing)
        ages_s.update(dict.fromkeys(self._nothing))
        if packed is None:
            return
        check_exact(self.stream, HEAD.unpack_from(packed)[1], as_of)
        row, tail = split(packed, HEAD.size)
        tiles = Tiles.of(tail)
        records = np.frombuffer(row, dtype=self.stream.record, offset=HEAD.size)
        records = records[(records["known"] <= as_of) & (records["event"] <= as_of)]
        if not len(records) and not len(tail):
            return
        newest = max([tiles.newest, *records["event"][-1:].tolist()])
        ages_s.update(dict.fromkeys(self._nothing, (as_of - newest) / MICROSECONDS))
        for name, aggregate in self._asked:
            values[name] = self._value(aggregate, tiles, records, as_of)

    def _value(self, aggregate: Aggregate, tiles: Tiles, records: Records, as_of: Instant) -> Value:
        stream, field = self.stream, aggregate.field or ""
        hop = (as_of - (aggregate.window_us or 0)) // stream.hop_us
        inside = (records["event"] >= hop * stream.hop_us) & (records["event"] < as_of)
        words = records[field][inside & ~null_in(stream, records, field)]
        if aggregate.kind == "approx_distinct":
            folded = tiles.since(hop, self._places[field, "distinct"])
            return count_sketched(np.unique(word_identities(words)).tolist(), folded)
        found, often = counted(tiles.since(hop, self._places[field, "quantile"]), words.astype(np.float64))
        if not len(found):
            return None
        # NaN is behind all others, and makes any quantile NaN.
        rank = max(math.ceil((aggregate.q or 1.0) * int(often.sum())), 1)
        bucket = NAN_BUCKET if found[-1] == NAN_BUCKET else quantile_of(found, often, rank)
        return float(standing_for(np.array([bucket]))[0])


def part_of(stream: Stream, key: str, prefix: str) -> Part | SketchPart:
    """What answers a stream, whichever of the two it needs."""
    return SketchPart(stream, key, prefix=prefix) if stream.hop_us else Part(stream, key, prefix=prefix)
