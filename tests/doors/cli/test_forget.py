from pathlib import Path
from typing import Any

import pytest
from typer.testing import CliRunner

from pressroom.doors.cli.main import app

GOOD = "event,order,customer,store,minutes_late\n2025-05-02T10:00:00Z,x1,somebody-to-forget,mill,3.5\n"


@pytest.fixture
def shop(run: Any, trained: Path) -> Path:
    (trained / "batch.csv").write_text(GOOD)
    run("append", "delivered", trained / "batch.csv", "--known", "event", "--dir", trained)
    return trained


def test_a_subject_is_forgotten_and_the_receipt_says_what_was_done(run: Any, shop: Path) -> None:
    said = run("forget", "Customer", "somebody-to-forget", "--yes", "--dir", shop, "--json")
    assert said.code == 0, said.err
    receipt = said.document()["receipt"]
    assert {one["fact"]: one["rows"] for one in receipt["facts"]}["delivered"] == 1
    assert receipt["bytes_left_in"] == []
    assert "somebody" not in said.out
    assert {one["name"]: one["held"] for one in receipt["training_sets"]} == {"late_delivery": False}


def test_the_models_made_from_what_held_it_are_named(run: Any, trained: Path) -> None:
    said = run("forget", "customer", "c001", "--yes", "--dir", trained)
    assert said.code == 0, said.err
    assert all(word in said.out for word in ("ordered", "log: emptied", "rows set aside", "late_delivery"))


def test_without_yes_it_asks_and_no_is_no(run: Any, shop: Path) -> None:
    before = run("status", "--dir", shop, "--json").document()
    arguments = ["forget", "customer", "somebody-to-forget", "--dir", str(shop)]
    assert CliRunner().invoke(app, arguments, input="n\n").exit_code == 1
    assert run("status", "--dir", shop, "--json").document() == before
    assert CliRunner().invoke(app, arguments, input="y\n").exit_code == 0
    assert run("status", "--dir", shop, "--json").document() != before


def test_a_kind_that_no_fact_is_about_is_refused(run: Any, shop: Path) -> None:
    said = run("forget", "custumer", "c001", "--yes", "--dir", shop)
    assert said.code == 1
    assert "customer" in said.err
