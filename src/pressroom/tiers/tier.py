"""Tiers: how urgent work is. A higher tier goes first, and may take the place of a lower one."""

from collections.abc import Mapping
from typing import Literal, get_args

from pressroom.values import InvalidInput

Tier = Literal["serving", "production", "interactive", "batch", "backfill"]

TIERS: tuple[Tier, ...] = get_args(Tier)
"""The highest first. Backfill is what is left over, with a floor below it so that it never starves."""

RANK: Mapping[str, int] = {tier: rank for rank, tier in enumerate(TIERS)}
"""Each tier's place in the order: 0 is the highest."""


def tier_named(name: str) -> Tier:
    """The tier of that name. Raises InvalidInput, which names them all."""
    for tier in TIERS:
        if tier == name:
            return tier
    raise InvalidInput(f"There is no tier {name!r}.", next_step=f"Say one of {', '.join(TIERS)}.")
