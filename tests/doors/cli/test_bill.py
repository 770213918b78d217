import csv
from pathlib import Path
from typing import Any

import pytest


def test_a_training_is_billed_by_step(run: Any, trained: Path) -> None:
    document = run("bill", "--dir", trained, "--json").document()["bill"]
    steps = [line["step"] for line in document["lines"]]
    assert steps[:2] == ["training_set", "train.baseline"]
    assert document["total_usd"] == pytest.approx(sum(line["usd"] for line in document["lines"]))
    assert document["idle"]["cpu_s"] >= 0
    said = run("bill", "--dir", trained).out
    assert "Total: " in said
    assert "Idle meanwhile: " in said


def test_a_run_is_billed_alone(run: Any, trained: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("pressroom.doors.cli.train.find_spec", lambda _: None)
    name = run("train", "late_delivery", "--dir", trained, "--json").document()["run"]
    one = run("bill", "--run", name, "--dir", trained, "--json").document()
    assert one["run"] == name
    assert [line["step"] for line in one["bill"]["lines"]] == ["training_set", "train.baseline", "release.baseline"]


def test_a_bill_is_put_together_by_model_and_team(run: Any, trained: Path) -> None:
    models = run("bill", "--by", "model", "--dir", trained, "--json").document()["bill"]["lines"]
    assert {"late_delivery.baseline", "late_delivery.logistic"} <= {line["model"] for line in models}
    whole = run("bill", "--dir", trained, "--json").document()["bill"]["total_usd"]
    for by in ("team", "flow", "tier", "run", "kind"):
        bill = run("bill", "--by", by, "--dir", trained, "--json").document()["bill"]
        assert sum(line["usd"] for line in bill["lines"]) == pytest.approx(whole)


def test_a_bill_has_a_beginning_and_an_end(run: Any, trained: Path) -> None:
    assert run("bill", "--until", "2020-01-01T00:00Z", "--dir", trained, "--json").document()["bill"]["lines"] == []
    since = run("bill", "--since", "2020-01-01T00:00Z", "--dir", trained, "--json").document()["bill"]
    assert since["lines"]


def test_a_bill_is_exported_in_focus_columns(run: Any, trained: Path, tmp_path: Path) -> None:
    file = tmp_path / "bill.csv"
    total = run("bill", "--focus", file, "--dir", trained, "--json").document()["bill"]["total_usd"]
    with file.open(encoding="utf-8", newline="") as rows:
        found = list(csv.DictReader(rows))
    assert sum(float(row["BilledCost"]) for row in found) == pytest.approx(total)
    assert {row["x_flow"] for row in found} == {"train"}


def test_price_books_of_a_folder_are_in_force_from_their_days(run: Any, trained: Path) -> None:
    folder = trained / "prices"
    folder.mkdir()
    text = (
        'version = "{}"\nvalid_from = {}T00:00:00Z\ncurrency = "usd"\ndoc = "d"\n[prices]\nusd_per_cpu_s = {}\n'
        "usd_per_gib_s = 0\nusd_per_gib_written = 0\nusd_per_gib_read = 0\n"
    )
    (folder / "a.toml").write_text(text.format("old", "2020-01-01", 1.0), encoding="utf-8")
    settings = trained / "pressroom.toml"
    settings.write_text(settings.read_text(encoding="utf-8") + '\n[costs]\nprice_book = "prices"\n', encoding="utf-8")
    before = run("bill", "--dir", trained, "--json").document()["bill"]
    (folder / "b.toml").write_text(text.format("new", "2099-01-01", 9.0), encoding="utf-8")
    assert run("bill", "--dir", trained, "--json").document()["bill"]["total_usd"] == before["total_usd"]
    dearer = run("bill", "--book", "new", "--dir", trained, "--json").document()["bill"]
    assert dearer["total_usd"] == pytest.approx(9 * before["total_usd"])
    assert (before["books"], dearer["books"]) == (["old"], ["new"])
    assert run("bill", "--book", "x", "--dir", trained).code == 1


def test_nothing_used_costs_nothing(run: Any, filled: Path) -> None:
    bill = run("bill", "--dir", filled, "--json").document()["bill"]
    assert (bill["total_usd"], bill["idle"]) == (0, None)


def test_an_unknown_run_is_refused(run: Any, trained: Path) -> None:
    said = run("bill", "--run", "train-0", "--dir", trained)
    assert said.code == 1
    assert "train-" in said.err.splitlines()[1]
