"""Errors: what is wrong, and what to do about it."""

import pytest

from pressroom.values import Conflict, InvalidInput, NotFound, PressroomError, Refused


def test_an_error_says_both_sentences():
    error = Refused("There is no room.", next_step="Free space.")
    assert (error.message, error.next_step, str(error)) == (
        "There is no room.", "Free space.", "There is no room. Free space.",
    )  # fmt: skip
    assert str(NotFound("Gone.")) == "Gone."


@pytest.mark.parametrize("kind", [Conflict, InvalidInput, NotFound, Refused])
def test_all_errors_are_caught_as_one(kind):
    with pytest.raises(PressroomError):
        raise kind("x")
