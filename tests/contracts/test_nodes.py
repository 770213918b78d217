from pressroom.backends.memory.nodes import MemoryNodes
from pressroom.ports import Node
from pressroom.testing.contracts.nodes import NodesContract


class TestMemoryNodes(NodesContract):
    def make(self) -> MemoryNodes:
        return MemoryNodes([Node(node=each, address="192.0.2.7", name="floor", cpus=4.0) for each in ("b", "a", "c")])
