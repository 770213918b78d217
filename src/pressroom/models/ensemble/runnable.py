"""An ensemble that answers: its session, the nodes that run alone, defaults for what is missing or late."""

from collections.abc import Iterable, Mapping
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass
from time import monotonic
from typing import Literal

import numpy as np
import numpy.typing as npt

from pressroom.models.ensemble.checked import Checked, Member, check
from pressroom.models.ensemble.declaration import Ensemble, Node
from pressroom.models.ensemble.errors import BadEnsemble
from pressroom.models.ensemble.expressions import evaluate, unsure
from pressroom.models.ensemble.fuse import column_places
from pressroom.models.ensemble.session import Placed, numbers_of, place
from pressroom.models.errors import SignatureMismatch
from pressroom.models.package import Origin
from pressroom.models.signature import Column, Floats, Inputs, Signature, count_rows, width
from pressroom.models.structure import Graph

Mask = npt.NDArray[np.bool_]
Places = npt.NDArray[np.int64]


@dataclass(frozen=True, slots=True, kw_only=True)
class Replaced:
    """A node whose default stood in, in which rows of the call, and why: an input was missing, or the answer late."""

    node: str
    why: Literal["missing", "late"]
    default: float
    rows: tuple[int, ...]


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class EnsembleAnswer:
    """Answers (n,), or (n, length) of vectors, and what was replaced on the way."""

    values: Floats
    replaced: tuple[Replaced, ...]


class RunnableEnsemble:
    """Safe to call from several threads at once. Rows may lack inputs whose models all have defaults."""

    def __init__(self, checked: Checked) -> None:
        """Fuse what can be fused, which is proven on probe rows first; this takes milliseconds a model."""
        self.checked = checked
        self.placed = place(checked)
        self._numbers = tuple(field.name for field in checked.signature.inputs if field.type != "string")
        needed = _needed(checked)
        places = column_places(checked)
        self._needed_numbers = [place for name in self._numbers if name in needed for place in places[name]]
        self._needed_texts = [f.name for f in checked.signature.inputs if f.type == "string" and f.name in needed]
        late = sum(node.within_ms is not None for node in checked.ensemble.nodes)
        self._waiting = ThreadPoolExecutor(max_workers=4 * late, thread_name_prefix="ensemble") if late else None
        self._whole = not self.placed.region.alone and not any(
            node.default is not None for node in checked.ensemble.nodes
        )

    @property
    def ensemble(self) -> Ensemble:
        """What was declared."""
        return self.checked.ensemble

    @property
    def members(self) -> Mapping[str, Member]:
        """The models by node."""
        return self.checked.members

    @property
    def signature(self) -> Signature:
        """The inputs of all models and expressions, and the output."""
        return self.checked.signature

    @property
    def structure(self) -> Graph | None:
        """The one graph that it is, where all of it is fused and nothing has a default; so it fuses into others."""
        session = self.placed.session
        if not self._whole or session is None or session.fused.texts:
            return None
        return Graph(onnx=session.fused.onnx)

    def origin(self) -> Origin:
        """What it was made from, for packing: its models, all their labels, and the purposes that all of them allow."""
        members = self.members.values()
        allowed = [set(member.purposes) for member in members if member.purposes]
        purposes = set[str].intersection(*allowed) if allowed else set[str]()
        if allowed and not purposes:
            raise BadEnsemble(
                f"No purpose is allowed to all models of {self.ensemble.name}.",
                next_step="Take models that may be used for the same purpose.",
            )
        return Origin(
            parents=tuple(sorted({member.digest for member in members})),
            labels=tuple(sorted({label for member in members for label in member.labels})),
            purposes=tuple(sorted(purposes)),
        )

    def predict(self, inputs: Inputs) -> Floats:
        """The answers alone."""
        return self.answer(inputs).values

    def answer(self, inputs: Inputs) -> EnsembleAnswer:
        """Answers, and which nodes were replaced by their defaults in which rows. Raises SignatureMismatch."""
        count = count_rows(inputs)
        if not count:
            length = width(self.signature)
            return EnsembleAnswer(values=np.empty((0, length) if length else 0), replaced=())
        numbers = numbers_of(self.checked, inputs, self._numbers, count)
        complete = self._complete(inputs, numbers)
        session = self.placed.session
        if complete and session is not None and not self.placed.region.alone:
            return EnsembleAnswer(values=session.run(numbers, inputs)[self.ensemble.output], replaced=())
        call = _Call(self, inputs, numbers, complete=complete)
        values = call.run(self.placed, np.arange(count), {})
        return EnsembleAnswer(values=values[self.ensemble.output], replaced=tuple(call.replaced))

    def _complete(self, inputs: Inputs, numbers: Floats) -> bool:
        """Whether no row lacks an input that some model can't do without."""
        if np.isnan(numbers.sum()) and np.isnan(numbers[:, self._needed_numbers]).any():
            return False
        return all(name in inputs and None not in inputs[name].tolist() for name in self._needed_texts)

    def ask(self, node: Node, inputs: Inputs) -> "_Asked":
        """Ask a model that has a deadline, which begins now."""
        assert self._waiting is not None
        assert node.within_ms is not None
        asked = self._waiting.submit(self.members[node.name].runnable.predict, inputs)
        return _Asked(answer=asked, until=monotonic() + node.within_ms / 1000)


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class _Asked:
    answer: "Future[Floats]"
    until: float

    def wait(self) -> Floats | None:
        """The answer, or None when it is late."""
        try:
            return self.answer.result(timeout=max(0.0, self.until - monotonic()))
        except TimeoutError:
            self.answer.cancel()
            return None


