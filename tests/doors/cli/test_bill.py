from pathlib import Path
from typing import Any

import pytest


def test_a_training_is_billed_by_step(run: Any, trained: Path) -> None:
    document = run("bill", "--dir", trained, "--json").document()["bill"]
    steps = [line["step"] for line in document["lines"]]
    assert steps[:2] == ["training_set", "train.baseline"]
    assert document["total_usd"] == pytest.approx(sum(line["usd"] for line in document["lines"]))
    assert "Total: " in run("bill", "--dir", trained).out


def test_a_run_is_billed_alone(run: Any, trained: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("pressroom.doors.cli.train.find_spec", lambda _: None)
    name = run("train", "late_delivery", "--dir", trained, "--json").document()["run"]
    one = run("bill", "--run", name, "--dir", trained, "--json").document()
    assert one["run"] == name
    assert [line["step"] for line in one["bill"]["lines"]] == ["training_set", "train.baseline", "release.baseline"]


def test_nothing_used_costs_nothing(run: Any, filled: Path) -> None:
    assert run("bill", "--dir", filled, "--json").document()["bill"]["total_usd"] == 0


def test_an_unknown_run_is_refused(run: Any, trained: Path) -> None:
    said = run("bill", "--run", "train-0", "--dir", trained)
    assert said.code == 1
    assert "train-" in said.err.splitlines()[1]
