"""What is said of a batch whose loss is bad: the data's fault, with its rows, or the code's."""

from collections.abc import Sequence
from typing import Any

from pressroom.training.errors import Diverged, NotFinite
from pressroom.training.lasting.guard import Verdict
from pressroom.training.lasting.rows import not_finite_in

_ROWS_SHOWN = 5


def wrong_rows(batch: Any, rows: Sequence[int]) -> str:
    """The rows of a batch that hold NaN or infinite numbers, in words; empty where all is well. `rows` are its own."""
    wrong = not_finite_in(batch)
    if wrong is None:
        return ""
    named = [rows[each] if rows else each for each in wrong[1][:_ROWS_SHOWN]]
    return f"in {wrong[0]}, rows {', '.join(map(str, named))} are NaN or infinite"


def bad_batch(loss: float, verdict: Verdict, *, where: str, wrong: str) -> NotFinite | Diverged:
    """The error; `wrong` is what is wrong with the rows, in words."""
    if wrong:
        return NotFinite(
            f"The loss is {loss} at {where}: {wrong}.",
            next_step='Mend or leave out these rows, or pass over such batches with on_bad="skip".',
        )
    said = "is no number" if verdict == "not finite" else "left all bounds"
    return Diverged(
        f"The loss {said} ({loss:g}) at {where}; the batch itself is sound.",
        next_step="Lower the learning rate, clip gradients, or go on from the last checkpoint.",
    )
