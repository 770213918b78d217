"""Rules on when facts were known."""

import pytest

from pressroom.facts import BadBatch, KnownRule
from pressroom.values import InvalidInput


@pytest.mark.parametrize(
    ("text", "kind", "delay_us"),
    [("event", "after", 0), (" event+5min ", "after", 300_000_000), ("event + 1d", "after", 86_400_000_000),
     ("column", "column", 0), ("now", "now", 0)],
)  # fmt: skip
def test_rules_are_read(text, kind, delay_us):
    assert KnownRule.parse(text) == KnownRule(kind=kind, delay_us=delay_us)


@pytest.mark.parametrize("text", ["", "later", "event - 5min", "5min", "at load", "events"])
def test_there_is_no_default_and_no_guess(text):
    with pytest.raises(BadBatch) as refused:
        KnownRule.parse(text)
    assert refused.value.message == f"{text!r} doesn't say when the facts were known."
    assert refused.value.next_step == "Say 'event + 5min', 'column' (they have a column called known) or 'now'."


def test_a_delay_that_is_none_is_refused():
    with pytest.raises(InvalidInput, match="'soon' is no duration"):
        KnownRule.parse("event + soon")
