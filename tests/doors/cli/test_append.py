from pathlib import Path
from typing import Any

import pytest

from pressroom.workspace import open_workspace

HEADER = "event,order,customer,store,minutes_late\n"
GOOD = "2025-05-02T10:00:00Z,x1,c001,mill,3.5\n"


@pytest.fixture
def empty(run: Any, tmp_path: Path) -> Path:
    run("init", tmp_path / "shop")
    run("apply", "--dir", tmp_path / "shop")
    return tmp_path / "shop"


def _file(folder: Path, *lines: str, header: str = HEADER) -> Path:
    path = folder / "batch.csv"
    path.write_text(header + "".join(lines))
    return path


@pytest.mark.parametrize("name", ["delivered", "Delivered"])
def test_a_fact_goes_by_its_name_or_its_class(run: Any, empty: Path, name: str) -> None:
    said = run("append", name, _file(empty, GOOD), "--known", "event", "--dir", empty, "--json")
    assert said.document()["receipt"]["appended"] == 1


def test_the_same_batch_again_adds_nothing_and_is_no_error(run: Any, empty: Path) -> None:
    arguments = ("append", "delivered", _file(empty, GOOD), "--known", "event", "--dir", empty)
    run(*arguments)
    said = run(*arguments)
    assert said.code == 0
    assert "in already" in said.out
    assert run(*arguments, "--json").document()["receipt"]["repeated"] is True


def test_naive_times_are_set_aside_with_a_reason_and_the_rest_goes_in(run: Any, empty: Path) -> None:
    path = _file(empty, GOOD, "2025-05-02T11:00:00,x2,c001,mill,4.0\n", "2025-05-02T12:00:00Z,x3,c001,mill,soon\n")
    said = run("append", "delivered", path, "--known", "event", "--dir", empty)
    assert said.code == 0
    assert "1 appended" in said.out
    assert "2 set aside" in said.out
    assert "pressroom set-aside delivered" in said.out
    shown = run("set-aside", "delivered", "--dir", empty, "--json").document()["batches"]
    assert [(row["row"], row["field"]) for row in shown[0]["examples"]] == [(2, "event"), (3, "minutes_late")]


def test_a_zone_gives_naive_times_their_meaning(run: Any, empty: Path) -> None:
    path = _file(empty, "2025-05-02T11:00:00,x2,c001,mill,4.0\n")
    said = run("append", "delivered", path, "--known", "event", "--zone", "Europe/Paris", "--dir", empty, "--json")
    assert said.document()["receipt"]["appended"] == 1


def test_bad_rows_can_refuse_the_whole_file(run: Any, empty: Path) -> None:
    path = _file(empty, GOOD, "never,x2,c001,mill,4.0\n")
    said = run("append", "delivered", path, "--known", "event", "--refuse-bad-rows", "--dir", empty)
    assert said.code == 1
    assert "Row 2" in said.err
    assert run("status", "--dir", empty, "--json").document()["facts"][0] == {"fact": "delivered", "rows": 0}


def test_rows_that_repeat_each_other_go_in_when_asked(run: Any, empty: Path) -> None:
    path = _file(empty, GOOD, GOOD)
    said = run("append", "delivered", path, "--known", "event", "--repeats", "--dir", empty, "--json")
    assert said.document()["receipt"]["appended"] == 2


def test_a_column_known_says_itself_when_it_was_known(run: Any, empty: Path) -> None:
    path = _file(empty, f"2025-05-02T10:07:00Z,{GOOD}", header=f"known,{HEADER}")
    said = run("append", "delivered", path, "--dir", empty, "--json")
    assert said.document()["receipt"]["appended"] == 1


def test_without_known_and_without_the_column_it_is_wrong_use(run: Any, empty: Path) -> None:
    said = run("append", "delivered", _file(empty, GOOD), "--dir", empty)
    assert said.code == 2
    assert "--known" in said.err


@pytest.mark.parametrize("known", ["later", "event + soon", "event + 0min", ""])
def test_a_known_that_says_nothing_is_wrong_use(run: Any, empty: Path, known: str) -> None:
    said = run("append", "delivered", _file(empty, GOOD), "--known", known, "--dir", empty)
    assert said.code == 2
    assert "--known" in said.err


def test_an_unknown_fact_is_refused_with_the_nearest_name(run: Any, empty: Path) -> None:
    said = run("append", "deliverd", _file(empty, GOOD), "--known", "event", "--dir", empty)
    assert said.code == 1
    assert "Did you mean 'delivered'?" in said.err


@pytest.mark.parametrize("name", ["missing.csv", "batch.txt"])
def test_a_file_that_cannot_be_read_is_refused(run: Any, empty: Path, name: str) -> None:
    (empty / "batch.txt").write_text("text")
    said = run("append", "delivered", empty / name, "--known", "event", "--dir", empty)
    assert said.code == 1
    assert len(said.err.splitlines()) == 2


def test_two_sources_may_send_the_same_batch(run: Any, empty: Path) -> None:
    arguments = ("append", "delivered", _file(empty, GOOD), "--known", "event", "--dir", empty, "--json")
    assert run(*arguments, "--source", "north").document()["receipt"]["appended"] == 1
    assert run(*arguments, "--source", "south").document()["receipt"]["appended"] == 1


def test_a_correction_takes_the_place_of_the_fact_and_a_retraction_takes_it_back(run: Any, empty: Path) -> None:
    run("append", "delivered", _file(empty, GOOD), "--known", "event", "--dir", empty)
    corrected = _file(empty, "2025-05-02T10:00:00Z,x1,c001,mill,30.0\n")
    arguments = ("--known", "now", "--dir", empty)
    assert run("append", "delivered", corrected, "--corrects", *arguments).code == 0
    with open_workspace(empty) as workspace:
        fact = workspace.fact("delivered")
        assert workspace.facts.read(fact)[0].column("minutes_late").to_pylist() == [30.0]
    keys = _file(empty, "2025-05-02T10:00:00Z,x1,c001,mill\n", header="event,order,customer,store\n")
    assert run("append", "delivered", keys, "--retracts", *arguments).code == 0
    with open_workspace(empty) as workspace:
        assert workspace.facts.read(fact)[0].num_rows == 0


def test_rows_that_correct_and_retract_at_once_are_wrong_use(run: Any, empty: Path) -> None:
    path = _file(empty, GOOD)
    said = run("append", "delivered", path, "--known", "now", "--corrects", "--retracts", "--dir", empty)
    assert said.code == 2
