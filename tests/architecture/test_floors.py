"""The floors of the house, as `[tool.importlinter]` in pyproject.toml draws them, and that each contract bites."""

import os
import shutil
import subprocess
import sys
import tomllib
from dataclasses import dataclass
from pathlib import Path

import pytest

FLOORS = "Every room stands above what it imports, also for typing, and every room has its floor"
WALL = "Only the workspace looks behind the wall, at the backends"
TESTING = "Nothing in the house leans on the testing room"
STRANGERS = "Backends do not know each other"
ONE_WAY = "Files and folders side by side import each other in one direction, at any depth"
GROUND = "The ground touches no outside library beyond numpy, msgspec and xxhash"
DRIVERS = "A driver is imported only in the backend folder named after it"
FRAMEWORKS = "Frameworks are imported only among the adapters"
SHELL = "HTTP is spoken only at the doors, the shell there and in the demo"

FOR_TYPING = "from typing import TYPE_CHECKING\n\nif TYPE_CHECKING:\n    from pressroom.training import Training\n"


@dataclass(frozen=True, slots=True, kw_only=True)
class Fault:
    """Lines at the end of a file, new or old, and the contract that they must break."""

    file: str
    code: str
    breaks: str


FAULTS = {
    "an upward import": Fault(file="facts/fault.py", code="import pressroom.features\n", breaks=FLOORS),
    "an upward import for typing only": Fault(file="facts/fault.py", code=FOR_TYPING, breaks=FLOORS),
    "an upward import on the ground": Fault(file="values/fault.py", code="import pressroom.stats\n", breaks=FLOORS),
    "a sideways import": Fault(file="features/fault.py", code="import pressroom.models\n", breaks=FLOORS),
    "a room without a floor": Fault(file="attic/__init__.py", code="", breaks=FLOORS),
    "a backend from a room": Fault(file="features/fault.py", code="import pressroom.backends.memory\n", breaks=WALL),
    "a backend from a door": Fault(file="doors/fault.py", code="import pressroom.backends.memory\n", breaks=WALL),
    "the testing room from a room": Fault(file="flows/fault.py", code="import pressroom.testing\n", breaks=TESTING),
    "a backend from a backend": Fault(
        file="backends/delta/fault.py", code="import pressroom.backends.sqlite\n", breaks=STRANGERS
    ),
    "a loop inside a room": Fault(file="facts/entity.py", code="import pressroom.facts.fact\n", breaks=ONE_WAY),
    "pydantic on the ground": Fault(file="values/fault.py", code="import pydantic\n", breaks=GROUND),
    "a driver in a room": Fault(file="serving/fault.py", code="import redis\n", breaks=DRIVERS),
    "a driver in another's folder": Fault(file="backends/delta/fault.py", code="import sqlite3\n", breaks=DRIVERS),
    "a framework in a room": Fault(file="training/fault.py", code="import lightgbm.sklearn\n", breaks=FRAMEWORKS),
    "a server in the demo": Fault(file="demo/fault.py", code="import granian\n", breaks=SHELL),
    "the shell in a room": Fault(file="costs/fault.py", code="from rich.table import Table\n", breaks=SHELL),
}


def lint(folder: Path) -> subprocess.CompletedProcess[str]:
    """Check the contracts of the checkout in `folder`, its `src` before any installed one."""
    script = Path(sys.executable).parent / "lint-imports"
    environment = {**os.environ, "PYTHONPATH": str(folder / "src"), "COLUMNS": "240"}
    return subprocess.run(
        [script, "--no-cache"], cwd=folder, env=environment, capture_output=True, text=True, check=False
    )


@pytest.fixture
def copy(checkout: Path, tmp_path: Path) -> Path:
    """A copy of the house to do wrong in."""
    shutil.copytree(checkout / "src", tmp_path / "src", ignore=shutil.ignore_patterns("__pycache__"))
    shutil.copy(checkout / "pyproject.toml", tmp_path)
    return tmp_path


def test_every_contract_is_kept(checkout):
    result = lint(checkout)
    assert result.returncode == 0, result.stdout + result.stderr


@pytest.mark.parametrize("fault", FAULTS.values(), ids=FAULTS.keys())
def test_a_fault_breaks_its_contract(copy, fault):
    file = copy / "src" / "pressroom" / fault.file
    file.parent.mkdir(exist_ok=True)
    with file.open("a", encoding="utf-8") as lines:
        lines.write(fault.code)
    result = lint(copy)
    assert result.returncode == 1, result.stdout + result.stderr
    assert f"{fault.breaks} BROKEN" in result.stdout, result.stdout


def test_every_contract_is_broken_by_some_fault(checkout):
    settings = tomllib.loads((checkout / "pyproject.toml").read_text(encoding="utf-8"))
    contracts = {contract["name"] for contract in settings["tool"]["importlinter"]["contracts"]}
    assert {fault.breaks for fault in FAULTS.values()} == contracts
