"""The demo, with fewer requests: what it shows must be what the rooms computed."""

import json
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from pressroom.demo import DemoResult, run_demo

KEYS = {
    "facts": {"appended", "set_aside"},
    "training_set": {"rows", "digest"},
    "endpoint": {"requests", "errors", "p50_ms", "p99_ms"},
    "experiment": {"units", "srm_p", "variants"},
    "parity": {"checked", "unequal"},
    "bill": {"total_usd", "lines"},
}
MODEL = {"name", "version", "auc", "log_loss", "train_s", "cost_usd"}


@pytest.fixture(scope="module")
def result(tmp_path_factory: pytest.TempPathFactory) -> DemoResult:
    return run_demo(tmp_path_factory.mktemp("demo") / "run", told=lambda stage, done, total: None, requests=300)


@pytest.fixture(scope="module")
def document(result: DemoResult) -> dict[str, Any]:
    return json.loads(json.dumps(result.document()))


def test_the_document_has_every_promised_key(document: dict[str, Any]) -> None:
    for part, keys in KEYS.items():
        assert keys <= document[part].keys()
    assert {"wall_s", "lineage"} <= document.keys()
    assert all(model.keys() >= MODEL for model in document["models"])
    assert all({"name", "n", "brier", "auc"} <= variant.keys() for variant in document["experiment"]["variants"])


def test_every_served_feature_equals_the_recomputed_one_and_no_request_fails(document: dict[str, Any]) -> None:
    assert document["endpoint"]["errors"] == 0
    assert document["endpoint"]["requests"] == document["parity"]["checked"] >= 300
    assert document["parity"]["unequal"] == 0


def test_the_whole_year_goes_in_and_wrong_rows_are_counted(document: dict[str, Any]) -> None:
    predictions = document["endpoint"]["requests"]
    assert document["facts"]["appended"] == 336_776 + 328_521 + 327_346 + 26_114 + predictions
    assert document["facts"]["set_aside"] == 718


def test_the_training_set_built_twice_has_one_digest(document: dict[str, Any]) -> None:
    assert document["training_set"]["digest"] == document["training_set"]["rebuilt_digest"]


def test_the_baseline_comes_first_and_boosting_beats_it(document: dict[str, Any]) -> None:
    names = [model["name"].split(".")[-1] for model in document["models"]]
    assert names == ["baseline", "logistic", "gradient_boosting"]
    assert document["models"][2]["auc"] > document["models"][1]["auc"] > document["models"][0]["auc"]


def test_the_bill_is_the_sum_of_its_lines_and_names_the_server(document: dict[str, Any]) -> None:
    lines = document["bill"]["lines"]
    assert document["bill"]["total_usd"] == pytest.approx(sum(line["usd"] for line in lines), rel=1e-12)
    assert {"serve", "replay", "train.gradient_boosting"} <= {line["step"] for line in lines}


def test_the_lineage_leads_from_a_prediction_to_all_fact_tables(document: dict[str, Any]) -> None:
    kinds: set[tuple[str, str]] = set()

    def walk(node: dict[str, Any]) -> None:
        kinds.add((node["kind"], node["name"]))
        for parent in node["parents"]:
            walk(parent)

    walk(document["lineage"])
    tables = {name for kind, name in kinds if kind == "fact_table"}
    assert tables == {"scheduled", "departure", "landing", "weather_observed"}
    assert {"prediction", "endpoint", "model", "training_set", "view"} <= {kind for kind, _ in kinds}


def test_a_prediction_of_the_demo_can_be_explained_afterwards(result: DemoResult) -> None:
    command = ["why", result.replayed.last_prediction, "--dir", str(result.folder)]
    done = subprocess.run([sys.executable, "-m", "pressroom", *command], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    assert "training set late_arrival" in done.stdout


def test_a_folder_with_something_else_in_it_is_refused(tmp_path: Path) -> None:
    (tmp_path / "diary.txt").write_text("mine")
    command = ["demo", "--dir", str(tmp_path)]
    done = subprocess.run([sys.executable, "-m", "pressroom", *command], capture_output=True, text=True, check=False)
    assert done.returncode == 1
    assert "not empty" in done.stderr
    assert (tmp_path / "diary.txt").read_text() == "mine"
