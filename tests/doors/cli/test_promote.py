from pathlib import Path
from typing import Any

import pytest

PLAIN = 'class StorePace(pr.FeatureView, entity=Store, owner="shop"):'
PROMISING = PLAIN.replace("):", ', intent="To see delays coming.", freshness="2h", availability=0.99):')


@pytest.fixture
def promising(run: Any, filled: Path) -> Path:
    path = filled / "definitions.py"
    text = path.read_text(encoding="utf-8")
    assert PLAIN in text
    path.write_text(text.replace(PLAIN, PROMISING), encoding="utf-8")
    assert run("apply", "--dir", filled).code == 0
    return filled


def test_a_view_without_promises_is_refused_with_all_that_is_missing(run: Any, filled: Path) -> None:
    said = run("promote", "store_pace", "--by", "ann", "--dir", filled)
    assert (said.code, said.out) == (1, "")
    wrong, next_step = said.err.splitlines()
    assert wrong == (
        "store_pace stays private. It has no intent: what it may be relied on for. It promises no freshness. "
        "It promises no availability."
    )
    assert next_step.startswith("Say it in the definition")


def test_a_view_that_keeps_the_conditions_is_shared(run: Any, promising: Path) -> None:
    said = run("promote", "store_pace", "--by", "ann", "--why", "growth needs it", "--dir", promising)
    assert said.code == 0
    assert said.out.startswith("store_pace is shared, promoted by ann at ")
    assert "growth needs it" in said.out
    assert "Checked: 1,000 questions, 4,000 values, 0 unequal." in said.out
    document = run("promote", "store_pace", "--by", "bob", "--dir", promising, "--json").document()
    assert (document["view"], document["stage"], document["by"]) == ("store_pace", "shared", "ann")
    cards = run("features", "--entity", "store", "--dir", promising, "--json").document()["features"]
    assert {card["stage"] for card in cards} == {"shared"}


def test_who_promotes_must_be_said(run: Any, promising: Path) -> None:
    said = run("promote", "store_pace", "--dir", promising)
    assert said.code == 2
    assert len(said.err.splitlines()) == 2


def test_a_training_set_of_another_team_is_refused_until_then(run: Any, promising: Path) -> None:
    path = promising / "definitions.py"
    text = path.read_text(encoding="utf-8")
    ours = text.index("late_delivery = pr.training_set(")
    path.write_text(text[:ours] + text[ours:].replace('owner="shop"', 'owner="growth"'), encoding="utf-8")
    said = run("train", "late_delivery", "--dir", promising)
    assert said.code == 1
    assert "is private to shop" in said.err
    assert "pressroom promote customer_habits --by WHO" in said.err


def test_a_promotion_is_taken_back(run: Any, promising: Path) -> None:
    run("promote", "store_pace", "--by", "ann", "--dir", promising)
    assert run("demote", "store_pace", "--by", "bob", "--dir", promising).code == 2
    said = run("demote", "store_pace", "--by", "bob", "--why", "it was wrong", "--dir", promising)
    assert said.code == 0
    assert said.out.startswith("store_pace is private again, taken back by bob at ")
    again = run("demote", "store_pace", "--by", "bob", "--why", "it was wrong", "--dir", promising)
    assert (again.code, again.err.splitlines()[0]) == (1, "store_pace is not shared.")
    run("promote", "store_pace", "--by", "ann", "--dir", promising)
    document = run(
        "demote", "store_pace", "--by", "bob", "--why", "again", "--anyway", "--dir", promising, "--json"
    ).document()
    assert (document["stage"], document["users"]) == ("private", [])
