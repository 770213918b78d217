"""Parity: the form that serves against the model that was trained, row by row, also where models are brittle."""

from dataclasses import dataclass

import numpy as np

from pressroom.models.errors import ParityBroken
from pressroom.models.package import Moved, Parity
from pressroom.models.signature import Column, Floats, Inputs, Signature, count_rows, length_of, take_rows
from pressroom.models.structure import Structure, Trees

TOLERANCE = 1e-6
"""The serving form may differ from the trained model by this much on a row: absolutely below 1, relatively above."""

_SPLITS = 64
_SHOWN = 5


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Compared:
    """Answers of both, and what was found. `broken` is a sentence where they differ by more than is allowed."""

    parity: Parity
    broken: str


def compare(trained: Floats, served: Floats, *, tolerance: float = TOLERANCE) -> Compared:
    """Compare answers on the golden rows. Raises ParityBroken for answers of different shapes."""
    if trained.shape != served.shape:
        raise ParityBroken(
            f"The trained model answers in shape {trained.shape}, the form that serves in {served.shape}.",
            next_step="A model gives one number a row, or a vector of the length that its output says.",
        )
    differences = np.abs(trained - served).reshape(len(trained), -1)
    relative = differences / np.maximum(1.0, np.abs(trained).reshape(differences.shape))
    parity = Parity(
        rows=len(trained),
        max_abs_diff=float(differences.max()),
        max_rel_diff=float(relative.max()),
        tolerance=tolerance,
        moved=_moved(trained, served, differences),
    )
    worst = float(relative.max())
    row = int(np.argmax(np.where(np.isnan(relative), np.inf, relative).max(axis=1)))
    broken = "" if worst <= tolerance else f"On golden row {row} trained and serving form differ by {worst:.3g}."
    return Compared(parity=parity, broken=broken)


def edge_rows(inputs: Inputs, signature: Signature, structure: Structure | None) -> Inputs | None:
    """Golden rows with one input changed: made null where it may be, and put on thresholds, just above them, and on
    their nearest float32. None where there is nothing to try.
    """
    places: list[int] = []
    changes: list[tuple[str, float | None]] = []
    columns = _places(signature)
    for place, field in enumerate(signature.inputs):
        if field.optional:
            places.append(place)
            changes.append((field.name, None))
    edges = _edges(structure) if isinstance(structure, Trees) else []
    for place, (name, edge) in enumerate(edges):
        if name in columns and inputs[columns[name][0]].dtype == np.float64:
            near = [edge, float(np.nextafter(edge, np.inf)), float(np.float32(edge))]
            places += [place] * len(near)
            changes += [(name, value) for value in near]
    if not changes:
        return None
    rows = take_rows(inputs, np.array(places, dtype=np.int64) % count_rows(inputs))
    changed: dict[str, Column] = {name: column.copy() for name, column in rows.items()}
    for row, (name, value) in enumerate(changes):
        _change(changed[columns[name][0]], row, columns[name][1], value)
    return changed


def _change(column: Column, row: int, place: int, value: float | None) -> None:
    """Put a value into a row (of a vector: at a place, if there is a vector), or make it null."""
    if value is None:
        column[row] = None if column.dtype == np.object_ else np.nan
    elif column.ndim == 1:
        column[row] = value
    elif not np.isnan(column[row, 0]):
        column[row, place] = value


def _edges(trees: Trees) -> list[tuple[str, float]]:
    """Up to _SPLITS splits, evenly spread: the input, and the threshold."""
    inner = np.flatnonzero((trees.feature >= 0) & np.isfinite(trees.threshold))
    chosen = inner[np.linspace(0, len(inner) - 1, min(len(inner), _SPLITS)).astype(np.int64)]
    return [(trees.inputs[trees.feature[node]], float(trees.threshold[node])) for node in chosen]


def _places(signature: Signature) -> dict[str, tuple[str, int]]:
    """The input that a column is of, and its place in it if that is a vector; inputs under their own names too."""
    found = {field.name: (field.name, 0) for field in signature.inputs}
    for field in signature.inputs:
        if field.type == "vector":
            found.update((f"{field.name}.{place}", (field.name, place)) for place in range(length_of(field)))
    return found


def _moved(trained: Floats, served: Floats, differences: Floats) -> tuple[Moved, ...]:
    worst = differences.max(axis=1)
    order = np.argsort(-worst, kind="stable")[:_SHOWN]
    flat, other = trained.reshape(differences.shape), served.reshape(differences.shape)
    return tuple(
        Moved(
            row=int(row),
            trained=float(flat[row, differences[row].argmax()]),
            served=float(other[row, differences[row].argmax()]),
        )
        for row in order
        if worst[row] > 0
    )
