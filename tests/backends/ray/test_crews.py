"""Crews as actors of a Ray cluster: only where it is asked for, `make test-ray`."""

import pytest

from pressroom.backends.ray.crews import RayCrews
from pressroom.testing.contracts.crews import CrewsContract

pytestmark = [pytest.mark.ray, pytest.mark.filterwarnings("ignore")]


class TestRayCrews(CrewsContract):
    @pytest.fixture(autouse=True)
    def _address(self, cluster: str) -> None:
        self.address = cluster

    def make(self) -> RayCrews:
        return RayCrews(self.address)
