"""Online answers: a question for a few rows now, from the packed rows of the online store.

Says the same as the offline answer for the same rows and instants.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from pressroom.features.derive_online import Deriving, hidden_parts
from pressroom.features.errors import NotOnline
from pressroom.features.hop import Hop, Walk, in_turns
from pressroom.features.online_value import Value
from pressroom.features.part import Part
from pressroom.features.question import Question
from pressroom.features.stream import position_key, streams_of
from pressroom.ports import Keys
from pressroom.values import Instant, compose_key, parts_of

_Named = dict[str, str | None]
"""Whom a row names, by the key; and by what links lead to."""
_Found = Mapping[bytes, bytes | None]


@dataclass(frozen=True, slots=True, kw_only=True)
class Answered:
    """The inputs of one row by name, and the age in seconds of the newest fact behind each feature (None: no fact). A
    derived feature is as old as the oldest of what it is made from.

    Of features that are asked through links, the ages of these are told too: `punctuality.through.assigned.tail`.
    """

    values: dict[str, Value]
    ages_s: dict[str, float | None]


class OnlineAnswers:
    """Answers one question, many times. Made once for an endpoint; refuses views that were never materialised.

    A request reads the store once, and once more for each link of the longest chain of them.
    """

    def __init__(self, question: Question, keys: Keys) -> None:
        """Compile the question."""
        self._question = question
        self._keys = keys
        walks = [Walk.of(bound) for bound in question.views]
        hidden = [(each, Walk.of(each.bound)) for each in question.hidden()]
        self._turns = [tuple(turn.values()) for turn in in_turns([*walks, *(walk for _, walk in hidden)])]
        self._ages = [(name, hop.leads_to) for walk in walks for name, hop in walk.hops]
        asked = [
            Part(stream, walk.whom, prefix=bound.name())
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
            found = self._read([hop.part for hop in hops], named)
            for whom, ages_s, instant in zip(named, ages, as_of, strict=True):
                _follow(hops, whom, ages_s, instant, found)
        found = self._read(self._parts, named)
        answers = [
            self._answer_row(row, instant, whom, ages_s, found)
            for row, instant, whom, ages_s in zip(rows, as_of, named, ages, strict=True)
        ]
        self._deriving.add([(answered.values, answered.ages_s) for answered in answers], as_of)
        return answers

    def _read(self, parts: Sequence[Part], named: Sequence[_Named]) -> _Found:
        """What the store has for parts about those whom rows name."""
        wanted = list(
            dict.fromkeys(place for whom in named for part in parts if (place := _place(part, whom)) is not None)
        )
        return dict(zip(wanted, self._keys.get_many(wanted), strict=True))

    def _answer_row(
        self, row: Mapping[str, Value], as_of: Instant, whom: _Named, ages: Mapping[str, float | None], found: _Found
    ) -> Answered:
        values: dict[str, Value] = {}
        ages_s: dict[str, float | None] = {}
        for part in self._parts:
            place = _place(part, whom)
            if place is None:
                part.nulls(values, ages_s)
            else:
                part.answer(found[place], as_of, values, ages_s)
        ages_s.update((name, ages[leads_to]) for name, leads_to in self._ages)
        for field in self._question.brought():
            values[field.name] = row[field.name]
        return Answered(values=values, ages_s=ages_s)


def _name(row: Mapping[str, Value], fields: Sequence[str]) -> str | None:
    """Whom a row names in some fields taken together."""
    return compose_key([None if (value := row[field]) is None else str(value) for field in fields])


def _place(part: Part, whom: Mapping[str, str | None]) -> bytes | None:
    """Where in the store the packed row for a part is; None where nobody is named."""
    name = whom[part.key]
    return None if name is None else part.stream.prefix + name.encode()


def _follow(hops: Sequence[Hop], whom: _Named, ages_s: dict[str, float | None], as_of: Instant, found: _Found) -> None:
    """Note whom the hops lead a row to, and how old what says so is."""
    for hop in hops:
        place = _place(hop.part, whom)
        whom[hop.leads_to], ages_s[hop.leads_to] = (None, None) if place is None else hop.follow(found[place], as_of)
