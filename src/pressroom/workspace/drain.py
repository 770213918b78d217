"""Nodes of the cluster that steps run on: which there are, and emptying one."""

import time
from collections.abc import Callable, Generator, Sequence
from contextlib import contextmanager

from pressroom.ports import Node, Nodes
from pressroom.values import InvalidInput, NotFound
from pressroom.workspace.errors import BadSettings
from pressroom.workspace.settings import Settings

_LOOK_S = 0.5


@contextmanager
def nodes_of(settings: Settings) -> Generator[Nodes]:
    """The nodes of the Ray cluster that the settings name. Raises BadSettings where they name none."""
    from pressroom.backends.ray.nodes import RayNodes

    address = settings.executors.ray or settings.workers.ray
    if not address:
        raise BadSettings(
            "The settings name no Ray cluster.", next_step='Give its address: ray = "HOST:PORT" in [executors].'
        )
    nodes = RayNodes(address)
    try:
        yield nodes
    finally:
        nodes.close()


def find_node(there: Sequence[Node], asked: str) -> Node:
    """A node by the start of its identity, its name or its address. Raises NotFound, InvalidInput where several fit."""
    found = [each for each in there if asked and (each.node.startswith(asked) or asked in (each.name, each.address))]
    if not found:
        raise NotFound(f"No node is called {asked!r}.", next_step="`pressroom drain` lists those that are up.")
    if len(found) > 1:
        raise InvalidInput(
            f"{len(found)} nodes are called {asked!r}: {', '.join(each.node[:12] for each in found)}.",
            next_step="Give the start of the identity of one.",
        )
    return found[0]


def drain_node(
    nodes: Nodes, asked: str, *, within_s: float, wait: bool, pause: Callable[[float], None] = time.sleep
) -> tuple[Node, bool]:
    """Empty a node; with `wait`, until it is gone or the time is over. The node, and whether it is known to be empty.

    Raises NotFound, InvalidInput, BackendError.
    """
    node, until = find_node(nodes.nodes(), asked), time.monotonic() + within_s
    nodes.drain(node.node, within_s=within_s)
    while wait and time.monotonic() < until:
        if all(each.node != node.node for each in nodes.nodes()):
            return node, True
        pause(_LOOK_S)
    return node, False
