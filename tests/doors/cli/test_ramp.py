from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pressroom.doors.cli.ramp import parse_share
from pressroom.values import InvalidInput


@pytest.mark.parametrize(
    ("text", "share"), [("5%", 0.05), ("0.05", 0.05), ("100%", 1.0), ("1", 1.0), ("0", 0.0), (" 12.5 % ", 0.125)]
)
def test_a_share_is_a_part_or_a_percentage(text: str, share: float) -> None:
    assert parse_share(text) == share


@pytest.mark.parametrize("text", ["5", "-1%", "101%", "nan", "inf%", "", "%", "half", "5%%"])
def test_what_is_no_share_is_refused(text: str) -> None:
    with pytest.raises(InvalidInput):
        parse_share(text)


@given(st.integers(min_value=0, max_value=10_000))
def test_both_spellings_mean_the_same(hundredths: int) -> None:
    assert parse_share(f"{hundredths / 100}%") == pytest.approx(parse_share(f"{hundredths / 10_000:.4f}"))


def test_a_ramp_shares_the_endpoint(run: Any, pushed: Path) -> None:
    document = run("ramp", "delivery_model", "20%", "--dir", pushed, "--json").document()
    assert [(route["variant"], route["share"]) for route in document["routes"]] == [
        ("logistic", 0.2),
        ("baseline", 0.8),
    ]
    assert (document["experiment"], document["unit"]) == ("delivery_model", "customer")


def test_a_share_that_is_none_is_wrong_use(run: Any, pushed: Path) -> None:
    said = run("ramp", "delivery_model", "500%", "--dir", pushed)
    assert said.code == 2
    assert "SHARE" in said.err


def test_an_unknown_experiment_is_refused(run: Any, pushed: Path) -> None:
    said = run("ramp", "delivery_modl", "5%", "--dir", pushed)
    assert said.code == 1
    assert "Did you mean 'delivery_model'?" in said.err
