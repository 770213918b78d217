from pathlib import Path
from typing import Any

from pressroom.doors.cli.features import _duration


def test_features_are_searched_by_word_and_entity(run: Any, filled: Path) -> None:
    found = run("features", "LATE", "mean", "--entity", "store", "--dir", filled, "--json").document()["features"]
    assert [card["feature"] for card in found] == ["store_pace.late_1d", "store_pace.late_14d"]
    said = run("features", "late", "mean", "--entity", "store", "--dir", filled)
    assert said.code == 0
    assert "store_pace.late_14d" in said.out
    assert "customer_habits" not in said.out


def test_a_document_says_what_whose_how_fresh_and_who_uses_it(run: Any, pushed: Path) -> None:
    (card,) = run("features", "store_pace.late_1d", "--dir", pushed, "--json").document()["features"]
    assert card["doc"].startswith("mean of delivered.minutes_late over 1d")
    assert (card["view"], card["entity"], card["type"], card["unit"]) == ("store_pace", "store", "float", "min")
    assert (card["owner"], card["stage"], card["freshness_s"], card["fresh"]) == ("shop", "private", None, None)
    assert card["facts"] == ["delivered"]
    assert card["age_s"] > 0
    assert (card["used_by"], card["uses"]) == (["shop"], ["delivery_risk", "late_delivery"])
    assert card["last_used"].endswith("Z")


def test_a_broken_promise_is_visible(run: Any, filled: Path) -> None:
    path = filled / "definitions.py"
    text = path.read_text(encoding="utf-8").replace('entity=Store, owner="shop"', 'entity=Store, freshness="2h"')
    path.write_text(text, encoding="utf-8")
    assert run("apply", "--dir", filled).code == 0
    said = run("features", "--entity", "store", "--dir", filled)
    assert " ago: late" in said.out
    card = run("features", "--entity", "store", "--dir", filled, "--json").document()["features"][0]
    assert (card["freshness_s"], card["fresh"], card["owner"]) == (7_200.0, False, "")


def test_nothing_found_says_how_to_see_all(run: Any, filled: Path) -> None:
    said = run("features", "unicorns", "--dir", filled)
    assert said.code == 0
    assert "pressroom features" in said.out
    assert run("features", "--label", "pii", "--dir", filled, "--json").document() == {"features": []}


def test_an_age_is_shown_in_the_largest_unit_that_fits_twice() -> None:
    assert [_duration(seconds) for seconds in (5.9, 119, 120, 7_199, 7_200, 172_799, 172_800)] == [
        "5s",
        "119s",
        "2min",
        "119min",
        "2h",
        "47h",
        "2d",
    ]
