"""When a fact was known: whoever appends history must say it; there is no silent default."""

import re
from collections.abc import Collection
from dataclasses import dataclass
from typing import Literal

from pressroom.facts.errors import BadBatch
from pressroom.values import parse_duration

_AFTER = re.compile(r"event\s*(?:\+\s*(.+))?\Z")


@dataclass(frozen=True, slots=True, kw_only=True)
class KnownRule:
    """`after`: `delay_us` after the event; `column`: as the column `known` says; `now`: at the moment of the append."""

    kind: Literal["after", "column", "now"]
    delay_us: int = 0

    @staticmethod
    def parse(text: str) -> "KnownRule":
        """Read `event + 5min`, `event`, `column` or `now`."""
        spoken = text.strip()
        if spoken == "column":
            return KnownRule(kind="column")
        if spoken == "now":
            return KnownRule(kind="now")
        match = _AFTER.match(spoken)
        if match is None:
            raise BadBatch(
                f"{text!r} doesn't say when the facts were known.",
                next_step="Say 'event + 5min', 'column' (they have a column called known) or 'now'.",
            )
        return KnownRule(kind="after", delay_us=parse_duration(match[1]) if match[1] else 0)

    @staticmethod
    def of(columns: Collection[str]) -> "KnownRule":
        """The rule of a batch with these columns about which nothing was said: its column `known`, or a refusal."""
        if "known" in columns:
            return KnownRule(kind="column")
        raise BadBatch(
            "There is no column `known`, so it must be said when the facts were known.",
            next_step="Say 'event + 5min', 'event' or 'now'.",
        )
