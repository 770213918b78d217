from pathlib import Path
from typing import Any

import pytest


@pytest.fixture
def shop(run: Any, tmp_path: Path) -> Path:
    folder = tmp_path / "shop"
    run("init", folder)
    run("apply", "--dir", folder)
    lines = [f"not a time {number},x{number},c001,mill,1\n" for number in range(30)]
    (tmp_path / "batch.csv").write_text("event,order,customer,store,minutes_late\n" + "".join(lines))
    run("append", "delivered", tmp_path / "batch.csv", "--known", "event", "--batch", "monday", "--dir", folder)
    return folder


def test_nothing_set_aside_says_so(run: Any, shop: Path) -> None:
    assert run("set-aside", "ordered", "--dir", shop).out == "Nothing was set aside.\n"


def test_rows_are_shown_with_place_field_value_and_reason(run: Any, shop: Path) -> None:
    said = run("set-aside", "--dir", shop)
    assert said.code == 0
    assert all(word in said.out for word in ("monday", "not a time 0", "event", "30"))


@pytest.mark.parametrize(("rows", "shown"), [(0, 0), (7, 7), (100, 30)])
def test_as_many_rows_are_shown_as_asked_for(run: Any, shop: Path, rows: int, shown: int) -> None:
    [batch] = run("set-aside", "delivered", "--rows", rows, "--dir", shop, "--json").document()["batches"]
    assert len(batch["examples"]) == shown
    assert batch["rows"] == 30
    assert run("set-aside", "--rows", rows, "--dir", shop).out.count("not a time") == shown


def test_an_unknown_fact_is_refused(run: Any, shop: Path) -> None:
    assert run("set-aside", "deliverd", "--dir", shop).code == 1
