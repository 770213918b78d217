"""Deciding where the nodes of an ensemble run: fused into one graph, by themselves, or only when a cascade asks."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from pressroom.models.ensemble.checked import Checked
from pressroom.models.ensemble.declaration import Node
from pressroom.models.structure import Graph, Linear, Trees


@dataclass(frozen=True, slots=True, kw_only=True)
class Region:
    """Nodes that run for the same rows, in order. `fused` run as one session, `alone` by themselves with the reason
    why, and `asked` holds for each cascade the region that it asks only where it is unsure.
    """

    nodes: tuple[Node, ...]
    fused: tuple[Node, ...]
    alone: Mapping[str, str]
    asked: Mapping[str, "Region"]


def region_of(checked: Checked, refused: Mapping[str, str]) -> Region:
    """The region of the output. `refused` nodes were found not to fuse, with the reason."""
    return _region(checked, checked.ensemble.output, frozenset(), refused)


def sources(checked: Checked, node: Node) -> tuple[str, ...]:
    """What a node is made of: nodes and inputs."""
    if node.does != "model":
        return node.of
    return tuple(checked.source(node, name) for name in checked.members[node.name].signature.names())


def _region(checked: Checked, output: str, outside: frozenset[str], refused: Mapping[str, str]) -> Region:
    known = {node.name: node for node in checked.ensemble.nodes}
    needed = _closure(checked, known, output, outside)
    nodes = tuple(node for node in checked.ensemble.nodes if node.name in needed)
    asked = {
        node.name: _region(checked, node.of[1], outside | needed, refused)
        for node in nodes
        if node.does == "cascade" and node.of[1] in known and node.of[1] not in needed | outside
    }
    alone: dict[str, str] = {}
    for node in nodes:
        why = refused.get(node.name) or _why_alone(checked, node, known, {*alone, *outside}, asked)
        if why:
            alone[node.name] = why
    fused = tuple(node for node in nodes if node.name not in alone)
    if not any(node.does == "model" for node in fused):
        alone.update((node.name, "there is no model to fuse it with") for node in fused)
        fused = ()
    return Region(nodes=nodes, fused=fused, alone=alone, asked=asked)


def _closure(checked: Checked, known: Mapping[str, Node], output: str, outside: frozenset[str]) -> frozenset[str]:
    """The nodes that `output` needs for all rows: everything but what its cascades ask only when unsure."""
    found: set[str] = set()
    left = [output]
    while left:
        name = left.pop()
        if name not in known or name in found or name in outside:
            continue
        found.add(name)
        node = known[name]
        left.extend(node.of[:1] if node.does == "cascade" else sources(checked, node))
    return frozenset(found)


def _why_alone(
    checked: Checked, node: Node, known: Mapping[str, Node], apart: Iterable[str], asked: Mapping[str, Region]
) -> str:
    if node.name in asked:
        return f"it asks {node.of[1]} only where it is unsure"
    if node.does == "model":
        if node.within_ms is not None:
            return "it has a deadline of its own"
        structure = checked.members[node.name].structure
        if not isinstance(structure, Linear | Trees | Graph):
            return "its framework's own runtime serves it"
    strangers = [name for name in sources(checked, node) if name in known and name in apart]
    return f"it takes what {strangers[0]} gives, which is not in the session" if strangers else ""
