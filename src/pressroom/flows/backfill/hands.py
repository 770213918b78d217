"""Hands: processes that work on periods one after another, and what they tell of each."""

from dataclasses import dataclass
from typing import Protocol

from pressroom.values import Period


@dataclass(frozen=True, slots=True, kw_only=True)
class PeriodTold:
    """What became of a period: its run, and in words why it failed, where it did."""

    run: str
    wrong: str = ""


class Hand(Protocol):
    """One process that works on periods."""

    def begin(self, period: Period) -> None:
        """Hand it a period; it has none when it is asked to begin."""
        ...

    def poll(self, wait_s: float) -> PeriodTold | None:
        """What became of its period, or None as long as it works. Raises BackendError when its process is gone."""
        ...

    def close(self) -> None:
        """Stop it, in order: what it works on is cancelled."""
        ...
