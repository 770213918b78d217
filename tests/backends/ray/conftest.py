"""A cluster of two nodes on loopback."""

import os

import pytest


@pytest.fixture(scope="module")
def cluster():
    """Two nodes on loopback, one core each; the address."""
    cluster_utils = pytest.importorskip("ray.cluster_utils")
    os.environ["RAY_USAGE_STATS_ENABLED"] = "0"
    node = {"num_cpus": 1, "object_store_memory": 100_000_000}
    made = cluster_utils.Cluster(initialize_head=True, head_node_args={**node, "include_dashboard": False})
    made.add_node(**node)
    yield made.address
    made.shutdown()
