"""Versions of models, worked out from what a consumer can notice.

major  an input is gone, new and required, no longer optional, or of another type, unit, length or entity; the output
       changed; what an input or the label means changed; answers are numbers of another space (embeddings)
minor  a new optional input, an input that became optional, or golden predictions that moved by more than TOLERANCE
patch  the same signature and meaning, and golden predictions within TOLERANCE
"""

from collections.abc import Mapping
from dataclasses import dataclass
from dataclasses import field as filled
from typing import Literal

import numpy as np

from pressroom.models.signature import Floats, Signature
from pressroom.values import FIRST, Change, FieldSchema, InvalidInput, Version

TOLERANCE = 1e-3
"""A prediction that moved by more than this, absolutely, on any golden row is a change that consumers are told of."""


Rule = Literal["first", "unknown", "signature", "meaning", "space", "behaviour"]
_SHOWN = 5


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Behaviour:
    """A model as its consumers see it: its signature, and its answers on the golden rows of the newer model.

    `predictions` may be None for the older model when it can't answer those rows because its signature differs.
    `meanings` say how inputs and the label are defined, by name; `space` which space an embedding's numbers are of.
    """

    signature: Signature
    predictions: Floats | None
    meanings: Mapping[str, str] = filled(default_factory=dict[str, str])
    space: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class MovedRow:
    """A golden row that the older and the newer model answer differently (of vectors: where they differ most)."""

    row: int
    before: float
    after: float


@dataclass(frozen=True, slots=True, kw_only=True)
class VersionReport:
    """A version, and why: the rule that fired, in words, and the golden rows that moved most.

    `flips` is the share of rows on the other side of one half (None where answers are no chances); `most` the largest
    difference (None where the two can't be compared).
    """

    version: Version
    rule: Rule
    reason: str
    most: float | None = None
    flips: float | None = None
    moved: tuple[MovedRow, ...] = ()

    def words(self) -> str:
        """The reason, and where answers moved."""
        rows = ", ".join(f"row {one.row}: {one.before:.4g} -> {one.after:.4g}" for one in self.moved)
        flips = f" {self.flips:.2%} of rows crossed one half." if self.flips else ""
        return f"{self.reason}{flips}" + (f" Most: {rows}." if rows else "")


def next_version(previous: Version | None, before: Behaviour | None, after: Behaviour) -> tuple[Version, str]:
    """The version of the model `after`, and the reason in a sentence; the first one is 1.0.0.

    Both behaviours must be over the same golden rows; refuses answers of different lengths.
    """
    report = version_report(previous, before, after)
    return report.version, report.reason


def version_report(previous: Version | None, before: Behaviour | None, after: Behaviour) -> VersionReport:
    """The version of the model `after` with the rule that made it so. Refuses answers of different lengths."""
    if previous is None:
        return VersionReport(version=FIRST, rule="first", reason="It is the first version.")
    if before is None:
        version = previous.after(Change.MAJOR)
        return VersionReport(version=version, rule="unknown", reason="Nothing is known of the version before it.")
    most, flips, moved = _moves(before.predictions, after.predictions, after.signature)
    change, reason = _signature_change(before.signature, after.signature)
    rule: Rule = "signature"
    if change is not Change.MAJOR:
        broken, words = _meaning_change(before, after)
        if broken:
            change, rule, reason = Change.MAJOR, broken, words
    if change is Change.PATCH:
        rule, (change, reason) = "behaviour", _prediction_change(before.predictions, after.predictions)
    return VersionReport(version=previous.after(change), rule=rule, reason=reason, most=most, flips=flips, moved=moved)


def _meaning_change(before: Behaviour, after: Behaviour) -> tuple[Rule | None, str]:
    if before.space != after.space:
        said = [space or "no space of its own" for space in (before.space, after.space)]
        return "space", f"Its answers were numbers of {said[0]} and are of {said[1]}."
    changed = [
        f"{name} meant {before.meanings[name]} and means {after.meanings[name]}"
        for name in sorted(before.meanings.keys() & after.meanings.keys())
        if before.meanings[name] != after.meanings[name]
    ]
    return ("meaning", _sentence(changed)) if changed else (None, "")


def _moves(
    before: Floats | None, after: Floats | None, signature: Signature
) -> tuple[float | None, float | None, tuple[MovedRow, ...]]:
    if before is None or after is None or before.shape != after.shape or len(after) == 0:
        return None, None, ()
    differences = np.abs(after - before).reshape(len(after), -1)
    worst = differences.max(axis=1)
    flat = [answers.reshape(differences.shape) for answers in (before, after)]
    order = np.argsort(-worst, kind="stable")[:_SHOWN]
    moved = tuple(
        MovedRow(row=int(row), before=float(flat[0][row, place]), after=float(flat[1][row, place]))
        for row in order
        if worst[row] > TOLERANCE
        for place in [int(differences[row].argmax())]
    )
    chances = signature.output.unit == "probability" and after.ndim == 1
    flips = float(((before > 0.5) != (after > 0.5)).mean()) if chances else None
    return float(worst.max()), flips, moved


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
    if all(getattr(before, part) == getattr(after, part) for part in ("name", "type", "unit", "length", "values")):
        return []
    return [f"the output was {_described(before)} and is {_described(after)}"]


def _input_breaks(before: FieldSchema, after: FieldSchema) -> list[str]:
    breaks: list[str] = []
    if any(getattr(before, part) != getattr(after, part) for part in ("type", "unit", "length", "entity")):
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
    said = [field.type, field.unit, f"of {field.entity}" if field.entity else ""]
    if isinstance(field.length, int):
        said.append(f"length {field.length}")
    if field.values:
        said.append("/".join(field.values))
    return f"{field.name} ({', '.join(part for part in said if part)})"


def _sentence(reasons: list[str]) -> str:
    text = "; ".join(sorted(reasons))
    return f"{text[0].upper()}{text[1:]}."
