"""Traces: what a function does to its columns, written down step by step while it runs once."""

import math
from collections.abc import Mapping, Sequence

import numpy as np

from pressroom.features.errors import BadView
from pressroom.features.formulas.formula import Constant, Formula, Step, constant_in, constant_step, input_step
from pressroom.values import FieldType

MOST_STEPS = 20_000
_WIDER: tuple[FieldType, ...] = ("bool", "int", "float")
_WORDS_OF: dict[str, str] = {"bool": "a truth", "int": "a whole number", "float": "a number", "string": "a text"}


class Trace:
    """The steps of one function so far; equal steps are one."""

    def __init__(self, name: str) -> None:
        """Start for the derived feature called so."""
        self.name = name
        self.steps: list[Step] = []
        self._places: dict[Step, int] = {}

    def add(self, step: Step) -> int:
        """Where the step is. Refuses more than 20,000 steps."""
        place = self._places.setdefault(step, len(self.steps))
        if place == len(self.steps):
            if place == MOST_STEPS:
                raise self.refusal(
                    f"it takes more than {MOST_STEPS:,} steps.", "Split it, or let a model learn what it works out."
                )
            self.steps.append(step)
        return place

    def input(self, name: str, kind: FieldType) -> int:
        """An input."""
        if kind not in ("int", "float", "bool", "string", "timestamp"):
            raise self.refusal(
                f"{name} is of type {kind}, which has no elementwise functions.", "Derive from single values."
            )
        return self.add(input_step(name, kind))

    def constant(self, value: object) -> int:
        """A constant of Python or numpy: a truth, a whole number of 64 bits, a float or a text."""
        plain = value.item() if isinstance(value, np.generic) else value
        if plain is None:
            raise self.refusal(
                "None is no value to reckon or compare with.", "Write pr.is_null(x), pr.coalesce(x, other) or pr.where."
            )
        if not isinstance(plain, Constant):
            raise self.refusal(
                f"{_short(plain)} is neither a column nor a constant.", "Constants are int, float, bool and str."
            )
        if isinstance(plain, int) and not -(2**63) <= plain < 2**63:
            raise self.refusal(f"{_short(plain)} does not fit in 64 bits.", "Write it as a float.")
        return self.add(constant_step(plain))

    def apply(self, do: str, kind: FieldType, *of: int) -> int:
        """A function of earlier steps."""
        return self.add(Step(do=do, type=kind, of=of))

    def splice(self, formula: Formula, inputs: Mapping[str, int]) -> int:
        """The result of another formula of these inputs."""
        places: list[int] = []
        for step in formula.steps:
            if step.do == "input":
                places.append(inputs[str(step.text)])
            else:
                of = tuple(places[place] for place in step.of)
                places.append(self.add(Step(do=step.do, type=step.type, of=of, text=step.text)))
        return places[-1]

    def type_of(self, place: int) -> FieldType:
        """The type of the step there."""
        return self.steps[place].type

    def widened(self, place: int, kind: FieldType) -> int:
        """The step there as a wider type: truths are 0 and 1, whole numbers beyond 2**53 the nearest float."""
        step = self.steps[place]
        if step.type == kind:
            return place
        if step.do == "null":
            return self.add(Step(do="null", type=kind))
        if step.do == "constant":
            value = constant_in(step)
            return self.add(constant_step(float(value) if kind == "float" else int(value)))
        return self.apply(kind, kind, place)

    def alike(self, do: str, places: Sequence[int]) -> list[int]:
        """The steps there in the one type that all of them can have: the widest of numbers, or the same type."""
        kinds: set[FieldType] = {self.type_of(place) for place in places if self.steps[place].do != "null"}
        if not kinds:
            raise self.refusal(f"{do} of nothing but None.", "Give at least one value that is not None.")
        if kinds <= set(_WIDER):
            kind = _WIDER[max(map(_WIDER.index, kinds))]
            return [self.widened(place, kind) for place in places]
        if len(kinds) > 1:
            raise self.refusal(
                f"{do} takes values of one type, found {self.listed(places)}.", "Compare and choose like with like."
            )
        (kind,) = kinds
        return [self.add(Step(do="null", type=kind)) if self.steps[p].do == "null" else p for p in places]

    def listed(self, places: Sequence[int]) -> str:
        """Steps in words: names and constants as they are, with their types."""
        return " and ".join(self._words(place) for place in places)

    def _words(self, place: int) -> str:
        step = self.steps[place]
        if step.do == "input":
            return f"{step.text} ({step.type})"
        if step.do == "constant":
            return f"{step.text!r}" if step.type == "string" else f"{step.text}"
        return "None" if step.do == "null" else f"{_WORDS_OF.get(step.type, f'a {step.type}')} worked out by {step.do}"

    def refusal(self, what: str, next_step: str) -> BadView:
        """What is wrong with the function."""
        return BadView(f"{self.name}: {what}", next_step=next_step)


def power_of(trace: Trace, exponent: object) -> int:
    """A power that products can be written for. Refuses all others: their last bits differ from machine to machine."""
    plain = exponent.item() if isinstance(exponent, np.generic) else exponent
    if isinstance(plain, int | float) and not isinstance(plain, bool) and math.isfinite(plain):
        whole = int(plain)
        if whole == plain and 1 <= whole <= 16:
            return whole
    raise trace.refusal(
        "powers are known for constant whole exponents from 1 to 16.",
        "Write np.sqrt(x) for x ** 0.5, 1 / x ** 2 for x ** -2, and np.exp(b * np.log(a)) for a ** b.",
    )


def _short(value: object) -> str:
    text = repr(value)
    return text if len(text) <= 60 else f"{text[:57]}..."
