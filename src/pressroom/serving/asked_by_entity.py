"""What many rows ask of few entities: each entity's features are held once, and spread out where a row needs them."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Any

import numpy as np
import numpy.typing as npt

from pressroom.features import Answered, OfEntity, Value
from pressroom.models import (
    REQUEST,
    Column,
    Inputs,
    Signature,
    SignatureMismatch,
    Values,
    inputs_from_columns,
    inputs_from_rows,
)

_Which = npt.NDArray[np.int64] | None


class AskedByEntity:
    """Says the same as `AskedRows` would of the same rows."""

    def __init__(self, columns: Mapping[str, Values], count: int, entities: Sequence[OfEntity]) -> None:
        """What was brought, by column, and what is known of those whom the rows name."""
        self._columns, self._count, self._entities = columns, count, entities
        self._home = {name: entity for entity in entities for name in entity.answered[0].values}

    @property
    def different(self) -> dict[str, int]:
        """How many different ones the rows name, by key."""
        return {entity.key: len(entity.answered) for entity in self._entities}

    def blocks(self, signature: Signature) -> dict[str, Inputs]:
        """What a model takes, by key: one row where all rows name the same one. Raises SignatureMismatch."""
        found: dict[str, Inputs] = {}
        for entity, names in self._taken(signature):
            small = self._small(signature, entity, names)
            if entity is None or entity.which is None:
                found[REQUEST if entity is None else entity.key] = small
            else:
                found[entity.key] = {name: column[entity.which] for name, column in small.items()}
        return found

    def inputs(self, signature: Signature, places: Sequence[int] | None) -> Inputs:
        """What a model takes, of the rows at `places` (None: all). Raises SignatureMismatch."""
        chosen = None if places is None else np.array(places, dtype=np.int64)
        made: dict[str, Column] = {}
        for entity, names in self._taken(signature):
            which = _every(self._count) if entity is None else _spread(entity.which, self._count)
            if chosen is not None:
                which = which[chosen]
            small = self._small(signature, entity, names)
            made.update(
                (name, column if entity is None and chosen is None else column[which]) for name, column in small.items()
            )
        return {name: made[name] for name in signature.names()}

    def column(self, name: str) -> Values:
        """A feature or a field of the rows."""
        entity = self._home.get(name)
        if entity is None:
            return self._columns[name]
        values = [answered.values[name] for answered in entity.answered]
        kinds = set(map(type, values))
        if kinds == {float} or kinds == {int}:
            return np.array(values)[_spread(entity.which, self._count)]
        if entity.which is None:
            return values * self._count
        return [values[place] for place in entity.which.tolist()]

    def row(self, place: int) -> Mapping[str, Value]:
        """What was given."""
        return {name: _one(values, place) for name, values in self._columns.items()}

    def answered(self, place: int) -> Answered:
        """The features of a row, and what it brought along."""
        found = [entity.of_row(place) for entity in self._entities]
        values: dict[str, Value] = dict(self.row(place))
        for each in found:
            values.update(each.values)
        return Answered(values=values, ages_s=dict(self.ages_s(place)))

    def ages_s(self, place: int) -> Mapping[str, float | None]:
        """How old the newest fact behind each feature of a row is."""
        ages_s: dict[str, float | None] = {}
        for entity in self._entities:
            ages_s.update(entity.of_row(place).ages_s)
        return ages_s

    def encoded_ages(self, places: Sequence[int], encode: Callable[[object], bytes]) -> list[bytes]:
        """The ages of some rows as JSON objects; those of an entity are encoded once."""
        parts: list[list[bytes]] = []
        for entity in self._entities:
            told = [encode(answered.ages_s)[1:-1] for answered in entity.answered]
            parts.append(told * len(places) if entity.which is None else [told[entity.which[each]] for each in places])
        return [b"{%b}" % b",".join(filter(None, row)) for row in zip(*parts, strict=True)]

    def stale(self, limit_s: float) -> Iterator[tuple[int, str]]:
        """The rows that have a feature whose newest fact is older than `limit_s`, with the first such feature."""
        found: dict[int, str] = {}
        for entity in self._entities:
            names = [_first_older(answered, limit_s) for answered in entity.answered]
            if any(names):
                which = _spread(entity.which, self._count).tolist()
                for place, of_entity in enumerate(which):
                    if names[of_entity]:
                        found.setdefault(place, names[of_entity])
        yield from sorted(found.items())

    def _taken(self, signature: Signature) -> Iterator[tuple[OfEntity | None, list[str]]]:
        """The inputs of a model by where they come from (None: the request)."""
        for entity in (*self._entities, None):
            names = [name for name in signature.names() if self._home.get(name) is entity]
            if names:
                yield entity, names

    def _small(self, signature: Signature, entity: OfEntity | None, names: Sequence[str]) -> Inputs:
        """Some inputs, a row for each different entity, or for each row of the request."""
        part = Signature(inputs=tuple(f for f in signature.inputs if f.name in names), output=signature.output)
        if entity is None:
            return inputs_from_columns(part, self._columns)
        try:
            return inputs_from_rows(part, [answered.values for answered in entity.answered])
        except SignatureMismatch:
            # Told again of the rows that were sent: which entity comes how often is nobody's business but ours.
            inputs_from_rows(part, [entity.of_row(place).values for place in range(self._count)])
            raise


def _spread(which: _Which, count: int) -> npt.NDArray[np.int64]:
    return np.zeros(count, dtype=np.int64) if which is None else which


def _every(count: int) -> npt.NDArray[np.int64]:
    return np.arange(count, dtype=np.int64)


def _first_older(answered: Answered, limit_s: float) -> str:
    return next((name for name, age_s in answered.ages_s.items() if age_s is not None and age_s > limit_s), "")


def _one(values: Values, place: int) -> Any:
    value = values[place]
    return value.item() if isinstance(value, np.generic) else value
