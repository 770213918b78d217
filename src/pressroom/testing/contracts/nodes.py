"""What every Nodes must do."""

from collections.abc import Generator

import pytest

from pressroom.ports import Nodes
from pressroom.values import NotFound


class NodesContract:
    """Subclass it and override `make`, with two nodes at least, of which the last in order may be drained."""

    def make(self) -> Nodes:
        """Nodes; they are closed after each test."""
        raise NotImplementedError

    @pytest.fixture
    def nodes(self) -> Generator[Nodes]:
        """The nodes of one test."""
        made = self.make()
        yield made
        made.close()

    def test_those_that_are_up_are_told_in_order(self, nodes: Nodes) -> None:
        found = [each.node for each in nodes.nodes()]
        assert len(found) >= 2
        assert found == sorted(set(found))
        assert all(each.address for each in nodes.nodes())

    def test_an_unknown_node_is_not_drained(self, nodes: Nodes) -> None:
        with pytest.raises(NotFound, match="no node"):
            nodes.drain("nowhere", within_s=1.0)

    def test_a_drained_node_is_leaving_or_gone_and_the_others_stay(self, nodes: Nodes) -> None:
        before = [each.node for each in nodes.nodes()]
        nodes.drain(before[-1], within_s=60.0)
        after = {each.node: each.leaving for each in nodes.nodes()}
        assert after.pop(before[-1], True)
        assert set(after) == set(before[:-1])
        assert not any(after.values())
