"""Splits that ask whether a number is in a set of categories, as splits by thresholds.

Frameworks cut a number down to a whole one and look it up in a set. Along the numbers that is a row of stretches, each
with one answer; so the split becomes a small search tree over the ends of the stretches, under which the two sides
stand as often as there are stretches. That is exact for every number, and refused where it takes too many nodes.
"""

from bisect import bisect_left, bisect_right
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np

from pressroom.models.outputs import not_lowered
from pressroom.models.signature import Floats

MOST_NODES = 65_536
"""Of one tree once its sets are thresholds."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Stretches:
    """Whether numbers go left: `left[i]` up to and with `ends[i]`, `left[-1]` beyond the last; and null."""

    ends: tuple[float, ...]
    left: tuple[bool, ...]
    null: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Sets:
    """How a framework sees categories: where members go, what is below the first number of category 0, and the number
    type that it compares (ends are the largest numbers of it that are below the next category).
    """

    members_left: bool
    zero_from: float
    kind: type[np.floating[Any]]

    def stretches(self, members: Sequence[int], *, null_left: bool) -> Stretches:
        """Of one set. Category c is all numbers from c to below c + 1."""
        ends: list[float] = []
        sides = [not self.members_left]
        known = sorted(set(members))
        for place, member in enumerate(known):
            if place == 0 or known[place - 1] != member - 1:
                ends.append(self._below(member) if member else self._below_zero())
                sides.append(self.members_left)
            if place + 1 == len(known) or known[place + 1] != member + 1:
                ends.append(self._below(member + 1))
                sides.append(not self.members_left)
        return Stretches(ends=tuple(ends), left=tuple(sides), null=null_left)

    def _below(self, number: float) -> float:
        return float(np.nextafter(self.kind(number), self.kind(-np.inf)))

    def _below_zero(self) -> float:
        return self.zero_from if self.zero_from < 0 else self._below(0.0)


def stretches_of_points(sides: Mapping[float, bool], *, others_left: bool) -> Stretches:
    """Where only the numbers of `sides` themselves are categories: all that is between them goes where null goes."""
    ends: list[float] = []
    left = [others_left]
    for point in sorted(sides):
        if sides[point] != others_left:
            ends += [float(np.nextafter(point, -np.inf)), point]
            left += [sides[point], others_left]
    return Stretches(ends=tuple(ends), left=tuple(left), null=others_left)


def without_sets(nodes: Mapping[str, Any], sets: Mapping[int, Stretches]) -> dict[str, Any]:
    """The same tree, of the columns that `Growth.add` takes, with thresholds for the nodes of `sets`. Raises NotLowered
    where it grows too large.
    """
    writer = _Writer({name: np.asarray(values).tolist() for name, values in nodes.items()}, sets)
    writer.copy(0, {})
    return {name: np.array(values) for name, values in writer.made.items()}


@dataclass(frozen=True, slots=True, kw_only=True)
class _Reach:
    """What of an input can come to a node: numbers above `low` up to `high` (none where `numbers` is false), null."""

    low: float = -np.inf
    high: float = np.inf
    numbers: bool = True
    nulls: bool = True


_Reached = Mapping[int, _Reach]


class _Writer:
    """Copies a tree. What can't come to a copy is left out of it, or sets below sets would multiply."""

    def __init__(self, given: Mapping[str, list[Any]], sets: Mapping[int, Stretches]) -> None:
        self._given = given
        self._sets = sets
        self.made: dict[str, list[Any]] = {name: [] for name in given}

    def copy(self, node: int, reached: _Reached) -> int:
        """The place of a copy of what is below a node."""
        own = {name: values[node] for name, values in self._given.items()}
        known = self._sets.get(node)
        if own["feature"] < 0:
            return self._add(own)
        if known is not None:
            return self._of_set(node, known, reached)
        place = self._add(own)
        return self._under(place, self.copy(own["left"], reached), self.copy(own["right"], reached))

    def _of_set(self, node: int, known: Stretches, reached: _Reached) -> int:
        reach = reached.get(self._given["feature"][node], _Reach())
        if not reach.numbers:
            return self._side(node, reached, left=known.null)
        first, last = bisect_right(known.ends, reach.low), bisect_left(known.ends, reach.high)
        nulls = next((place for place in range(first, last + 1) if known.left[place] is known.null), None)
        if not reach.nulls or nulls is not None:
            return self._search(node, known, (first, last, nulls), reached)
        # All numbers go to one side, null to the other.
        place = self._split(node, np.inf, null_left=False)
        feature = self._given["feature"][node]
        numbers = self._search(node, known, (first, last, None), {**reached, feature: replace(reach, nulls=False)})
        lone = self._side(node, {**reached, feature: replace(reach, numbers=False)}, left=known.null)
        return self._under(place, numbers, lone)

    def _search(self, node: int, known: Stretches, span: tuple[int, int, int | None], reached: _Reached) -> int:
        """The stretches from the first to and with the last of `span`; null goes to its third."""
        first, last, nulls = span
        if first == last:
            return self._side(node, reached, left=known.left[first])
        feature = self._given["feature"][node]
        reach = reached.get(feature, _Reach())
        middle = (first + last) // 2
        end, null_left = known.ends[middle], nulls is not None and nulls <= middle
        place = self._split(node, end, null_left=null_left)
        below = {**reached, feature: replace(reach, high=end, nulls=reach.nulls and null_left)}
        above = {**reached, feature: replace(reach, low=end, nulls=reach.nulls and not null_left)}
        left = self._search(node, known, (first, middle, nulls if null_left else None), below)
        right = self._search(node, known, (middle + 1, last, None if null_left else nulls), above)
        return self._under(place, left, right)

    def _side(self, node: int, reached: _Reached, *, left: bool) -> int:
        return self.copy(self._given["left" if left else "right"][node], reached)

    def _split(self, node: int, end: float, *, null_left: bool) -> int:
        own = {name: values[node] for name, values in self._given.items()}
        return self._add({**own, "threshold": end, "null_left": null_left})

    def _add(self, values: Mapping[str, Any]) -> int:
        place = len(self.made["feature"])
        if place >= MOST_NODES:
            not_lowered(f"its splits by category would take more than {MOST_NODES:,} nodes a tree")
        for name, column in self.made.items():
            column.append(values[name])
        return place

    def _under(self, place: int, left: int, right: int) -> int:
        self.made["left"][place], self.made["right"][place] = left, right
        return place


def members_of(words: Floats | Sequence[int]) -> list[int]:
    """The members of a bit set of 32-bit words."""
    return [32 * place + bit for place, word in enumerate(words) for bit in range(32) if int(word) >> bit & 1]
