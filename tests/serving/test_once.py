"""When a model is asked in parts: a pure decision over its plan, the rows, and how many entities they name."""

import pytest

from pressroom.models import PartialPlan
from pressroom.models.partial.parts import BlockPlan
from pressroom.serving.once import once

BITS = PartialPlan(
    way="bits",
    reason="each split looks at one input",
    blocks=(
        BlockPlan(block="user", inputs=("a", "b"), once="30 splits decided"),
        BlockPlan(block="item", inputs=("c",), once="10 splits decided"),
    ),
)


def test_many_rows_of_one_entity_are_answered_in_parts():
    decided = once(BITS, 1_000, {"user": 1, "item": 1_000})
    assert decided.used
    assert decided.because == "bits, 1000 rows: 30 splits decided once for each of 1 user"


def test_both_sides_may_be_shared():
    assert once(BITS, 1_000, {"user": 10, "item": 100}).because.endswith(
        "for each of 10 user; 10 splits decided once for each of 100 item"
    )


@pytest.mark.parametrize(
    ("rows", "different", "because"),
    [
        (15, {"user": 1, "item": 15}, "15 rows are fewer than 16"),
        (100, {"user": 13, "item": 100}, "no entity has 8 rows"),
        (100, {"user": 100, "item": 100}, "no entity has 8 rows"),
        (100, {}, "no entity has 8 rows"),
        (100, {"other": 1}, "no entity has 8 rows"),
    ],
)
def test_little_to_share_is_answered_whole(rows, different, because):
    decided = once(BITS, rows, different)
    assert (decided.used, because in decided.because) == (False, True)


def test_a_model_that_can_not_be_taken_apart_says_why():
    plan = PartialPlan(way="whole", reason="all inputs are of one entity", blocks=())
    assert once(plan, 1_000, {"user": 1}).because == "asked whole: all inputs are of one entity"
