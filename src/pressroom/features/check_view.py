"""Checking a view on the data that there are: offline, online and the oracle must say the same, at every instant."""

import math
from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from pressroom.features.ask_three_ways import Answers, Tables, ask_offline, ask_online, oracles_of
from pressroom.features.oracle import Oracle, check_kind
from pressroom.features.oracle_derived import is_near, possible
from pressroom.features.oracle_kinds import Value
from pressroom.features.questions_to_check import Asking, questions_to_check
from pressroom.features.view import View
from pressroom.ports import Keys
from pressroom.values import Instant, parts_of, readable_key

_Said = tuple[Value, Value, Value]
"""Offline, online, by the oracle."""
_SHOWN = 20
_MOST_VISITS = 10_000_000
"""Facts that the oracle may look at in all: some seconds."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Disagreement:
    """A feature of an entity at an instant that is not the same offline, online and by the oracle."""

    feature: str
    entity: str
    as_of: Instant
    offline: str
    online: str
    oracle: str


@dataclass(frozen=True, slots=True, kw_only=True)
class ViewCheck:
    """`checked` questions about `entities` entities, `values` feature values in all; `unequal` differ, 20 are shown."""

    view: str
    checked: int
    entities: int
    values: int
    unequal: int
    by_feature: tuple[tuple[str, int], ...]
    examples: tuple[Disagreement, ...]

    def passed(self) -> bool:
        """Whether something was checked and all of it was equal."""
        return self.checked > 0 and self.unequal == 0

    def words(self) -> str:
        """What was found, as a phrase."""
        return f"{self.checked:,} questions, {self.values:,} values, {self.unequal:,} unequal"


def check_view(view: View, tables: Tables, scratch: Keys, *, samples: int, seed: int = 0) -> ViewCheck:
    """Ask `samples` questions of a view three ways: offline, online from rows packed out of what was known by then into
    `scratch` (which nobody else uses), and by the oracle.

    `tables` hold all facts that the view is made from. Fewer questions are asked where entities have so many facts that
    the oracle would take minutes. Equal means equal, every bit; only std and decayed_mean may differ from the oracle's
    by rounding. Raises NoOracle, OfflineOnly.
    """
    for feature in view.features:
        check_kind(feature.aggregate)
    asked = questions_to_check(view, tables, samples=samples, seed=seed)
    oracles = oracles_of(view, tables, sorted({asking.entity for asking in asked}))
    asked = _within_reach(asked, oracles)
    ways = _Ways(
        offline=ask_offline(view, tables, asked),
        online=ask_online(view, tables, asked, scratch),
        oracle=[[oracle.answer(asking.as_of) for oracle in oracles[asking.entity]] for asking in asked],
    )
    return _compare(view, asked, ways, oracles)


@dataclass(frozen=True, slots=True, kw_only=True)
class _Ways:
    offline: Answers
    online: Answers
    oracle: Answers
    """Of the features that are asked of facts; the derived ones follow from these."""


def _within_reach(asked: list[Asking], oracles: Mapping[str, Sequence[Oracle]]) -> list[Asking]:
    left, kept = _MOST_VISITS, list[Asking]()
    for asking in asked:
        left -= sum(oracle.visits(asking.as_of) for oracle in oracles[asking.entity])
        if left >= 0 or not kept:
            kept.append(asking)
    return kept


def _compare(view: View, asked: Sequence[Asking], ways: _Ways, oracles: Mapping[str, Sequence[Oracle]]) -> ViewCheck:
    counts: dict[str, int] = defaultdict(int)
    examples: list[Disagreement] = []
    for asking, offline, online, oracle in zip(asked, ways.offline, ways.online, ways.oracle, strict=True):
        for feature, said in _unequal(view, asking, (offline, online, oracle), oracles[asking.entity]):
            name = f"{view.name}.{feature}"
            counts[name] += 1
            if len(examples) < _SHOWN:
                examples.append(_disagreement(view, name, asking, said))
    return ViewCheck(
        view=view.name,
        checked=len(asked),
        entities=len({asking.entity for asking in asked}),
        values=len(asked) * len(view.names()),
        unequal=sum(counts.values()),
        by_feature=tuple(counts.items()),
        examples=tuple(examples),
    )


def _unequal(
    view: View,
    asking: Asking,
    ways: tuple[Sequence[Value], Sequence[Value], Sequence[Value]],
    oracles: Sequence[Oracle],
) -> Iterator[tuple[str, _Said]]:
    """The features whose three answers differ. What is derived is checked on what its features are agreed to be."""
    offline, online, plain = ways
    agreed: dict[str, Value] = {}
    for place, feature in enumerate(view.features):
        said = (offline[place], online[place], plain[place])
        right = _agree(said, oracles[place], asking.as_of)
        agreed[feature.name] = said[0 if right else 2]
        if not right:
            yield feature.name, said
    for place, derivation in enumerate(view.derivations(), start=len(view.features)):
        wanted = possible(derivation, agreed, asking.as_of)
        near = any(same(offline[place], each) or is_near(derivation, offline[place], each) for each in wanted)
        if not near or not same(offline[place], online[place]):
            yield derivation.name, (offline[place], online[place], wanted[0])


def _agree(said: _Said, oracle: Oracle, as_of: Instant) -> bool:
    offline, online, wanted = said
    if not same(offline, online):
        return False
    if same(offline, wanted):
        return True
    if not isinstance(offline, float) or not isinstance(wanted, float):
        return False
    return abs(offline - wanted) <= oracle.slack(as_of)


def _disagreement(view: View, name: str, asking: Asking, said: _Said) -> Disagreement:
    offline, online, oracle = map(repr, said)
    entity = readable_key(asking.entity, len(parts_of(view.entity)))
    return Disagreement(feature=name, entity=entity, as_of=asking.as_of, offline=offline, online=online, oracle=oracle)


def same(one: Value, other: Value) -> bool:
    """Whether two values are equal: of one type, null as null and NaN as NaN; lists value by value."""
    if isinstance(one, list) and isinstance(other, list):
        return len(one) == len(other) and all(map(same, one, other))
    if isinstance(one, float) and isinstance(other, float) and math.isnan(one):
        return math.isnan(other)
    return type(one) is type(other) and one == other
