"""A fused region ready to run: its graph in a session, after it has answered like the separate models."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from pressroom.models.ensemble.checked import Checked
from pressroom.models.ensemble.declaration import Node
from pressroom.models.ensemble.fuse import CannotFuse, Fused, column_places, fuse, value_of
from pressroom.models.ensemble.probe import probe_rows
from pressroom.models.ensemble.regions import Region, region_of
from pressroom.models.errors import SignatureMismatch
from pressroom.models.open_session import open_session
from pressroom.models.parity import TOLERANCE
from pressroom.models.signature import Floats, Inputs, side_by_side
from pressroom.models.structure import MATRIX
from pressroom.values import InvalidInput


class FusedSession:
    """One onnxruntime session for several nodes."""

    def __init__(self, fused: Fused) -> None:
        """Open it. Raises InvalidInput where onnxruntime does not take the graph."""
        self.fused = fused
        self._session: Any = open_session(fused.onnx)
        # A graph of inputs that nobody reads has none.
        self._takes = {wanted.name for wanted in self._session.get_inputs()}
        self._wanted = [value_of(name) for name in fused.gives]

    def run(self, numbers: Floats, inputs: Inputs) -> dict[str, Floats]:
        """The values of `gives`: numbers (n,), vectors (n, length)."""
        asked: dict[str, Any] = {MATRIX: numbers} if MATRIX in self._takes else {}
        for name in self.fused.texts:
            values = inputs[name].tolist()
            asked[name] = np.array(["" if value is None else value for value in values], dtype=object)[:, None]
        found = self._session.run(self._wanted, asked)
        return {
            name: value[:, 0] if value.shape[1] == 1 else value
            for name, value in zip(self.fused.gives, found, strict=True)
        }


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Placed:
    """A region with its session, if it has one, and the regions that its cascades ask."""

    region: Region
    session: FusedSession | None
    asked: Mapping[str, "Placed"]


def place(checked: Checked) -> Placed:
    """Fuse what can be, and prove it on probe rows; what can't be or differs runs alone, and the region says why."""
    refused: dict[str, str] = {}
    while True:
        try:
            return _placed(checked, region_of(checked, refused))
        except CannotFuse as found:
            refused[found.node] = found.reason


def numbers_of(checked: Checked, inputs: Inputs, names: Sequence[str], count: int) -> Floats:
    """The inputs that are no texts (n, k), all of them and in the signature's order; a missing column of an optional
    input is null.
    """
    if names and all(name in inputs for name in names):
        # At once: one row is the usual question, and a look at each column costs more than the answer.
        return np.ascontiguousarray(side_by_side([inputs[name] for name in names], count).T)
    optional = {field.name for field in checked.signature.inputs if field.optional}
    places = column_places(checked)
    rows = np.full((count, sum(len(places[name]) for name in names)), np.nan)
    for name in names:
        if name in inputs:
            rows[:, places[name]] = inputs[name].reshape(count, -1)
        elif name not in optional:
            raise SignatureMismatch(
                f"The ensemble's input {name!r} is missing.",
                next_step=f"Give {', '.join(checked.signature.names())}, or a default to the models that take it.",
            )
    return rows


def _placed(checked: Checked, region: Region) -> Placed:
    asked = {name: _placed(checked, part) for name, part in region.asked.items()}
    session = _open(checked, region) if region.fused else None
    return Placed(region=region, session=session, asked=asked)


def _open(checked: Checked, region: Region) -> FusedSession:
    _prove(checked, region.fused)
    return FusedSession(fuse(checked, region.fused, _read_elsewhere(checked, region)))


def _read_elsewhere(checked: Checked, region: Region) -> list[str]:
    """The fused nodes that others read: nodes outside the session, cascades' regions, or whoever asked."""
    inside = {node.name for node in region.fused}
    read = {checked.ensemble.output}
    for node in checked.ensemble.nodes:
        if node.name not in inside:
            read.update(node.of)
            if node.does == "model":
                signature = checked.members[node.name].signature
                read.update(checked.source(node, name) for name in signature.names())
    # What a cascade names is read by it, so a region that it asks gives that.
    return [node.name for node in region.fused if node.name in read]


def _prove(checked: Checked, nodes: Sequence[Node]) -> None:
    """Compare each model of the fused graph with the model alone. Raises CannotFuse with the first that differs."""
    models = [node for node in nodes if node.does == "model"]
    names = [node.name for node in models]
    try:
        session = FusedSession(fuse(checked, nodes, names))
    except InvalidInput as error:
        raise CannotFuse(_culprit(checked, models), error.message) from error
    inputs = probe_rows(checked)
    count = len(next(iter(inputs.values())))
    known: dict[str, Floats] = session.run(numbers_of(checked, inputs, session.fused.numbers, count), inputs)
    values: dict[str, Any] = {**inputs, **known}
    for node in models:
        member = checked.members[node.name]
        fed = {name: values[checked.source(node, name)] for name in member.signature.names()}
        with np.errstate(invalid="ignore"):  # a row with nulls may have no answer, here as there
            alone = member.runnable.predict(fed)
        difference = np.abs(known[node.name] - alone) / np.maximum(1.0, np.abs(alone))
        same_null = np.isnan(known[node.name]) == np.isnan(alone)
        if not same_null.all() or (difference[~np.isnan(difference)] > TOLERANCE).any():
            worst = float(np.nanmax(difference)) if not np.isnan(difference).all() else float("nan")
            raise CannotFuse(node.name, f"fused, it answers differently by up to {worst:.2g}")


def _culprit(checked: Checked, models: Sequence[Node]) -> str:
    """The model whose graph onnxruntime does not take; the last one where each alone would do."""
    for node in models[:-1]:
        try:
            FusedSession(fuse(checked, [node], [node.name]))
        except (InvalidInput, KeyError):
            return node.name
    return models[-1].name
