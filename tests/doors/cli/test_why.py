from pathlib import Path
from typing import Any

import pytest

END = "2025-04-30T00:00Z"


@pytest.fixture
def answer(run: Any, pushed: Path) -> dict[str, Any]:
    row = (pushed / "samples" / "requests.jsonl").read_text().splitlines()[0]
    answers = run("predict", "delivery_risk", row, "--as-of", END, "--dir", pushed, "--json").document()["predictions"]
    return dict(answers[0])


def _kinds(node: dict[str, Any]) -> set[str]:
    return {node["kind"]}.union(*map(_kinds, node["parents"]))


def test_the_layers_are_those_that_the_answer_gave(run: Any, pushed: Path, answer: dict[str, Any]) -> None:
    document = run("why", answer["prediction_id"], "--dir", pushed, "--json").document()
    assert document["prediction"] == answer["prediction"]
    assert document["features"] == {name: v for name, v in answer["features"].items() if name != "store"}
    assert document["keys"] == {name: answer["row"][name] for name in ("order", "customer", "store")}
    assert document["as_of"] == "2025-04-30T00:00:00Z"


def test_the_lineage_leads_from_the_endpoint_to_the_facts(run: Any, pushed: Path, answer: dict[str, Any]) -> None:
    document = run("why", answer["prediction_id"], "--dir", pushed, "--json").document()
    assert document["lineage"]["kind"] == "endpoint"
    [model] = document["lineage"]["parents"]
    assert (model["name"], model["digest"]) == (document["model"], document["digest"])
    assert _kinds(document["lineage"]) == {"endpoint", "model", "training_set", "view", "fact", "fact_table"}


def test_people_see_answer_features_and_tree(run: Any, pushed: Path, answer: dict[str, Any]) -> None:
    said = run("why", answer["prediction_id"], "--endpoint", "delivery_risk", "--dir", pushed)
    assert said.code == 0
    assert all(
        word in said.out for word in ("store_pace.late_1d", "└── model late_delivery.logistic 1.0.0", "fact table")
    )


def test_a_prediction_is_explained_by_the_version_that_gave_it(run: Any, pushed: Path, answer: dict[str, Any]) -> None:
    run("push", "delivery_risk", "--model", "baseline", "--dir", pushed)
    run("settle", "--dir", pushed)
    document = run("why", answer["prediction_id"], "--dir", pushed, "--json").document()
    assert document["endpoint_version"] == 1
    assert document["lineage"]["version"] == "1"
    assert document["lineage"]["parents"][0]["name"] == "late_delivery.logistic"


@pytest.mark.parametrize("arguments", [["nobody"], ["nobody", "--endpoint", "delivery_risk"], ["x", "--endpoint", "y"]])
def test_an_unknown_prediction_is_refused(run: Any, pushed: Path, arguments: list[str]) -> None:
    said = run("why", *arguments, "--dir", pushed)
    assert said.code == 1
    assert len(said.err.splitlines()) == 2


def test_a_workspace_without_endpoints_says_so(run: Any, filled: Path) -> None:
    assert "there is none" in run("why", "nobody", "--dir", filled).err
