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


def test_rows_are_written_into_a_file_mended_and_appended_once(run: Any, shop: Path, tmp_path: Path) -> None:
    file = tmp_path / "mend.csv"
    said = run("set-aside", "delivered", "--batch", "monday", "--to", file, "--dir", shop)
    assert said.code == 0
    assert f"pressroom append delivered {file} --known ... --mends monday" in said.out
    text = file.read_text()
    assert text.startswith('_row,_reason,event,order,customer,store,minutes_late\n1,"event: expected an instant')
    file.write_text(text.replace("not a time 0,", "2025-05-02T10:00:00Z,").replace("not a time 7,", "soon,"))
    append = ("append", "delivered", file, "--known", "event", "--mends", "monday", "--dir", shop)
    said = run(*append)
    assert said.code == 0, said.err
    assert "1 appended (batch monday:mended:" in said.out
    assert "29 set aside" in said.out
    assert run(*append, "--json").document()["receipt"]["appended"] == 0
    [batch] = run("set-aside", "delivered", "--dir", shop, "--json").document()["batches"]
    assert (batch["rows"], batch["mended"]) == (29, [1])
    assert "1 mended, 29 still set aside" in run("set-aside", "delivered", "--dir", shop).out


def test_a_file_for_mending_wants_a_batch(run: Any, shop: Path, tmp_path: Path) -> None:
    assert run("set-aside", "delivered", "--to", tmp_path / "x.csv", "--dir", shop).code == 2
    said = run("set-aside", "delivered", "--batch", "tuesday", "--to", tmp_path / "x.csv", "--dir", shop)
    assert said.code == 1
    assert "monday" in said.err


def test_an_append_says_how_its_rows_are_mended(run: Any, shop: Path) -> None:
    said = run("append", "delivered", shop.parent / "batch.csv", "--known", "event", "--batch", "monday", "--dir", shop)
    assert "pressroom set-aside delivered --batch monday --to mend.csv" in said.out
