"""Programs: several formulas compiled into one list of operations, so that what they share is worked out once."""

from collections.abc import Mapping, Sequence

import numpy as np

from pressroom.features.errors import BadView
from pressroom.features.formulas.formula import Formula, Step, constant_in
from pressroom.features.formulas.operations import OPERATIONS, Operation
from pressroom.features.formulas.values import Held, held_constant
from pressroom.values import FieldType


class Program:
    """Works out formulas by name. The same code answers one row and ten million."""

    def __init__(self, formulas: Mapping[str, Formula]) -> None:
        """Compile them. Refuses functions that this version does not know."""
        steps, results = _merged(formulas)
        texts = [constant_in(step) for step in steps if step.do == "constant" and step.type == "string"]
        self.texts = tuple(str(text) for text in texts)
        """The constants among the texts: a text column holds the first as 0, the second as 1 ..."""
        self.inputs: dict[str, FieldType] = {str(s.text): s.type for s in steps if s.do == "input"}
        self.outputs: dict[str, FieldType] = {name: formula.type() for name, formula in formulas.items()}
        slots = _slots(steps, set(results.values()))
        self._start: list[Held | None] = [None] * (max(slots, default=-1) + 1)
        codes = {text: code for code, text in enumerate(self.texts)}
        self._work: list[tuple[Operation, tuple[int, ...], int]] = []
        for step, slot in zip(steps, slots, strict=True):
            if step.do in ("constant", "null"):
                self._start[slot] = held_constant(step, codes)
            elif step.do != "input":
                self._work.append((_operation(step), tuple(slots[place] for place in step.of), slot))
        by_name = {str(step.text): slot for step, slot in zip(steps, slots, strict=True) if step.do == "input"}
        self._given = tuple(by_name[name] for name in self.inputs)
        self._results = tuple(slots[results[name]] for name in self.outputs)

    def run(self, inputs: Sequence[Held]) -> list[Held]:
        """The results, in the order of `outputs`, of columns in the order of `inputs`, all of one length."""
        slots = self._start.copy()
        for slot, held in zip(self._given, inputs, strict=True):
            slots[slot] = held
        with np.errstate(all="ignore"):
            for operation, of, slot in self._work:
                slots[slot] = operation(*[slots[place] for place in of])
        return [slots[slot] for slot in self._results]  # pyright: ignore[reportReturnType]


def _operation(step: Step) -> Operation:
    if step.do not in OPERATIONS:
        raise BadView(
            f"There is no function {step.do!r} to derive features with.", next_step="A newer Pressroom wrote this."
        )
    return OPERATIONS[step.do]


def _merged(formulas: Mapping[str, Formula]) -> tuple[list[Step], dict[str, int]]:
    """All steps, equal ones once, and where each formula's result is."""
    steps: list[Step] = []
    found: dict[Step, int] = {}
    results: dict[str, int] = {}
    for name, formula in formulas.items():
        places: list[int] = []
        for step in formula.steps:
            moved = Step(do=step.do, type=step.type, of=tuple(places[place] for place in step.of), text=step.text)
            place = found.setdefault(moved, len(steps))
            if place == len(steps):
                steps.append(moved)
            places.append(place)
        results[name] = places[-1]
    return steps, results


def _slots(steps: Sequence[Step], results: set[int]) -> list[int]:
    """Where each step leaves its answer: where an earlier one's is not needed any more, so that little is held."""
    last = {place: number for number, step in enumerate(steps) for place in step.of}
    slots: list[int] = []
    free: list[int] = []
    for step in steps:
        # Constants stay for the next rows, and inputs are there from the start, so both have slots of their own.
        if step.do in ("input", "constant", "null") or not free:
            slots.append(max(slots, default=-1) + 1)
        else:
            slots.append(free.pop())
        number = len(slots) - 1
        for place in set(step.of):
            if last[place] == number and place not in results and steps[place].do not in ("constant", "null", "input"):
                free.append(slots[place])
    return slots
