import json
from pathlib import Path
from typing import Any

import pytest

END = "2025-04-30T00:00Z"
ROW = {"order": "n1", "customer": "c001", "store": "mill", "amount": 20.0, "items": 2, "distance": 1.5, "hour": 19}


def test_an_answer_names_its_model_and_is_written_down(run: Any, pushed: Path) -> None:
    said = run("predict", "delivery_risk", json.dumps(ROW), "--as-of", END, "--dir", pushed, "--json")
    [answer] = said.document()["predictions"]
    assert 0.0 <= answer["prediction"] <= 1.0
    assert (answer["model"], answer["version"], answer["variant"]) == ("late_delivery.logistic", "1.0.0", None)
    assert set(answer["ages_s"]) == {name for name in answer["features"] if "." in name}
    assert run("status", "--dir", pushed, "--json").document()["endpoints"][0]["predictions"] == 1


def test_rows_come_from_arguments_files_and_stdin(run: Any, pushed: Path) -> None:
    path = pushed / "rows.jsonl"
    path.write_text(f"{json.dumps(ROW)}\n\n{json.dumps(ROW | {'order': 'n2'})}\n")
    said = run(
        "predict", "delivery_risk", json.dumps(ROW), f"@{path}", "@-", "--as-of", END, "--dir", pushed, "--json",
        stdin=json.dumps(ROW | {"order": "n3"}),
    )  # fmt: skip
    assert [answer["row"]["order"] for answer in said.document()["predictions"]] == ["n1", "n1", "n2", "n3"]


def test_people_see_a_table_and_how_to_ask_why(run: Any, pushed: Path) -> None:
    said = run("predict", "delivery_risk", json.dumps(ROW), "--as-of", END, "--dir", pushed)
    assert all(word in said.out for word in ("n1", "logistic 1.0.0", "min old", "pressroom why "))


@pytest.mark.parametrize("row", ["{", "", "@/no/such/file", "\udcff"])
def test_what_is_no_json_is_wrong_use(run: Any, pushed: Path, row: str) -> None:
    assert run("predict", "delivery_risk", row, "--dir", pushed).code == 2


def test_a_broken_line_of_a_file_is_named(run: Any, pushed: Path) -> None:
    (pushed / "rows.jsonl").write_text(f"{json.dumps(ROW)}\nnothing\n")
    said = run("predict", "delivery_risk", f"@{pushed / 'rows.jsonl'}", "--dir", pushed)
    assert said.code == 2
    assert "line 2" in said.err


@pytest.mark.parametrize(
    ("row", "named"),
    [
        ({"order": "n1"}, "customer"),
        (ROW | {"colour": "red"}, "colour"),
        (ROW | {"items": "two"}, "items"),
        ([1], "object"),
    ],
)
def test_a_row_that_does_not_fit_is_refused_by_field(run: Any, pushed: Path, row: object, named: str) -> None:
    said = run("predict", "delivery_risk", json.dumps(row), "--dir", pushed)
    assert said.code == 1
    assert named in said.err
    assert run("status", "--dir", pushed, "--json").document()["endpoints"][0]["predictions"] == 0


def test_an_unknown_endpoint_lists_what_there_is(run: Any, pushed: Path) -> None:
    said = run("predict", "delivery", json.dumps(ROW), "--dir", pushed)
    assert said.code == 1
    assert "delivery_risk" in said.err


def test_an_instant_that_is_no_longer_kept_online_is_refused(run: Any, pushed: Path) -> None:
    said = run("predict", "delivery_risk", json.dumps(ROW), "--as-of", "2025-03-02T00:00Z", "--dir", pushed)
    assert said.code == 1
    assert "kept online from" in said.err
