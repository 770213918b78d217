"""Decisions: may these data be used for this purpose?

Labels and purposes travel with lineage: what is made from data has all of their labels, and only the purposes that all
of them allow. So the answer for a model is never looser than that for any fact behind it.
"""

from collections.abc import Sequence
from dataclasses import dataclass

from pressroom.policy.rule import Rule
from pressroom.values import Refused


class PolicyRefused(Refused):
    """A rule of the business stands against it."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Decision:
    """Allowed or not, and because of what."""

    allowed: bool
    because: str


def decide(
    purpose: str, *, labels: Sequence[str], purposes: Sequence[Sequence[str]], rules: Sequence[Rule]
) -> Decision:
    """Decide on data with these labels, made from sources that each allow certain purposes (none named: any)."""
    for allowed in purposes:
        if allowed and purpose not in allowed:
            return Decision(allowed=False, because=f"a source allows only {', '.join(allowed)}")
    for rule in rules:
        if rule.label in labels and purpose not in rule.purposes:
            return Decision(
                allowed=False, because=f"data labelled {rule.label!r} may be used only for {', '.join(rule.purposes)}"
            )
    return Decision(allowed=True, because="no rule stands against it")


def enforce(decision: Decision, *, what: str, purpose: str) -> None:
    """Raise PolicyRefused unless allowed."""
    if not decision.allowed:
        raise PolicyRefused(
            f"{what} may not be used for {purpose!r}: {decision.because}.",
            next_step="Leave the data out, or ask the owner of the rule to change it in pressroom.toml.",
        )
