import pytest

from pressroom.backends.memory.nodes import MemoryNodes
from pressroom.ports import Node
from pressroom.values import InvalidInput, NotFound
from pressroom.workspace import drain_node, find_node

THERE = [Node(node=f"{each}00", address=f"192.0.2.{at}", name="floor", cpus=4.0) for at, each in enumerate("abc")]


@pytest.mark.parametrize(("asked", "node"), [("b", "b00"), ("b00", "b00"), ("192.0.2.2", "c00")])
def test_a_node_is_found_by_the_start_of_its_identity_or_by_its_address(asked, node):
    assert find_node(THERE, asked).node == node


def test_what_several_nodes_or_none_are_called_is_refused():
    with pytest.raises(InvalidInput, match="3 nodes are called 'floor': a00, b00, c00"):
        find_node(THERE, "floor")
    for asked in ("", "x"):
        with pytest.raises(NotFound, match="No node is called"):
            find_node(THERE, asked)


def test_who_waits_hears_that_the_node_is_gone():
    pauses: list[float] = []
    nodes = MemoryNodes(THERE)
    node, empty = drain_node(nodes, "a", within_s=60.0, wait=True, pause=pauses.append)
    assert (node.node, empty) == ("a00", True)
    assert len(pauses) == 1
    assert [each.node for each in nodes.nodes()] == ["b00", "c00"]


def test_who_does_not_wait_is_told_nothing():
    assert drain_node(MemoryNodes(THERE), "a", within_s=60.0, wait=False) == (THERE[0], False)


def test_a_node_that_stays_is_not_told_to_be_empty():
    nodes = Busy(THERE)
    assert drain_node(nodes, "a", within_s=0.05, wait=True)[1] is False


class Busy(MemoryNodes):
    """Nodes whose work does not end."""

    def nodes(self):
        return THERE
