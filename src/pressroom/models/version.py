"""Versions of models, worked out from what a consumer can notice.

major  an input is gone, new and required, no longer optional, or of another type or unit; or the output changed
minor  a new optional input, an input that became optional, or golden predictions that moved by more than TOLERANCE
patch  the same signature, and golden predictions within TOLERANCE
"""

from dataclasses import dataclass

import numpy as np

from pressroom.models.signature import Floats, Signature
from pressroom.values import FIRST, Change, FieldSchema, InvalidInput, Version

TOLERANCE = 1e-3
"""A prediction that moved by more than this, absolutely, on any golden row is a change that consumers are told of."""


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Behaviour:
    """A model as its consumers see it: its signature, and its answers on the golden rows of the newer model.

    `predictions` may be None for the older model when it can't answer those rows because its signature differs.
    """

    signature: Signature
    predictions: Floats | None


def next_version(previous: Version | None, before: Behaviour | None, after: Behaviour) -> tuple[Version, str]:
    """The version of the model `after`, and the reason in a sentence; the first one is 1.0.0.

    Both behaviours must be over the same golden rows; refuses answers of different lengths.
    """
    if previous is None:
        return FIRST, "It is the first version."
    if before is None:
        return previous.after(Change.MAJOR), "Nothing is known of the version before it."
    change, reason = _signature_change(before.signature, after.signature)
    if change is Change.PATCH:
        change, reason = _prediction_change(before.predictions, after.predictions)
    return previous.after(change), reason


def _signature_change(before: Signature, after: Signature) -> tuple[Change, str]:
    old = {field.name: field for field in before.inputs}
    new = {field.name: field for field in after.inputs}
    major = _output_breaks(before.output, after.output)
    major += [f"the input {name} is gone" for name in old if name not in new]
    major += [f"the input {name} is new and required" for name, f in new.items() if name not in old and not f.optional]
    for name in old.keys() & new.keys():
        major += _input_breaks(old[name], new[name])
    if major:
        return Change.MAJOR, _sentence(major)
    minor = [f"the optional input {name} is new" for name in new if name not in old]
    minor += [f"the input {name} became optional" for name in old if new[name].optional and not old[name].optional]
    return (Change.MINOR, _sentence(minor)) if minor else (Change.PATCH, "")


def _output_breaks(before: FieldSchema, after: FieldSchema) -> list[str]:
    if (before.name, before.type, before.unit) == (after.name, after.type, after.unit):
        return []
    return [f"the output was {_described(before)} and is {_described(after)}"]


def _input_breaks(before: FieldSchema, after: FieldSchema) -> list[str]:
    breaks: list[str] = []
    if (before.type, before.unit) != (after.type, after.unit):
        breaks.append(f"the input {after.name} was {_described(before)} and is {_described(after)}")
    if before.optional and not after.optional:
        breaks.append(f"the input {after.name} may no longer be null")
    return breaks


def _prediction_change(before: Floats | None, after: Floats | None) -> tuple[Change, str]:
    if before is None or after is None or before.shape != after.shape or len(after) == 0:
        raise InvalidInput(
            "These are not two models' answers on the same golden rows, by which they are compared.",
            next_step="Ask both models for predictions on the newer model's golden rows.",
        )
    moved = float(np.abs(after - before).max())
    if moved <= TOLERANCE:
        return Change.PATCH, f"Golden predictions moved by at most {moved:.2g}."
    return Change.MINOR, f"Golden predictions moved by up to {moved:.2g}, more than {TOLERANCE:g}."


def _described(field: FieldSchema) -> str:
    return f"{field.name} ({field.type}{f', {field.unit}' if field.unit else ''})"


def _sentence(reasons: list[str]) -> str:
    text = "; ".join(sorted(reasons))
    return f"{text[0].upper()}{text[1:]}."
