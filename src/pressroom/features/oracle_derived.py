"""The oracle of derived features: their formulas in plain Python, of what the features they are made from come to."""

import math
from collections.abc import Mapping
from functools import partial
from typing import Any

from pressroom.features.formulas.derivation import Derivation
from pressroom.features.formulas.formula import AS_OF
from pressroom.features.formulas.interpret import interpret, is_rounded
from pressroom.features.oracle_kinds import Value
from pressroom.values import Instant

_SHARE = 1e-9
"""By how much of itself a number may differ where exponentials and logarithms are rounded."""


def possible(derivation: Derivation, features: Mapping[str, Value], as_of: Instant) -> list[Value]:
    """What it may come to: one value; with exp, log, sin or cos in it, also what their last bits could make of it."""
    inputs: dict[str, Any] = {**features, AS_OF: as_of}
    exact = interpret(derivation.formula, inputs)
    if not is_rounded(derivation.formula):
        return [exact]
    nudged = [
        interpret(derivation.formula, inputs, nudge=partial(_beside, towards=towards))
        for towards in (math.inf, -math.inf)
    ]
    return [exact, *nudged]


def _beside(number: float, *, towards: float) -> float:
    return math.nextafter(number, towards)


def is_near(derivation: Derivation, said: Value, wanted: Value) -> bool:
    """Whether a value differs from the oracle's by rounding alone; nothing does without exp, log, sin or cos."""
    if not is_rounded(derivation.formula) or not isinstance(said, float) or not isinstance(wanted, float):
        return False
    return abs(said - wanted) <= _SHARE * max(1.0, abs(wanted))
