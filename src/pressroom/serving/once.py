"""Once for an entity: whether rows that share one are answered by the model in parts. Pure decisions."""

from collections.abc import Mapping
from dataclasses import dataclass

from pressroom.models import FEWEST_ROWS, PartialPlan

ROWS_EACH = 8
"""With fewer rows for each entity, there is more to look up than to share."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Once:
    """Whether a part of the work is done once for each entity, and why."""

    used: bool
    because: str


def once(plan: PartialPlan, rows: int, different: Mapping[str, int]) -> Once:
    """Decide for a batch of `rows` that name so many `different` entities by each key."""
    if plan.way == "whole":
        return Once(used=False, because=f"asked whole: {plan.reason}")
    if rows < FEWEST_ROWS:
        return Once(used=False, because=f"asked whole: {rows} rows are fewer than {FEWEST_ROWS}")
    shared = {
        block.block: different[block.block]
        for block in plan.blocks
        if block.block in different and rows >= ROWS_EACH * different[block.block]
    }
    if not shared:
        return Once(used=False, because=f"asked whole: no entity has {ROWS_EACH} rows")
    words = [
        f"{block.once} once for each of {shared[block.block]} {block.block}"
        for block in plan.blocks
        if block.block in shared
    ]
    return Once(used=True, because=f"{plan.way}, {rows} rows: {'; '.join(words)}")
