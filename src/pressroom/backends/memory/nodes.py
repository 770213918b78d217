"""Nodes in a dictionary: a cluster that is nowhere."""

from collections.abc import Mapping, Sequence
from dataclasses import replace

from pressroom.ports import Node
from pressroom.values import NotFound


class MemoryNodes:
    """Nodes as they are given; one that is drained is gone when it has been looked at once more."""

    def __init__(self, nodes: Sequence[Node]) -> None:
        """Up, all of them."""
        self._nodes: Mapping[str, Node] = {each.node: each for each in nodes}

    def nodes(self) -> Sequence[Node]:
        """Those that are left; who is leaving has left by the next look."""
        found = [self._nodes[node] for node in sorted(self._nodes)]
        self._nodes = {each.node: each for each in found if not each.leaving}
        return found

    def drain(self, node: str, *, within_s: float) -> None:
        """It is leaving."""
        if node not in self._nodes:
            raise NotFound(f"There is no node {node} that is up.", next_step="`pressroom drain` lists those that are.")
        self._nodes = {**self._nodes, node: replace(self._nodes[node], leaving=True)}

    def close(self) -> None:
        """Nothing to close."""