class _Call:
    """One call: its inputs, and what was replaced so far."""

    def __init__(self, runnable: RunnableEnsemble, inputs: Inputs, numbers: Floats, *, complete: bool) -> None:
        self._runnable = runnable
        self._checked = runnable.checked
        self._inputs = inputs
        self._numbers = numbers
        self._count = len(numbers)
        self._is_complete = complete
        self.replaced: list[Replaced] = []
        vectors = {field.name for field in runnable.signature.inputs if field.type == "vector"}
        self._place: dict[str, int | slice] = {
            name: slice(places.start, places.stop) if name in vectors else places.start
            for name, places in column_places(runnable.checked).items()
        }

    def run(self, placed: Placed, rows: Places, given: Mapping[str, Floats]) -> dict[str, Floats]:
        """The values of a region's nodes in these rows; `given` are nodes outside it, in the same rows."""
        values = dict(given)
        region, session = placed.region, placed.session
        waited = {
            node.name: self._ask_later(node, rows)
            for node in region.nodes
            if node.within_ms is not None and not self._fed_by_nodes(node)
        }
        fused: set[str] = set()
        if session is not None and (self._is_complete or not self._lacking(region.fused, rows)):
            texts = {name: self._text(name)[rows] for name in session.fused.texts}
            values.update(session.run(self._rows(rows), texts))
            fused = {node.name for node in region.fused}
        for node in region.nodes:
            if node.name in fused:
                continue
            if node.does == "model":
                values[node.name] = self._model(node, rows, values, waited.get(node.name))
            elif node.name in placed.asked:
                values[node.name] = self._ask(node, placed.asked[node.name], rows, values)
            else:
                values[node.name] = self._expression(node, rows, values)
        return values

    def _ask(self, node: Node, asked: Placed, rows: Places, values: Mapping[str, Floats]) -> Floats:
        """A cascade: the second is computed for the unsure rows only."""
        first = self._value(node.of[0], rows, values)
        doubt = unsure(node, first)
        if not doubt.any():
            return first
        inner = self.run(asked, rows[doubt], {name: value[doubt] for name, value in values.items()})
        made = first.copy()
        made[doubt] = inner[node.of[1]]
        return made

    def _expression(self, node: Node, rows: Places, values: Mapping[str, Floats]) -> Floats:
        operands = [self._value(name, rows, values) for name in node.of]
        if node.does == "cascade":
            return np.where(unsure(node, operands[0]), operands[1], operands[0])
        return evaluate(node, operands)

    def _model(self, node: Node, rows: Places, values: Mapping[str, Floats], waited: _Asked | None) -> Floats:
        member = self._checked.members[node.name]
        missing = self._missing(node, rows)
        known = np.flatnonzero(~missing)
        if missing.any():
            self._replace(node, "missing", rows[missing])
        if not len(known):
            return np.full(len(rows), node.default)
        if node.within_ms is not None:
            asked = waited or self._runnable.ask(node, self._fed(node, rows[known], values, known))
            found = asked.wait()
            if found is None:
                self._replace(node, "late", rows[known])
                return np.full(len(rows), node.default)
        else:
            found = member.runnable.predict(self._fed(node, rows[known], values, known))
        if len(known) == len(rows):
            return found
        made = np.full(len(rows), node.default, dtype=np.float64)
        made[known] = found
        return made

    def _ask_later(self, node: Node, rows: Places) -> _Asked | None:
        known = np.flatnonzero(~self._missing(node, rows))
        if not len(known):
            return None
        return self._runnable.ask(node, self._fed(node, rows[known], {}, known))

    def _fed_by_nodes(self, node: Node) -> bool:
        names = self._checked.members[node.name].signature.names()
        known = {field.name for field in self._checked.signature.inputs}
        return any(self._checked.source(node, name) not in known for name in names)

    def _fed(self, node: Node, rows: Places, values: Mapping[str, Floats], within: Places) -> Inputs:
        """A model's inputs; `rows` are places in the call, `within` the same in the arrays of `values`."""
        fed: dict[str, Column] = {}
        for field in self._checked.members[node.name].signature.inputs:
            source = self._checked.source(node, field.name)
            if source in values:
                fed[field.name] = values[source][within]
            elif source in self._place:
                fed[field.name] = self._numbers[rows, self._place[source]]
            else:
                fed[field.name] = self._text(source)[rows]
        return fed

    def _value(self, name: str, rows: Places, values: Mapping[str, Floats]) -> Floats:
        return values[name] if name in values else self._numbers[rows, self._place[name]]

    def _lacking(self, nodes: Iterable[Node], rows: Places) -> bool:
        """Whether a fused model lacks an input in some row; then all nodes run alone."""
        models = [node for node in nodes if node.does == "model"]
        return any(self._missing(node, rows).any() for node in models)

    def _missing(self, node: Node, rows: Places) -> Mask:
        """The rows in which a model lacks an input that it can't do without."""
        missing = np.zeros(len(rows), dtype=np.bool_)
        if self._is_complete:
            return missing
        for field in self._checked.members[node.name].signature.inputs:
            source = self._checked.source(node, field.name)
            if field.optional:
                continue
            if source in self._place:
                null = np.isnan(self._numbers[rows, self._place[source]])
                missing |= null.any(axis=1) if null.ndim == 2 else null
            elif field.type == "string":
                missing |= np.equal(self._text(source)[rows], None).astype(np.bool_)
        if missing.any() and node.default is None:
            row = int(rows[missing.argmax()])
            raise SignatureMismatch(
                f"Row {row} lacks an input of {node.name} ({node.model}), which has no default.",
                next_step=f"Give the input, or declare model({node.name!r}, ..., default=...).",
            )
        return missing

    def _text(self, name: str) -> Column:
        column = self._inputs.get(name)
        if column is None:
            column = np.full(self._count, None, dtype=np.object_)
        return column

    def _rows(self, rows: Places) -> Floats:
        return self._numbers if len(rows) == self._count else self._numbers[rows]

    def _replace(self, node: Node, why: Literal["missing", "late"], rows: Places) -> None:
        assert node.default is not None
        places = tuple(rows.tolist())
        self.replaced.append(Replaced(node=node.name, why=why, default=node.default, rows=places))


def assemble(ensemble: Ensemble, members: Mapping[str, Member]) -> RunnableEnsemble:
    """An ensemble ready to run, from the model that each node resolved to. Raises BadEnsemble."""
    return RunnableEnsemble(check(ensemble, members))


def _needed(checked: Checked) -> set[str]:
    """The inputs that some model can't do without."""
    found: set[str] = set()
    for node in checked.ensemble.models():
        fields = checked.members[node.name].signature.inputs
        found.update(checked.source(node, field.name) for field in fields if not field.optional)
    return found
