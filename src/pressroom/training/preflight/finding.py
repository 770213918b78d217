"""Findings: what a check saw, how bad it is, and what to do about it."""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import partial
from typing import Literal

Rung = Literal["place", "data", "batch", "memory", "learning", "forecast", "baseline"]
Weight = Literal["refused", "warned"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Finding:
    """One thing that is wrong. `check` names the rule that saw it, `where` the column, row, path or line, if any.

    `refused` stops the run before it starts; `warned` is told and the run goes on.
    """

    rung: Rung
    check: str
    weight: Weight
    message: str
    next_step: str
    where: str = ""

    def __str__(self) -> str:
        """What is wrong, and what to do."""
        return f"{self.message} {self.next_step}"


@dataclass(frozen=True, slots=True, kw_only=True)
class Climbed:
    """A rung of the ladder as it was climbed: how long it took, and why it was left out, if it was."""

    rung: Rung
    seconds: float
    left_out: str = ""


def refusals(findings: Sequence[Finding]) -> tuple[Finding, ...]:
    """Those that stop a run."""
    return tuple(finding for finding in findings if finding.weight == "refused")


def said(rung: Rung, check: str, weight: Weight, message: str, next_step: str, where: str = "") -> Finding:
    """A finding, written shortly."""
    return Finding(rung=rung, check=check, weight=weight, message=message, next_step=next_step, where=where)


data_finding = partial(said, "data")
