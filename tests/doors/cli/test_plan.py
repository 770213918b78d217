from pathlib import Path
from typing import Any


def test_a_plan_says_what_would_be_made_and_makes_nothing(run: Any, tmp_path: Path) -> None:
    run("init", tmp_path)
    for _ in range(2):
        document = run("plan", "--dir", tmp_path, "--json").document()
        assert document["changes"] == 4
        assert {step["action"] for step in document["steps"]} == {"create"}


def test_what_is_applied_is_kept(run: Any, tmp_path: Path) -> None:
    run("init", tmp_path)
    assert run("apply", "--dir", tmp_path, "--json").document()["changes"] == 4
    assert "Nothing changed." in run("apply", "--dir", tmp_path).out
    assert "Nothing to change." in run("plan", "--dir", tmp_path).out


def test_a_plan_says_what_breaks(run: Any, filled: Path) -> None:
    path = filled / "definitions.py"
    text = path.read_text()
    path.write_text(text.replace('pr.field(unit="min", doc=', 'pr.field(unit="s", doc='))
    said = run("plan", "--dir", filled)
    [step] = [step for step in run("plan", "--dir", filled, "--json").document()["steps"] if step["breaks"]][:1]
    assert step["name"] == "delivered"
    assert "minutes_late changed" in said.out
    assert "breaks" in said.out


def test_definitions_that_cannot_be_read_name_their_line(run: Any, filled: Path) -> None:
    (filled / "definitions.py").write_text("import pressroom as pr\n\n1 / 0\n")
    said = run("plan", "--dir", filled)
    assert said.code == 1
    assert "definitions.py, line 3: ZeroDivisionError" in said.err


def test_a_plan_names_who_it_would_break_and_what_they_have_to_do(run: Any, pushed: Path) -> None:
    path = pushed / "definitions.py"
    path.write_text(path.read_text().replace('window="24h"', 'window="30h"').replace('window="7d"', 'window="8d"'))
    document = run("plan", "--dir", pushed, "--json").document()
    named = {(one["kind"], one["name"]) for one in document["broken"]}
    assert {("endpoint", "delivery_risk"), ("model", "late_delivery.logistic")} <= named
    said = run("plan", "--dir", pushed).out
    assert "Who can't go on unchanged:" in said
    assert "model late_delivery.logistic: 1.0.0 takes" in said
    assert "pressroom train late_delivery" in said
