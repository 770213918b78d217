"""Online answers: a question for a few rows now, from the packed rows of the online store.

Says the same as the offline answer for the same rows and instants.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from pressroom.features.errors import NotOnline
from pressroom.features.online_value import Value
from pressroom.features.part import Part
from pressroom.features.question import Question
from pressroom.features.stream import position_key, streams_of
from pressroom.ports import Keys
from pressroom.values import Instant, compose_key, parts_of


@dataclass(frozen=True, slots=True, kw_only=True)
class Answered:
    """The inputs of one row by name, and the age in seconds of the newest fact behind each feature (None: no fact)."""

    values: dict[str, Value]
    ages_s: dict[str, float | None]


class OnlineAnswers:
    """Answers one question, many times. Made once for an endpoint; refuses views that were never materialised."""

    def __init__(self, question: Question, keys: Keys) -> None:
        """Compile the question."""
        self._question = question
        self._keys = keys
        self._parts = tuple(Part(stream, bound.key) for bound in question.views for stream in streams_of(bound.view))
        self._fields = {part.key: parts_of(part.key) for part in self._parts}
        views = [bound.view for bound in question.views]
        missing = [
            v.name for v, at in zip(views, keys.get_many([position_key(v) for v in views]), strict=True) if not at
        ]
        if missing:
            raise NotOnline(f"Not materialised: {', '.join(missing)}.", next_step="Run `pressroom apply` first.")

    def answer(self, rows: Sequence[Mapping[str, Value]], as_of: Sequence[Instant]) -> list[Answered]:
        """One answer a row, as of its instant. Rows have the question's keys and request fields. Raises TooOld."""
        places = [self._places(row) for row in rows]
        wanted = list(dict.fromkeys(place for of_row in places for place in of_row if place is not None))
        found = dict(zip(wanted, self._keys.get_many(wanted), strict=True))
        return [
            self._answer_row(row, instant, [None if place is None else (found[place],) for place in of_row])
            for row, instant, of_row in zip(rows, as_of, places, strict=True)
        ]

    def _places(self, row: Mapping[str, Value]) -> list[bytes | None]:
        """Where in the store the packed row is for each part; None where the row names nobody."""
        names = {key: _name(row, fields) for key, fields in self._fields.items()}
        return [
            None if (name := names[part.key]) is None else part.stream.prefix + name.encode() for part in self._parts
        ]

    def _answer_row(
        self, row: Mapping[str, Value], as_of: Instant, packed: Sequence[tuple[bytes | None] | None]
    ) -> Answered:
        values: dict[str, Value] = {}
        ages_s: dict[str, float | None] = {}
        for part, there in zip(self._parts, packed, strict=True):
            if there is None:
                part.nulls(values, ages_s)
            else:
                part.answer(there[0], as_of, values, ages_s)
        for field in self._question.request:
            values[field.name] = row[field.name]
        return Answered(values=values, ages_s=ages_s)


def _name(row: Mapping[str, Value], fields: Sequence[str]) -> str | None:
    """Whom a row names in some fields taken together."""
    return compose_key([None if (value := row[field]) is None else str(value) for field in fields])
