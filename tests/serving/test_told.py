"""What is told of troubles, and how often."""

import logging

import pytest

from pressroom.serving.told import Telling, in_trace

TRACE = "4bf92f3577b34da6a3ce929d0e0e4736"


@pytest.fixture
def turned(caplog):
    """A time that can be turned, and whoever tells by it."""
    at = [0.0]
    return at, Telling(logging.getLogger("test"), now=lambda: at[0]), caplog


def lines(caplog):
    return [record.getMessage() for record in caplog.records]


def test_the_first_trouble_is_told_at_once_and_the_next_thousand_in_one_line(turned):
    at, telling, caplog = turned
    for _ in range(1_000):
        telling.trouble("model", "It met an error.")
    assert lines(caplog) == ["It met an error."]
    at[0] = 10.0
    telling.trouble("model", "It met an error.")
    assert lines(caplog)[1:] == ["It met an error. So it was 999 more times since that was last told."]


def test_troubles_of_different_kinds_hide_no_other(turned):
    _, telling, caplog = turned
    for number in range(600):
        telling.trouble(f"kind {number}", f"{number}")
    assert lines(caplog) == [str(number) for number in range(600)]
    assert len(telling._told_at) <= 256


def test_the_trace_and_the_error_itself_are_told(turned):
    _, telling, caplog = turned
    telling.trouble("model", "It met an error.", ZeroDivisionError("by zero"), trace=TRACE)
    assert lines(caplog) == [f"It met an error. [trace_id={TRACE}]"]
    assert "ZeroDivisionError: by zero" in caplog.text
    assert in_trace("") == ""


def test_that_it_is_over_is_told_once_and_only_where_there_was_trouble(turned):
    _, telling, caplog = turned
    telling.over("write", "It is well.")
    telling.trouble("write", "It is full.")
    telling.over("write", "It is well.")
    telling.over("write", "It is well.")
    assert lines(caplog) == ["It is full.", "It is well."]
