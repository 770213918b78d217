from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest

from pressroom.backends.memory.nodes import MemoryNodes
from pressroom.doors.cli import drain
from pressroom.ports import Node

THERE = [Node(node=f"{each}00", address="192.0.2.7", name="floor", cpus=4.0) for each in "ab"]


@pytest.fixture
def floor(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    nodes = MemoryNodes(THERE)

    @contextmanager
    def given(settings):
        yield nodes

    monkeypatch.setattr(drain, "nodes_of", given)
    (tmp_path / "pressroom.toml").touch()
    return tmp_path


def test_without_a_node_they_are_listed(run: Any, floor: Path) -> None:
    found = run("drain", "--dir", floor, "--json").document()["nodes"]
    assert [(each["node"], each["leaving"]) for each in found] == [("a00", False), ("b00", False)]
    assert "floor" in run("drain", "--dir", floor).out


def test_a_node_is_drained(run: Any, floor: Path) -> None:
    said = run("drain", "a", "--dir", floor, "--within", "5min")
    assert said.code == 0
    assert said.out.startswith("a00 is given no new work, and what it has is moved. It leaves the cluster by itself")
    assert "leaving" in run("drain", "--dir", floor).out


def test_who_waits_hears_that_it_is_gone(run: Any, floor: Path) -> None:
    found = run("drain", "a", "--dir", floor, "--wait", "--json").document()
    assert found == {"node": "a00", "address": "192.0.2.7", "within_s": 120.0, "empty": True}


def test_an_unknown_node_is_named(run: Any, floor: Path) -> None:
    said = run("drain", "x", "--dir", floor)
    assert said.code != 0
    assert "No node is called 'x'" in said.err


def test_without_a_cluster_it_says_where_to_name_one(run: Any, tmp_path: Path) -> None:
    (tmp_path / "pressroom.toml").touch()
    said = run("drain", "--dir", tmp_path)
    assert said.code != 0
    assert "The settings name no Ray cluster" in said.err
    assert "[executors]" in said.err
