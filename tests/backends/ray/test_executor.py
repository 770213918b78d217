"""Attempts as tasks of a Ray cluster: only where it is asked for, `make test-ray`."""

import pytest

from pressroom.backends.ray.executor import RayExecutor
from pressroom.testing.contracts.executor import ExecutorContract

pytestmark = [pytest.mark.ray, pytest.mark.filterwarnings("ignore")]


class TestRayExecutor(ExecutorContract):
    @pytest.fixture(autouse=True)
    def _address(self, cluster: str) -> None:
        self.address = cluster

    def make(self) -> RayExecutor:
        return RayExecutor(self.address)
