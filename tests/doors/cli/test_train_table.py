import json
from pathlib import Path
from typing import Any

import pyarrow.csv as pacsv
import pytest
from tests.training.tables_given import customers

pytest.importorskip("sklearn")


@pytest.fixture(scope="module")
def table(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("tables") / "customers.csv"
    pacsv.write_csv(customers(600), path)
    return path


@pytest.fixture(autouse=True)
def quick(monkeypatch: pytest.MonkeyPatch) -> None:
    """Only the quickest learner, which the command line has no option for."""
    from pressroom.training.tables import train_table  # noqa: PLC0415

    monkeypatch.setattr(train_table, "learners_of", lambda names: [train_table.linear()])


def test_a_file_in_an_empty_folder_becomes_a_model_that_is_pushed_and_asked(
    run: Any, table: Path, tmp_path: Path
) -> None:
    at = ("--dir", tmp_path)
    said = run("train", table, "--target", "churned", "--time", "Signed up", "--zone", "UTC", *at)
    assert said.code == 0, said.err
    assert "Made a workspace here" in said.err
    assert "A linear model tells the chance that churned is yes with AUC" in said.out
    assert "Left out: refund gives the target away" in said.out
    assert "pressroom push customers" in said.out
    page = (tmp_path / "customers.html").read_text(encoding="utf-8")
    assert page.startswith("<!doctype html>")
    pushed = run("push", "customers", "--json", *at).document()
    assert [route["model"] for route in pushed["routes"]] == ["customers.linear"]
    row = {"signed_up": "2024-01-06T19:16:23Z", "age": None, "plan": "basic", "calls": 4}
    (answer,) = run("predict", "customers", json.dumps(row), "--json", *at).document()["predictions"]
    assert 0 < answer["prediction"] < 1
    assert "raised the chance that churned is yes" in run("why", answer["prediction_id"], *at).out
    wrong = run("predict", "customers", json.dumps({**row, "calls": "many"}), *at)
    assert (wrong.code, "calls" in wrong.err) == (1, True)


def test_the_document_holds_all_that_the_page_tells(run: Any, table: Path, tmp_path: Path) -> None:
    page = tmp_path / "pages" / "r.html"
    said = run("train", table, "--target", "churned", "--keep", "refund", "--name", "stay", "--report", page, "--json",
               "--dir", tmp_path)  # fmt: skip
    document = said.document()
    assert document["report"] == str(page)
    assert page.exists()
    assert (document["name"], document["task"]["positive"]) == ("stay", "yes")
    assert [model["name"] for model in document["models"]] == ["baseline", "linear"]
    assert {one["column"] for one in document["left_out"]} == {"customer_id", "reason"}
    assert document["next"][0] == "pressroom push stay"
    assert "simplest model wins" in document["rule"]


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (("nothing.csv", "--target", "y"), "nothing.csv can't be read"),
        (("nothing", "--target", "y"), "is no file, and no fact type or training set"),
        (("{table}", "--target", "churnd"), "Did you mean 'churned'?"),
        (("{table}", "--target", "churned", "--known-at", "age"), "Add --time."),
    ],
)
def test_wrong_names_are_told_in_two_lines(run: Any, table: Path, tmp_path: Path, arguments: Any, said: str) -> None:
    (tmp_path / "pressroom.toml").touch()
    found = run("train", *(one.format(table=table) for one in arguments), "--dir", tmp_path)
    assert found.code == 1
    assert said in found.err
    assert len(found.err.splitlines()) == 2


def test_options_of_tables_need_a_target_and_as_of_needs_a_training_set(run: Any, filled: Path) -> None:
    said = run("train", "late_delivery", "--time", "event", "--dir", filled)
    assert (said.code, "say what to predict with --target" in said.err) == (2, True)
    said = run("train", "t.csv", "--target", "y", "--as-of", "2025-01-01T00:00Z", "--dir", filled)
    assert (said.code, "--as-of" in said.err) == (2, True)


def test_a_fact_type_is_trained_on_as_of_when_it_was_known(run: Any, filled: Path) -> None:
    said = run("train", "delivered", "--target", "minutes_late", "--json", "--dir", filled)
    document = said.document()
    assert document["name"] == "delivered_minutes_late"
    assert document["split"]["by"] == "time"
    assert "in the order of known" in document["split"]["words"]
    as_of_event = run("train", "delivered", "--target", "minutes_late", "--time", "event", "--json", "--dir", filled)
    late = as_of_event.document()
    assert {one["why"] for one in late["left_out"] if one["column"] in ("store", "customer")} <= {
        "known later",
        "identifier",
    }
    assert [field["name"] for field in late["inputs"]] == ["event_"], "all else is known later than the event"


def test_a_stored_training_set_is_trained_on_too(run: Any, trained: Path) -> None:
    document = run("train", "late_delivery", "--target", "label", "--json", "--dir", trained).document()
    assert document["name"] == "late_delivery_label"
    assert "as_of" in document["split"]["words"]
    assert document["models"][-1]["figures"][0]["value"] > 0.6


def test_a_name_of_the_definitions_is_refused(run: Any, trained: Path, table: Path) -> None:
    said = run("train", table, "--target", "churned", "--name", "late_delivery", "--dir", trained)
    assert (said.code, "stands in the project's definitions" in said.err) == (1, True)
