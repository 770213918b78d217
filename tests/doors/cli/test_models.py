from pathlib import Path
from typing import Any

import numpy as np
import pytest

import pressroom as pr


def test_models_are_listed_with_what_serves_and_why(run: Any, pushed: Path) -> None:
    document = run("models", "--dir", pushed, "--json").document()
    found = {one["name"]: one for one in document["models"]}
    logistic = found["late_delivery.logistic"]
    assert (logistic["version"], logistic["form"], logistic["in_use"]) == ("1.0.0", "linear", True)
    assert "golden rows" in logistic["why"]
    assert logistic["parity"]["max_abs_diff"] < 1e-6
    assert document["consumers"] == {"late_delivery.logistic": [["endpoint delivery_risk", "late_delivery.logistic"]]}
    said = run("models", "late_delivery.logistic", "--dir", pushed)
    assert "1.0.0 *" in said.out
    assert "is asked for by endpoint delivery_risk" in said.out


def test_one_version_is_listed_by_range_and_an_unknown_model_names_those_there_are(run: Any, pushed: Path) -> None:
    (one,) = run("models", "late_delivery.logistic@^1", "--dir", pushed, "--json").document()["models"]
    assert (one["name"], one["version"]) == ("late_delivery.logistic", "1.0.0")
    said = run("models", "late_delivery.logistics", "--dir", pushed)
    assert (said.code, "There is no model 'late_delivery.logistics'" in said.err) == (1, True)
    assert "late_delivery.logistic" in said.err.splitlines()[1]


def test_an_alias_is_a_version_and_can_be_pushed(run: Any, trained: Path) -> None:
    document = run("alias", "late_delivery.logistic@^1", "production", "--dir", trained, "--json").document()
    assert (document["alias"], document["version"]) == ("production", "1.0.0")
    said = run("push", "delivery_risk", "--model", "logistic@production", "--dir", trained, "--json").document()
    assert said["routes"][0]["digest"] == document["digest"]
    assert run("models", "--dir", trained, "--json").document()["consumers"] == {
        "late_delivery.logistic": [["endpoint delivery_risk", "late_delivery.logistic@production"]]
    }


@pytest.mark.parametrize("model", ["logistic@^7", "logistic@staging"])
def test_a_pin_that_nothing_meets_lists_what_there_is(run: Any, trained: Path, model: str) -> None:
    said = run("push", "delivery_risk", "--model", model, "--dir", trained)
    assert said.code == 1
    assert "1.0.0" in said.err.splitlines()[1]


def test_only_the_owner_signs_for_code_and_only_for_a_digest(run: Any, filled: Path) -> None:
    def rule(columns: Any) -> Any:
        return np.where(columns["a"] > 0, 1.0, 0.0)

    with pr.open_workspace(filled) as workspace:
        settings = filled / "pressroom.toml"
        settings.write_text(settings.read_text() + "\n[models]\nhalf_fenced = true\n")
    with pr.open_workspace(filled) as workspace:
        made = pr.pack(rule, name="rule", sample={"a": np.arange(5.0)}, workspace=workspace, owner="ann")
    digest = made.packed.digest[:16]
    said = run("trust", f"rule@{digest}", "--by", "bob", "--dir", filled)
    assert (said.code, "owned by ann" in said.err) == (1, True)
    said = run("trust", "rule@^1", "--by", "ann", "--dir", filled)
    assert (said.code, digest[:12] in said.err) == (1, True)
    document = run("trust", f"rule@{digest}", "--by", "ann", "--why", "read", "--dir", filled, "--json").document()
    assert (document["model"], document["by"], document["why"]) == ("rule", "ann", "read")
    listed = run("models", "rule", "--dir", filled, "--json").document()["models"]
    assert listed[0]["signed_by"] == "ann"


def test_a_prediction_is_explained_by_what_moved_it(run: Any, pushed: Path) -> None:
    row = (pushed / "samples" / "requests.jsonl").read_text().splitlines()[0]
    asked = ("predict", "delivery_risk", row, "--as-of", "2025-04-30T00:00Z", "--dir", pushed, "--json")
    answer = run(*asked).document()["predictions"][0]
    document = run("why", answer["prediction_id"], "--dir", pushed, "--json").document()
    parts = document["contributions"]
    score = parts["base"] + sum(parts["values"].values())
    assert 1 / (1 + np.exp(-score)) == pytest.approx(answer["prediction"], abs=1e-9)
    said = run("why", answer["prediction_id"], "--dir", pushed)
    assert "raised the" in said.out or "lowered the" in said.out
