from pathlib import Path

import pytest

from pressroom.workspace import Definitions, Workspace
from tests.projects import ready


@pytest.fixture
def floor(tmp_path: Path) -> tuple[Workspace, Definitions]:
    """A workspace in memory with a baseline and two more models of the endpoint `risk`, which is not pushed yet."""
    return ready(tmp_path)
