"""Online answers: a question for a few rows now, from the packed rows of the online store.

Says the same as the offline answer for the same rows and instants.
"""

from collections.abc import Mapping, Sequence
from enum import Enum
from typing import Final

from pressroom.features.answered import Answered, OfEntity, Values, different
from pressroom.features.derive_online import Deriving, hidden_parts
from pressroom.features.errors import NotOnline
from pressroom.features.hop import Hop, Walk, in_turns
from pressroom.features.online_value import Value
from pressroom.features.part import Part
from pressroom.features.question import Question
from pressroom.features.sketch_part import SketchPart, part_of
from pressroom.features.stream import position_key, streams_of
from pressroom.ports import Keys
from pressroom.values import Instant, compose_key, parts_of

_Named = dict[str, str | None]
"""Whom a row names, by the key; and by what links lead to."""


class _Nobody(Enum):
    """Stands in the place of a packed row where a row names nobody."""

    NOBODY = 0


_NOBODY: Final = _Nobody.NOBODY
_Packed = bytes | None | _Nobody


class OnlineAnswers:
    """Answers one question, many times. Made once for an endpoint; refuses views that were never materialised.

    A request reads the store once, and once more for each link of the longest chain of them.
    """

    def __init__(self, question: Question, keys: Keys) -> None:
        """Compile the question."""
        self._brought = tuple(field.name for field in question.brought())
        self._keys = keys
        walks = [Walk.of(bound) for bound in question.views]
        hidden = [(each, Walk.of(each.bound)) for each in question.hidden()]
        self._turns = [tuple(turn.values()) for turn in in_turns([*walks, *(walk for _, walk in hidden)])]
        self._ages = [(name, hop.leads_to) for walk in walks for name, hop in walk.hops]
        asked = [
            part_of(stream, walk.whom, bound.name())
            for bound, walk in zip(question.views, walks, strict=True)
            for stream in streams_of(bound.view)
        ]
        self._parts = (*asked, *(part for each, walk in hidden for part in hidden_parts(each, walk.whom)))
        self._deriving = Deriving(question)
        self._fields = {bound.key: parts_of(bound.key) for bound in question.bound()}
        views = question.kept()
        missing = [
            v.name for v, at in zip(views, keys.get_many([position_key(v) for v in views]), strict=True) if not at
        ]
        if missing:
            raise NotOnline(f"Not materialised: {', '.join(missing)}.", next_step="Run `pressroom apply` first.")

    def answer(self, rows: Sequence[Mapping[str, Value]], as_of: Sequence[Instant]) -> list[Answered]:
        """One answer a row, as of its instant. Rows have the question's keys and request fields. Raises TooOld."""
        named = [{key: _name(row, fields) for key, fields in self._fields.items()} for row in rows]
        ages: list[dict[str, float | None]] = [{} for _ in rows]
        for hops in self._turns:
            packed = self._read([hop.part for hop in hops], named)
            for whom, ages_s, instant, of_row in zip(named, ages, as_of, packed, strict=True):
                _follow(hops, whom, ages_s, instant, of_row)
        packed = self._read(self._parts, named)
        answers = [
            self._answer_row(row, instant, ages_s, of_row)
            for row, instant, ages_s, of_row in zip(rows, as_of, ages, packed, strict=True)
        ]
        if self._deriving.names:
            self._deriving.add([(answered.values, answered.ages_s) for answered in answers], as_of)
        return answers

    @property
    def shares(self) -> bool:
        """Whether `by_entity` can answer: the question follows no links and derives nothing."""
        return not self._turns and not self._deriving.names

    def by_entity(self, columns: Mapping[str, Values], as_of: Sequence[Instant]) -> list[OfEntity]:
        """What `answer` says of the same rows, given by column, worked out once for each entity that they name: for
        each key, in the question's order. Only where `shares`. Raises TooOld.
        """
        named = [(key, *different(columns, fields, as_of)) for key, fields in self._fields.items()]
        parts = {key: [part for part in self._parts if part.key == key] for key in self._fields}
        wanted = dict.fromkeys(
            part.stream.prefix + name.encode()
            for key, who, _ in named
            for part in parts[key]
            for name, _ in who
            if name is not None
        )
        found = dict(zip(wanted, self._keys.get_many([*wanted]), strict=True))
        return [
            OfEntity(key=key, which=which, answered=[_about(parts[key], name, instant, found) for name, instant in who])
            for key, who, which in named
        ]

    def _read(self, parts: Sequence[Part | SketchPart], named: Sequence[_Named]) -> list[list[_Packed]]:
        """What the store has for parts about those whom rows name, in one reading."""
        ways = [(part.key, part.stream.prefix) for part in parts]
        places = [
            [None if (name := whom[key]) is None else prefix + name.encode() for key, prefix in ways] for whom in named
        ]
        wanted = list(dict.fromkeys(place for of_row in places for place in of_row if place is not None))
        found = dict(zip(wanted, self._keys.get_many(wanted), strict=True))
        return [[_NOBODY if place is None else found[place] for place in of_row] for of_row in places]

    def _answer_row(
        self, row: Mapping[str, Value], as_of: Instant, ages: Mapping[str, float | None], packed: Sequence[_Packed]
    ) -> Answered:
        values: dict[str, Value] = {}
        ages_s: dict[str, float | None] = {}
        for part, there in zip(self._parts, packed, strict=True):
            if there is _NOBODY:
                part.nulls(values, ages_s)
            else:
                part.answer(there, as_of, values, ages_s)
        for name, leads_to in self._ages:
            ages_s[name] = ages[leads_to]
        for name in self._brought:
            values[name] = row[name]
        return Answered(values=values, ages_s=ages_s)


def _about(
    parts: Sequence[Part | SketchPart], name: str | None, as_of: Instant, found: Mapping[bytes, bytes | None]
) -> Answered:
    """The features of one entity at one instant."""
    answered = Answered(values={}, ages_s={})
    for part in parts:
        if name is None:
            part.nulls(answered.values, answered.ages_s)
        else:
            part.answer(found[part.stream.prefix + name.encode()], as_of, answered.values, answered.ages_s)
    return answered


def _name(row: Mapping[str, Value], fields: Sequence[str]) -> str | None:
    """Whom a row names in some fields taken together."""
    if len(fields) == 1:
        value = row[fields[0]]
        return None if value is None else str(value)
    return compose_key([None if (value := row[field]) is None else str(value) for field in fields])


def _follow(
    hops: Sequence[Hop], whom: _Named, ages_s: dict[str, float | None], as_of: Instant, packed: Sequence[_Packed]
) -> None:
    """Note whom the hops lead a row to, and how old what says so is."""
    for hop, there in zip(hops, packed, strict=True):
        found = (None, None) if there is _NOBODY else hop.follow(there, as_of)
        whom[hop.leads_to], ages_s[hop.leads_to] = found
