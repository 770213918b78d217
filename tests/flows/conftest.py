"""A folder with a flow's file in it, and a workspace that runs it; and Python processes that start from nothing."""

import json
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from textwrap import dedent

import pytest


class Project:
    """A workspace in a folder, beside the files of its flows."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        (folder / "pressroom.toml").touch()

    def write(self, file: str, source: str) -> Path:
        path = self.folder / file
        path.write_text(dedent(source), encoding="utf-8")
        return path

    def python(self, source: str) -> str:
        """Run some lines in a new process; what they print."""
        done = subprocess.run(
            [sys.executable, "-c", dedent(source)], cwd=self.folder, capture_output=True, text=True, check=False
        )
        assert done.returncode == 0, done.stderr
        return done.stdout

    def run(self, flow: str, **parameters: object) -> dict[str, str]:
        """Run a flow of `flows.py` in a new process; the state of each step's last call."""
        printed = self.python(
            f"""
            import json
            from pathlib import Path
            from pressroom.flows import find_in, load_module
            from pressroom.workspace import open_workspace
            with open_workspace(".") as workspace:
                flow = find_in(load_module(Path("jobs.py")), {flow!r})
                done = workspace.flows.run(flow, {parameters!r})
                print(json.dumps({{call.step.name: call.state for call in done.calls}}))
            """
        )
        return json.loads(printed.splitlines()[-1])

    def cli(self, *words: str, code: int = 0) -> str:
        """Run a command; what it prints."""
        done = subprocess.run(
            [sys.executable, "-m", "pressroom", *words], cwd=self.folder, capture_output=True, text=True, check=False
        )
        assert done.returncode == code, (done.stdout, done.stderr)
        return done.stdout if code == 0 else done.stderr


@pytest.fixture
def project(tmp_path: Path) -> Project:
    """An empty one."""
    return Project(tmp_path)


@pytest.fixture
def make_project(tmp_path_factory: pytest.TempPathFactory) -> Callable[[], Project]:
    """Makes empty ones."""
    return lambda: Project(tmp_path_factory.mktemp("project"))
