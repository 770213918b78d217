"""The nodes of a Ray cluster, and emptying one.

Ray draws up which nodes drain, and how many cores are free on each, only in modules that it does not promise to keep:
they are named here and nowhere else. Its own training library asks them the same way.
"""

import subprocess
import sys
import time
from collections.abc import Mapping, Sequence
from typing import Any

from pressroom.backends.ray.workers import connect
from pressroom.ports import BackendError, Node
from pressroom.values import NotFound

_REASON = "DRAIN_NODE_REASON_PREEMPTION"
"""The one that Ray never declines."""
_DRAIN_S = 60.0


class RayNodes:
    """The nodes of the cluster at an address."""

    def __init__(self, address: str) -> None:
        """Connect when somebody asks."""
        self._address = address
        self._ray: Any = None
        self._own = False

    def nodes(self) -> Sequence[Node]:
        """Those that Ray knows to be alive."""
        ray = self._connected()
        leaving = draining(ray)
        found = [
            Node(
                node=each["NodeID"],
                address=each["NodeManagerAddress"],
                name=each["NodeName"],
                cpus=float(each["Resources"].get("CPU", 0.0)),
                leaving=each["NodeID"] in leaving,
            )
            for each in ray.nodes()
            if each["Alive"]
        ]
        return sorted(found, key=lambda node: node.node)

    def drain(self, node: str, *, within_s: float) -> None:
        """By the command that Ray has for it. A node that drains and has no work left ends by itself."""
        if node not in {each.node for each in self.nodes()}:
            raise NotFound(f"There is no node {node} that is up.", next_step="`pressroom drain` lists those that are.")
        address: str = self._ray.get_runtime_context().gcs_address
        words = [sys.executable, "-m", "ray.scripts.scripts", "drain-node", "--address", address, "--node-id", node]
        words += ["--reason", _REASON, "--reason-message", "pressroom drain"]
        words += ["--deadline-remaining-seconds", str(max(int(within_s), 1))]
        try:
            done = subprocess.run(words, capture_output=True, text=True, timeout=_DRAIN_S, check=False)
        except subprocess.TimeoutExpired as error:
            raise BackendError("The Ray cluster did not answer.", next_step="Look whether it is up.") from error
        if done.returncode != 0:
            last = (done.stderr.strip().splitlines() or ["no words"])[-1]
            raise BackendError(f"Ray does not drain {node}: {last}", next_step="Look at the cluster's log.")

    def close(self) -> None:
        """Disconnect, where it was us who connected."""
        if self._ray is not None and self._own:
            self._ray.shutdown()
        self._ray = None

    def _connected(self) -> Any:
        if self._ray is None:
            self._ray, self._own = connect(self._address)
        return self._ray


def draining(ray: Any) -> set[str]:
    """Identities of the nodes that are being drained."""
    return set(ray._private.state.state.get_draining_nodes())  # noqa: SLF001


def own_drain_s(ray: Any) -> float | None:
    """On a node: in how many seconds it is taken away; None while it is not being drained."""
    deadlines = ray._private.state.state.get_draining_nodes()  # noqa: SLF001
    deadline_ms = deadlines.get(ray.get_runtime_context().get_node_id())
    if deadline_ms is None:
        return None
    return max(deadline_ms / 1000 - time.time(), 0.0) if deadline_ms else _DRAIN_S


def free_cores(ray: Any) -> Mapping[str, int]:
    """Whole cores that nobody has, by node; of nodes that are up, and are not being drained."""
    leaving = draining(ray)
    alive = {each["NodeID"] for each in ray.nodes() if each["Alive"]} - leaving
    free: Mapping[str, Mapping[str, float]] = ray._private.state.available_resources_per_node()  # noqa: SLF001
    return {node: int(has.get("CPU", 0.0)) for node, has in free.items() if node in alive}
