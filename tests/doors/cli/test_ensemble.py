from pathlib import Path
from typing import Any

import numpy as np
import pytest

import pressroom as pr


@pytest.fixture
def blended(trained: Path) -> Path:
    """A project with an ensemble of a model that fuses and one that is looked up in a table."""
    with pr.open_workspace(trained) as workspace:
        steps = pr.nodes
        blend = pr.Ensemble(
            name="blend",
            nodes=(
                steps.model("line", "late_delivery.logistic@^1"),
                steps.model("mean", "late_delivery.baseline", default=0.2),
                steps.weighted_mean("risk", {"line": 3.0, "mean": 1.0}),
            ),
            output="risk",
        )
        rows = {}
        for field in workspace.models.assemble(blend).signature.inputs:
            draw = np.random.default_rng(len(rows))
            rows[field.name] = (
                draw.choice(["a", "b"], 20).tolist() if field.type == "string" else draw.integers(1, 9, 20) * 1.0
            )
        pr.pack_ensemble(blend, sample=rows, workspace=workspace)
    return trained


def test_an_ensembles_plan_says_where_each_node_runs_and_what_a_row_costs(run: Any, blended: Path) -> None:
    document = run("ensemble", "blend@^1", "--dir", blended, "--json").document()
    assert document["sessions"] == {"session": ["line"], "alone": ["mean"], "numpy": ["risk"]}
    nodes = {node["node"]: node for node in document["plan"]["nodes"]}
    assert nodes["mean"]["why"] == "its framework's own runtime serves it"
    assert "which is not in the session" in nodes["risk"]["why"]
    assert document["plan"]["us_per_row_alone"] > 0
    said = run("ensemble", "blend", "--dir", blended).out
    assert "its framework's own runtime serves it" in said
    assert "us for a row alone" in said


def test_an_ensemble_is_explained_by_all_its_inputs_and_sums_to_its_score(blended: Path) -> None:
    with pr.open_workspace(blended) as workspace:
        loaded = workspace.models.load("blend")
        draw = np.random.default_rng(1)
        asked = {}
        for field in loaded.package.signature.inputs:
            column = np.array(["a", None, "b"], dtype=object) if field.type == "string" else draw.normal(size=3)
            asked[field.name] = column
        found = workspace.models.explain("blend", asked, within_s=0.05)
    parts = found.contributions
    assert parts.names == loaded.package.signature.names()
    assert parts.method.startswith("Shapley values from")
    np.testing.assert_allclose(parts.scores(), found.answers, atol=1e-9)


def test_a_model_that_is_no_ensemble_is_refused(run: Any, trained: Path) -> None:
    said = run("ensemble", "late_delivery.logistic", "--dir", trained)
    assert said.code == 1
    assert "no ensemble" in said.err
