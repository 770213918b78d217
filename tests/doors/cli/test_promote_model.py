from pathlib import Path
from typing import Any


def declare(shop: Path, usd_per_point: str) -> None:
    settings = shop / "pressroom.toml"
    text = settings.read_text(encoding="utf-8")
    settings.write_text(f'{text}\n[costs]\nusd_per_point = "{usd_per_point}"\n', encoding="utf-8")


def test_a_model_that_beats_its_baseline_is_promoted(run: Any, trained: Path) -> None:
    declare(trained, "1000")
    found = run("promote", "late_delivery.logistic", "--by", "ann", "--dir", trained, "--json").document()
    assert (found["alias"], found["by"]) == ("production", "ann")
    assert found["worth"]["gain_usd"] > found["worth"]["extra_usd"]
    assert "at 1000 USD a point" in run("promote", "late_delivery.logistic", "--by", "ann", "--dir", trained).out


def test_a_model_whose_lift_is_worth_less_than_it_costs_is_refused(run: Any, trained: Path) -> None:
    declare(trained, "0.0000000001")
    said = run("promote", "late_delivery.logistic", "--by", "ann", "--dir", trained)
    assert said.code == 1
    assert "does not beat its baseline" in said.err


def test_the_baseline_and_what_was_never_measured_are_refused(run: Any, trained: Path) -> None:
    assert "is the baseline" in run("promote", "late_delivery.baseline", "--by", "ann", "--dir", trained).err
    assert "was not measured" in run("promote", "late_delivery.oracle", "--by", "ann", "--dir", trained).err
    assert run("promote", "nothing.logistic", "--by", "ann", "--dir", trained).code == 1
