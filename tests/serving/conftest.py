from pathlib import Path

import pytest
from tests.projects import ready

from pressroom.workspace import Definitions, Workspace


@pytest.fixture
def floor(tmp_path: Path) -> tuple[Workspace, Definitions]:
    """A workspace in memory with a baseline and two more models of the endpoint `risk`, which is not pushed yet."""
    return ready(tmp_path)
