"""Online answers: a question for a few rows now, from the packed rows of the online store.

Says the same as the offline answer for the same rows and instants.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from pressroom.facts import Aggregate
from pressroom.features.errors import NotOnline, TooOld
from pressroom.features.online_value import Bit, Value, looked_up, newest_of, nothing, windowed
from pressroom.features.packed import Records, unpack
from pressroom.features.question import Question
from pressroom.features.stream import Stream, position_key, streams_of
from pressroom.ports import Keys
from pressroom.values import MICROSECONDS, Instant, format_instant


@dataclass(frozen=True, slots=True, kw_only=True)
class Answered:
    """The inputs of one row by name, and the age in seconds of the newest fact behind each feature (None: no fact)."""

    values: dict[str, Value]
    ages_s: dict[str, float | None]


@dataclass(frozen=True, slots=True, kw_only=True)
class _Part:
    """One stream of a question, with all that can be worked out before a request comes."""

    stream: Stream
    key: str
    features: tuple[tuple[str, Aggregate, Bit], ...]


class OnlineAnswers:
    """Answers one question, many times. Made once for an endpoint; refuses views that were never materialised."""

    def __init__(self, question: Question, keys: Keys) -> None:
        """Compile the question."""
        self._question = question
        self._keys = keys
        self._parts = tuple(_part(stream, bound.key) for bound in question.views for stream in streams_of(bound.view))
        views = [bound.view for bound in question.views]
        missing = [
            v.name for v, at in zip(views, keys.get_many([position_key(v) for v in views]), strict=True) if not at
        ]
        if missing:
            raise NotOnline(f"Not materialised: {', '.join(missing)}.", next_step="Run `pressroom apply` first.")

    def answer(self, rows: Sequence[Mapping[str, Value]], as_of: Sequence[Instant]) -> list[Answered]:
        """One answer a row, as of its instant. Rows have the question's keys and request fields. Raises TooOld."""
        wanted: dict[bytes, bytes | None] = {}
        for row in rows:
            for part in self._parts:
                entity = row[part.key]
                if entity is not None:
                    wanted[part.stream.prefix + str(entity).encode()] = None
        found = dict(zip(wanted, self._keys.get_many(list(wanted)), strict=True))
        return [self._answer_row(row, instant, found) for row, instant in zip(rows, as_of, strict=True)]

    def _answer_row(self, row: Mapping[str, Value], as_of: Instant, found: Mapping[bytes, bytes | None]) -> Answered:
        values: dict[str, Value] = {}
        ages: dict[str, float | None] = {}
        for part in self._parts:
            entity = row[part.key]
            packed = None if entity is None else found[part.stream.prefix + str(entity).encode()]
            records = None if packed is None else _visible(part, packed, as_of)
            newest = -1 if records is None or not len(records) else newest_of(records)
            age = None if records is None or newest < 0 else (as_of - int(records["event"][newest])) / MICROSECONDS
            for name, aggregate, bit in part.features:
                ages[name] = age
                if entity is None:
                    values[name] = None
                elif records is None or newest < 0:
                    values[name] = nothing(aggregate)
                elif aggregate.window_us is not None:
                    values[name] = windowed(aggregate, bit, records, as_of)
                else:
                    values[name] = looked_up(aggregate, bit, records, newest, as_of)
        for field in self._question.request:
            values[field.name] = row[field.name]
        return Answered(values=values, ages_s=ages)


def _part(stream: Stream, key: str) -> _Part:
    bits = {field.name: np.uint64(1 << place) for place, field in enumerate(stream.fields)}
    features = tuple(
        (f"{stream.view.name}.{feature.name}", feature.aggregate, bits.get(feature.aggregate.field or ""))
        for feature in stream.features
    )
    return _Part(stream=stream, key=key, features=features)


def _visible(part: _Part, data: bytes, as_of: Instant) -> Records:
    packed = unpack(data, part.stream.record)
    if as_of < packed.exact_from:
        raise TooOld(
            f"{part.stream.view.name} is kept online from {format_instant(packed.exact_from)} on; "
            f"asked as of {format_instant(as_of)}.",
            next_step="Ask for older instants offline, with a training set.",
        )
    records = packed.records
    seen = (records["known"] <= as_of) & (records["event"] <= as_of)
    return records if seen.all() else records[seen]
