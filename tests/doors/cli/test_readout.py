from pathlib import Path
from typing import Any

import pytest

END = "2025-04-30T00:00Z"


@pytest.fixture
def ramped(run: Any, pushed: Path) -> Path:
    run("ramp", "delivery_model", "50%", "--dir", pushed)
    return pushed


@pytest.fixture
def finished(run: Any, ramped: Path) -> Path:
    samples = ramped / "samples"
    run("predict", "delivery_risk", f"@{samples / 'requests.jsonl'}", "--as-of", END, "--dir", ramped)
    run("append", "delivered", samples / "delivered_later.csv", "--known", "event + 5min", "--dir", ramped)
    return ramped


@pytest.mark.parametrize("name", ["delivery_model", "delivery_risk"])
def test_a_readout_goes_by_experiment_or_endpoint(run: Any, finished: Path, name: str) -> None:
    document = run("readout", name, "--dir", finished, "--json").document()
    treatment, control = document["readout"]["variants"]
    assert (treatment["name"], control["name"]) == ("logistic", "baseline")
    assert treatment["brier"] < control["brier"]
    assert document["readout"]["trusted"] is True


def test_a_readout_ends_with_a_sentence(run: Any, finished: Path) -> None:
    said = run("readout", "delivery_model", "--dir", finished)
    assert said.code == 0
    assert said.out.splitlines()[-1].startswith("logistic is better")
    assert "Shares as meant: p = " in said.out


def test_as_of_counts_only_outcomes_known_by_then(run: Any, finished: Path) -> None:
    early = run("readout", "delivery_model", "--as-of", "2025-04-30T16:00Z", "--dir", finished, "--json").document()
    late = run("readout", "delivery_model", "--dir", finished, "--json").document()
    assert sum(v["n"] for v in early["readout"]["variants"]) < sum(v["n"] for v in late["readout"]["variants"])


def test_nobody_exposed_is_refused(run: Any, ramped: Path) -> None:
    assert run("readout", "delivery_model", "--dir", ramped).code == 1


def test_an_experiment_that_no_longer_runs_is_not_mistaken_for_another(run: Any, finished: Path) -> None:
    run("push", "delivery_risk", "--model", "baseline", "--dir", finished)
    said = run("readout", "delivery_model", "--dir", finished)
    assert said.code == 1
    assert "no longer runs" in said.err


def test_an_unknown_name_is_refused_with_the_nearest(run: Any, ramped: Path) -> None:
    said = run("readout", "delivery_modl", "--dir", ramped)
    assert said.code == 1
    assert "Did you mean 'delivery_model'?" in said.err
