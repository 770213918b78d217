from pathlib import Path
from typing import Any

import pytest

BASELINE, LOGISTIC = "late_delivery.baseline", "late_delivery.logistic"


def routes(document: Any) -> list[tuple[object, ...]]:
    return [(r["variant"], r["model"], r["share"], r.get("when"), r.get("shadow")) for r in document["routes"]]


def test_with_nothing_said_it_shows_the_routes(run: Any, pushed: Path) -> None:
    document = run("route", "delivery_risk", "--dir", pushed, "--json").document()
    assert routes(document) == [(None, LOGISTIC, 1.0, None, None)]
    assert "verdicts" not in document
    assert "100.00%" in run("route", "delivery_risk", "--dir", pushed).out


def test_shares_rules_and_shadows_are_set_without_code(run: Any, pushed: Path) -> None:
    shares = ("--share", "new:baseline=10%", "--share", "logistic=90%", "--unit", "customer")
    document = run("route", "delivery_risk", *shares, "--dir", pushed, "--json").document()
    assert routes(document) == [("new", BASELINE, 0.1, None, None), ("logistic", LOGISTIC, 0.9, None, None)]
    assert document["unit"] == "customer"
    more = ("--when", "store=north,south:baseline", "--when", "items=9:baseline", "--shadow", "baseline")
    document = run("route", "delivery_risk", *more, "--dir", pushed, "--json").document()
    assert routes(document)[:2] == [
        ("store=north,south", BASELINE, 0.0, {"field": "store", "among": ["north", "south"]}, None),
        ("items=9", BASELINE, 0.0, {"field": "items", "among": [9]}, None),
    ]
    assert routes(document)[-1] == ("shadow.baseline", BASELINE, 0.0, None, True)
    shown = run("route", "delivery_risk", "--dir", pushed).out
    assert "where store is north or south" in shown
    assert "nobody" in shown
    back = ("--no-rules", "--no-shadows", "--share", "logistic=100%")
    said = run("route", "delivery_risk", *back, "--dir", pushed)
    assert "golden rows" in said.out, "it goes through the checks of a push"
    document = run("route", "delivery_risk", "--dir", pushed, "--json").document()
    assert routes(document) == [("logistic", LOGISTIC, 1.0, None, None)]


@pytest.mark.parametrize(
    ("arguments", "code"),
    [
        (["--share", "logistic"], 1),
        (["--share", "logistic=5"], 1),
        (["--share", "logistic=50%"], 1),
        (["--share", "magic=100%"], 1),
        (["--when", "store=north"], 1),
        (["--when", "country=NL:logistic"], 1),
        (["--when", "items=many:logistic"], 1),
        (["--unit", "country"], 1),
        (["--when", "store=north:logistic", "--no-rules"], 2),
        (["--shadow", "logistic", "--no-shadows"], 2),
    ],
)
def test_what_cannot_be_is_refused_in_two_lines(run: Any, pushed: Path, arguments: list[str], code: int) -> None:
    said = run("route", "delivery_risk", *arguments, "--dir", pushed)
    assert (said.code, said.out) == (code, "")
    assert len(said.err.splitlines()) == 2


def test_what_answers_nothing_yet_has_no_routes(run: Any, trained: Path) -> None:
    assert run("route", "delivery_risk", "--dir", trained).code == 1
