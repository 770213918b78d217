"""Nodes of a Ray cluster, and an attempt on one that is drained: only where it is asked for, `make test-ray`."""

from pathlib import Path

import pytest

from pressroom.backends.ray.executor import RayExecutor
from pressroom.backends.ray.nodes import RayNodes
from pressroom.testing.contracts.attempts import until
from pressroom.testing.contracts.executor import job_in, wait_for
from pressroom.testing.contracts.nodes import NodesContract

pytestmark = [pytest.mark.ray, pytest.mark.filterwarnings("ignore")]

NODE = {"num_cpus": 1, "object_store_memory": 100_000_000}


@pytest.fixture
def cluster(monkeypatch: pytest.MonkeyPatch):
    """A head that works not, and two nodes that do; the cluster itself, for what is drained is gone."""
    cluster_utils = pytest.importorskip("ray.cluster_utils")
    ray = pytest.importorskip("ray")
    monkeypatch.setenv("RAY_USAGE_STATS_ENABLED", "0")
    made = cluster_utils.Cluster(
        initialize_head=True, head_node_args={**NODE, "num_cpus": 0, "include_dashboard": False}
    )
    nodes = [made.add_node(**NODE)]
    ray.init(address=made.address, log_to_driver=False)
    yield made, nodes
    ray.shutdown()
    made.shutdown()


class TestRayNodes(NodesContract):
    @pytest.fixture(autouse=True)
    def _address(self, cluster) -> None:
        self.address = cluster[0].address

    def make(self) -> RayNodes:
        return RayNodes(self.address)


def test_an_attempt_on_a_drained_node_is_asked_to_end_and_the_next_one_runs_elsewhere(cluster, tmp_path: Path):
    made, (node,) = cluster
    executor = RayExecutor(made.address)
    first = job_in(tmp_path / "first", "sleep_long")
    executor.submit(first)
    until(lambda: (tmp_path / "first" / "started").exists())
    other = made.add_node(**NODE)
    RayNodes(made.address).drain(node.node_id, within_s=60)
    (ended,) = wait_for(executor, 1)
    assert ended.signal == 15
    executor.submit(job_in(tmp_path / "second", "leave_with_0"))
    (ended,) = wait_for(executor, 1)
    assert ended.exit_code == 0
    assert other.node_id != node.node_id
    executor.close()
