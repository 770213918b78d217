"""Formulas as data: a list of steps, each of which works on earlier ones; the last is the result."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

from msgspec import UNSET, UnsetType

from pressroom.values import FieldType

AS_OF = "as_of"
"""The input that is the instant as of which a row is asked."""

Constant = int | float | bool | str


@dataclass(frozen=True, slots=True, kw_only=True)
class Step:
    """One step: `input` and `constant` have a `text` (a name, a value as it is written), `null` has nothing, and every
    other is a function `of` the steps at those places.
    """

    do: str
    type: FieldType
    of: tuple[int, ...] = ()
    text: str | UnsetType = UNSET


@dataclass(frozen=True, slots=True, kw_only=True)
class Formula:
    """Steps in an order in which they can be worked out, without two that are the same and without idle ones.

    A list and not a tree of objects: what is used twice is there once, and no depth is too deep. Two functions that do
    the same to the same inputs give equal formulas.
    """

    steps: tuple[Step, ...]

    def type(self) -> FieldType:
        """What type the result is of."""
        return self.steps[-1].type

    def inputs(self) -> dict[str, FieldType]:
        """The inputs by name, in the order in which they are used."""
        return {str(step.text): step.type for step in self.steps if step.do == "input"}

    def renamed(self, names: Mapping[str, str]) -> "Formula":
        """The same of other inputs; those that `names` leaves out keep theirs."""
        steps: list[Step] = []
        found: dict[Step, int] = {}
        places: list[int] = []
        for step in self.steps:
            text = names.get(str(step.text), step.text) if step.do == "input" else step.text
            moved = replace(step, text=text, of=tuple(places[place] for place in step.of))
            if moved not in found:
                found[moved] = len(steps)
                steps.append(moved)
            places.append(found[moved])
        return Formula(steps=tuple(steps))


def formula_of(steps: Sequence[Step], result: int) -> Formula:
    """The formula whose result is at that place: only what it needs, in the one order that its shape gives."""
    places: dict[int, int] = {}
    ordered: list[Step] = []
    waiting = [result]
    while waiting:
        place = waiting[-1]
        missing = [other for other in reversed(steps[place].of) if other not in places]
        if missing:
            waiting.extend(missing)
            continue
        waiting.pop()
        if place not in places:
            places[place] = len(ordered)
            ordered.append(replace(steps[place], of=tuple(places[other] for other in steps[place].of)))
    return Formula(steps=tuple(ordered))


def input_step(name: str, kind: FieldType) -> Step:
    """An input."""
    return Step(do="input", type=kind, text=name)


def constant_step(value: Constant) -> Step:
    """A constant, written so that every bit of it comes back."""
    if isinstance(value, bool):
        return Step(do="constant", type="bool", text="true" if value else "false")
    if isinstance(value, int):
        return Step(do="constant", type="int", text=str(value))
    if isinstance(value, float):
        return Step(do="constant", type="float", text=repr(value))
    return Step(do="constant", type="string", text=value)


def constant_in(step: Step) -> Constant:
    """The value of a constant."""
    text = str(step.text)
    if step.type == "bool":
        return text == "true"
    if step.type == "string":
        return text
    return int(text) if step.type == "int" else float(text)
