from pathlib import Path
from typing import Any


def test_settling_moves_every_fact_once(run: Any, filled: Path) -> None:
    moved = run("settle", "--dir", filled, "--json").document()["moved"]
    assert moved["ordered"] == 4_800
    assert "in their tables already" in run("settle", "--dir", filled).out


def test_settling_changes_no_count(run: Any, filled: Path) -> None:
    before = run("status", "--dir", filled, "--json").document()
    run("settle", "--dir", filled)
    assert run("status", "--dir", filled, "--json").document() == before
