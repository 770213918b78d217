from pathlib import Path
from typing import Any

import pytest
from tests.training.test_larger import on_disk, ran

from pressroom.doors.cli import train as train_module


@pytest.fixture
def only_baseline(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(train_module, "find_spec", lambda _: None)


@pytest.mark.usefixtures("only_baseline")
def test_without_frameworks_the_baseline_alone_is_trained(run: Any, filled: Path) -> None:
    said = run("train", "late_delivery", "--dir", filled, "--json")
    document = said.document()
    assert [model["candidate"] for model in document["models"]] == ["baseline"]
    assert document["best"] == "late_delivery.baseline"
    assert "pip install" in said.err


@pytest.mark.usefixtures("only_baseline")
def test_the_report_names_the_run_and_the_push(run: Any, filled: Path) -> None:
    said = run("train", "late_delivery", "--dir", filled)
    assert "pressroom push delivery_risk --model baseline" in said.out
    assert "pressroom bill --run train-" in said.out
    assert "training set ..." in said.err


@pytest.mark.usefixtures("only_baseline")
def test_as_of_learns_from_what_was_known_by_then(run: Any, filled: Path) -> None:
    now = run("train", "late_delivery", "--dir", filled, "--json").document()
    then = run("train", "late_delivery", "--as-of", "2025-04-20T00:00Z", "--dir", filled, "--json").document()
    assert then["known_at"] == "2025-04-20T00:00:00Z"
    assert then["rows"] < now["rows"]


def test_the_candidates_beat_the_baseline_on_the_samples(run: Any, trained: Path) -> None:
    models = {
        line["model"]: float(line["auc"]) for line in run("status", "--dir", trained, "--json").document()["models"]
    }
    assert models["late_delivery.logistic"] > models["late_delivery.baseline"] + 0.1


def test_an_unknown_training_set_is_refused(run: Any, filled: Path) -> None:
    said = run("train", "late_deliver", "--dir", filled)
    assert said.code == 1
    assert "Did you mean 'late_delivery'?" in said.err


@pytest.mark.parametrize("instant", ["2025-04-20", "yesterday", "2025-04-20T00:00"])
def test_an_instant_without_a_zone_is_wrong_use(run: Any, filled: Path, instant: str) -> None:
    said = run("train", "late_delivery", "--as-of", instant, "--dir", filled)
    assert said.code == 2
    assert "--as-of" in said.err


@pytest.mark.usefixtures("only_baseline")
def test_a_training_set_that_was_cut_short_goes_on_as_it_was_begun(run: Any, tmp_path: Path) -> None:
    digest = on_disk(tmp_path)
    ran(tmp_path, kill_after=9)
    said = run("train", "late", "--dir", tmp_path, "--json")
    assert "Going on with the training set that was begun as known at 2025-04-10T00:00:00Z" in said.err
    assert (said.document()["digest"], said.document()["known_at"]) == (digest, "2025-04-10T00:00:00Z")
    assert "Going on" not in run("train", "late", "--dir", tmp_path, "--json").err
