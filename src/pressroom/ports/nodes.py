"""Nodes: the machines of a cluster, and how one of them is emptied before it is taken away."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Protocol


@dataclass(frozen=True, slots=True, kw_only=True)
class Node:
    """A machine that is up: its identity, its address, the name that it was started with, its cores, and whether it is
    being emptied.
    """

    node: str
    address: str
    name: str
    cpus: float
    leaving: bool = False


class Nodes(Protocol):
    """The machines of one cluster."""

    def nodes(self) -> Sequence[Node]:
        """Those that are up, in the order of their identities. Raises BackendError."""
        ...

    def drain(self, node: str, *, within_s: float) -> None:
        """Give a node, by its identity, no new work, and let its work know that it will be taken away in so many
        seconds. Draining twice changes nothing. Raises NotFound, and BackendError where the cluster refuses.
        """
        ...

    def close(self) -> None:
        """Disconnect."""
        ...
