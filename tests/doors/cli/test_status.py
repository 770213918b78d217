from pathlib import Path
from typing import Any


def test_an_empty_workspace_says_what_to_do(run: Any, tmp_path: Path) -> None:
    run("init", tmp_path)
    assert "pressroom apply" in run("status", "--dir", tmp_path).out


def test_facts_views_models_and_endpoints_are_shown(run: Any, pushed: Path) -> None:
    document = run("status", "--dir", pushed, "--json").document()
    assert {line["fact"]: line["rows"] for line in document["facts"]}["ordered"] == 4_800
    assert [line["view"] for line in document["views"]] == ["customer_habits", "store_pace"]
    assert {line["model"] for line in document["models"]} >= {"late_delivery.baseline", "late_delivery.logistic"}
    [line] = document["endpoints"]
    assert (line["endpoint"], line["share"], line["predictions"]) == ("delivery_risk", "100.00%", 0)
    said = run("status", "--dir", pushed)
    assert all(word in said.out for word in ("4,800", "store_pace", "late_delivery.logistic 1.0.0", "100.00%"))
