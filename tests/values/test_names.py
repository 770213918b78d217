"""Names: what goes into paths, URLs and SQL."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pressroom.values import InvalidInput, check_name, snake_case


@pytest.mark.parametrize(
    ("name", "spelled"),
    [("WeatherObserved", "weather_observed"), ("HTTPRequest", "http_request"), ("A", "a"), ("MyHTTP", "my_http"),
     ("Day2Close", "day2_close"), ("already_so", "already_so")],
)  # fmt: skip
def test_class_names_are_spelled_in_snake_case(name, spelled):
    assert snake_case(name) == spelled


@pytest.mark.parametrize("name", ["a", "a1", "a_b.c_d", "x" * 128, "a__b", "a_"])
def test_good_names_come_back(name):
    assert check_name(name, what="a thing") == name


@pytest.mark.parametrize(
    "name",
    ["", "A", "1a", "_a", "a-b", "a b", "a/b", "../a", "a.", ".a", "a..b", "a.1", "a\n", "a\0", "ö", "x" * 129, "a;"],
)
def test_other_names_are_refused(name):
    with pytest.raises(InvalidInput) as refused:
        check_name(name, what="a thing")
    assert refused.value.message == f"{name!r} can't name a thing."
    assert refused.value.next_step == (
        "Use lower-case letters, digits and _, starting with a letter, parts joined by a dot."
    )


@given(st.from_regex(r"[A-Z][A-Za-z0-9]{0,30}", fullmatch=True))
def test_every_class_name_becomes_a_good_name(name):
    assert check_name(snake_case(name), what="a thing")
