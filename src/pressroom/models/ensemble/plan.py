"""The plan of an ensemble: where each node runs and why, which casts happen, and what a row costs on this machine."""

import statistics
import time
from collections.abc import Callable
from dataclasses import dataclass

from pressroom.models.ensemble.declaration import Node
from pressroom.models.ensemble.probe import probe_rows
from pressroom.models.ensemble.runnable import RunnableEnsemble
from pressroom.models.ensemble.session import Placed
from pressroom.models.framework import framework
from pressroom.models.onnx_safety import read_onnx
from pressroom.models.structure import Graph, Trees

_RUNS = 20


@dataclass(frozen=True, slots=True, kw_only=True)
class NodePlan:
    """Where a node runs, why, and what it gives: in the `session` that it is fused into, `alone` in its own runtime, or
    in `numpy` (an expression). What a cascade asks only where it is unsure has a session of its own.
    """

    node: str
    what: str
    where: str
    why: str
    gives: str


@dataclass(frozen=True, slots=True, kw_only=True)
class EnsemblePlan:
    """All nodes in order, casts, and microseconds a row: alone, in a batch of 100, and alone with every model by
    itself.

    Measured on rows at which trees are brittle; cascades ask as often as these rows make them.
    """

    nodes: tuple[NodePlan, ...]
    casts: tuple[str, ...]
    us_per_row_alone: float
    us_per_row_of_100: float
    us_separately: float

    def __str__(self) -> str:
        """A line for each node and cast."""
        wide = max(len(node.node) for node in self.nodes)
        lines = [
            f"{node.node:{wide}}  {node.where:8}  {node.what}: {node.gives}" + (f"; {node.why}" if node.why else "")
            for node in self.nodes
        ]
        lines += [f"cast {cast}" for cast in self.casts]
        return "\n".join([*lines, self.cost()])

    def cost(self) -> str:
        """What a row costs, in words."""
        return (
            f"{self.us_per_row_alone:.0f} us for a row alone ({self.us_separately:.0f} us model by model), "
            f"{self.us_per_row_of_100:.1f} us a row of 100"
        )

    def sessions(self) -> dict[str, list[str]]:
        """The nodes by where they run: `session` (fused), `alone` (models by themselves), `numpy` (expressions)."""
        found: dict[str, list[str]] = {"session": [], "alone": [], "numpy": []}
        for node in self.nodes:
            found[node.where].append(node.node)
        return found


def plan_of(runnable: RunnableEnsemble) -> EnsemblePlan:
    """The plan, measured now: some milliseconds."""
    checked = runnable.checked
    where = _where(runnable.placed, "")
    rows = probe_rows(checked)
    names = runnable.signature.names()
    single = {name: rows[name][:1] for name in names}
    hundred = {name: rows[name].repeat(2, axis=0)[:100] for name in names}
    separately = [
        (member.runnable.predict, {f.name: rows[checked.source(node, f.name)][:1] for f in member.signature.inputs})
        for node in checked.ensemble.models()
        for member in (checked.members[node.name],)
        if all(checked.source(node, f.name) in rows for f in member.signature.inputs)
    ]
    return EnsemblePlan(
        nodes=tuple(
            NodePlan(
                node=node.name,
                what=node.model or node.does,
                where=where[node.name][0],
                why=where[node.name][1],
                gives=str(checked.gives[node.name]),
            )
            for node in checked.ensemble.nodes
            if node.name in where
        ),
        casts=(*map(str, checked.casts), *_rounded(runnable, where)),
        us_per_row_alone=_us(lambda: runnable.predict(single)),
        us_per_row_of_100=_us(lambda: runnable.predict(hundred)) / 100,
        us_separately=_us(lambda: [predict(inputs) for predict, inputs in separately]),
    )


def _where(placed: Placed, asker: str) -> dict[str, tuple[str, str]]:
    """Place and reason by node; a node that several cascades ask is listed under the first."""
    found: dict[str, tuple[str, str]] = {}
    for name, part in placed.asked.items():
        found = {**_where(part, name), **found}
    for node in placed.region.nodes:
        why = placed.region.alone.get(node.name, "")
        asked = f"asked by {asker} only where it is unsure" if asker else ""
        spot = "session" if not why else "numpy" if node.does != "model" else "alone"
        found[node.name] = (spot, "; ".join(filter(None, (why, asked))))
    return found


def _rounded(runnable: RunnableEnsemble, where: dict[str, tuple[str, str]]) -> list[str]:
    """The nodes of a session whose graphs see float32, though values between nodes are float64."""
    return [
        f"all inputs -> {node.name}: float64 to float32, which its framework looks at"
        for node in runnable.ensemble.models()
        if node.name in where and where[node.name][0] == "session" and _sees_float32(runnable, node)
    ]


def _sees_float32(runnable: RunnableEnsemble, node: Node) -> bool:
    structure = runnable.members[node.name].structure
    if isinstance(structure, Trees):
        return structure.precision == "float32"
    if not isinstance(structure, Graph):
        return False
    float32 = framework("onnx").TensorProto.FLOAT
    return any(given.type.tensor_type.elem_type == float32 for given in read_onnx(structure.onnx).graph.input)


def _us(work: Callable[[], object]) -> float:
    work()
    took: list[float] = []
    for _ in range(_RUNS):
        started = time.perf_counter()
        work()
        took.append(time.perf_counter() - started)
    return statistics.median(took) * 1e6
