"""Online answers: a question for a few rows now, from the packed rows of the online store.

Says the same as the offline answer for the same rows and instants.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from pressroom.features.errors import NotOnline
from pressroom.features.online_value import Value
from pressroom.features.part import Part
from pressroom.features.question import Question
from pressroom.features.sketch_part import SketchPart
from pressroom.features.stream import Stream, position_key, streams_of
from pressroom.ports import Keys
from pressroom.values import Instant


@dataclass(frozen=True, slots=True, kw_only=True)
class Answered:
    """The inputs of one row by name, and the age in seconds of the newest fact behind each feature (None: no fact)."""

    values: dict[str, Value]
    ages_s: dict[str, float | None]


def _part(stream: Stream, key: str) -> Part | SketchPart:
    return SketchPart(stream, key) if stream.hop_us else Part(stream, key)


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
        ages_s: dict[str, float | None] = {}
        for part in self._parts:
            entity = row[part.key]
            if entity is None:
                part.nulls(values, ages_s)
            else:
                part.answer(found[part.stream.prefix + str(entity).encode()], as_of, values, ages_s)
        for field in self._question.request:
            values[field.name] = row[field.name]
        return Answered(values=values, ages_s=ages_s)
