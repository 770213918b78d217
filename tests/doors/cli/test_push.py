from pathlib import Path
from typing import Any

import pytest


def test_the_best_of_the_newest_training_is_pushed(run: Any, trained: Path) -> None:
    document = run("push", "delivery_risk", "--dir", trained, "--json").document()
    aucs = {
        line["model"]: float(line["auc"]) for line in run("status", "--dir", trained, "--json").document()["models"]
    }
    assert document["routes"][0]["model"] == max(aucs, key=lambda name: aucs[name])
    assert document["version"] == 1
    assert {verdict["check"] for verdict in document["verdicts"]} >= {"policy", "golden rows", "baseline"}


@pytest.mark.parametrize("name", ["baseline", "late_delivery.baseline"])
def test_a_model_goes_by_its_candidate_or_its_full_name(run: Any, trained: Path, name: str) -> None:
    document = run("push", "delivery_risk", "--model", name, "--dir", trained, "--json").document()
    assert document["routes"][0]["model"] == "late_delivery.baseline"


def test_what_was_never_trained_is_refused_with_the_command_to_run(run: Any, filled: Path) -> None:
    said = run("push", "delivery_risk", "--dir", filled)
    assert said.code == 1
    assert said.err.splitlines()[1] == "Run `pressroom train late_delivery`."


@pytest.mark.parametrize("arguments", [["delivery_rsk"], ["delivery_risk", "--model", "magic"]])
def test_unknown_names_are_refused(run: Any, trained: Path, arguments: list[str]) -> None:
    said = run("push", *arguments, "--dir", trained)
    assert said.code == 1
    assert len(said.err.splitlines()) == 2


def test_a_rollback_needs_a_version_before_and_then_lets_it_answer(run: Any, pushed: Path) -> None:
    assert run("rollback", "delivery_risk", "--dir", pushed).code == 1
    assert run("push", "delivery_risk", "--model", "baseline", "--dir", pushed).code == 0
    document = run("rollback", "delivery_risk", "--dir", pushed, "--json").document()
    assert (document["version"], document["routes"][0]["model"]) == (1, "late_delivery.logistic")


def test_a_rollback_of_nothing_lists_what_there_is(run: Any, pushed: Path) -> None:
    said = run("rollback", "delivery_rsk", "--dir", pushed)
    assert said.code == 1
    assert "delivery_risk" in said.err
