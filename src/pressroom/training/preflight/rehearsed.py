"""What a rehearsal of one batch showed: decisions on what two processes told, the second of which took over."""

import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np

from pressroom.training.preflight.finding import Finding, said

_FEWEST_PAIRS, _SURE = 8, 2.0
_SAME = 1e-6
"""Losses after a restore are equal to this, relative: the same sums in the same order, on one machine."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Step:
    """One step as a process told it: the digest of its batch, the loss, rows, seconds, and of them in waiting."""

    batch: str
    loss: float
    rows: int
    seconds: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Failed:
    """Where a process ended that should not have: in which part of the job, of what, and the line of the job's code."""

    part: str
    error: str
    where: str = ""
    cause: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Exported:
    """An export that answers like the trained model on the sample: why it is served by its framework ("": it is not),
    the first row whose prediction is no number, and how far apart the predictions are.
    """

    why: str = ""
    bad_row: int | None = None
    spread: float = 1.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Rehearsed:
    """Steps before the checkpoint, the step after it as it went on, the same step after `kill -9` and restore, what
    was evaluated, and what the export was like.
    """

    before: tuple[Step, ...] = ()
    on: Step | None = None
    again: Step | None = None
    evaluated: tuple[tuple[str, float], ...] = ()
    exported: Exported | None = None
    failed: Failed | None = None


def check_rehearsed(told: Rehearsed) -> tuple[Finding, ...]:
    """What is wrong with the job's parts and how they fit."""
    if told.failed is not None:
        return (_failure(told.failed), *_losses(told.before))
    return (*_losses(told.before), *_restored(told), *_evaluated(told), *_exported(told.exported))


def _failure(failed: Failed) -> Finding:
    """A part that did not come through, said with its cause."""
    steps = {
        "memory": "Take smaller batches, or ask for more memory.",
        "time limit": "See what it waits for: data, a lock, the network.",
        "": "Mend it and run the preflight again.",
    }
    message = f"{failed.part} did not come through: {failed.error}"
    next_step = steps.get(failed.cause, steps[""])
    check = {"memory": "out_of_memory", "time limit": "hangs"}.get(failed.cause, f"{failed.part}_fails")
    return said("batch", check, "refused", message, next_step, failed.where)


def _losses(steps: Sequence[Step]) -> Iterator[Finding]:
    for number, step in enumerate(steps, 1):
        if not math.isfinite(step.loss):
            message = f"The loss of step {number} is {step.loss}."
            next_step = "Look at this batch, at the learning rate, and at what is divided or taken the log of."
            yield said("batch", "loss_not_finite", "refused", message, next_step, f"step {number}")
            return
    if steps and not any(step.rows for step in steps):
        yield said("batch", "empty_batch", "refused", "The batches have no rows.", "Look at how they are cut.")
    if len(steps) > 1 and len({step.batch for step in steps}) == 1:
        message = "Every step gets the same batch."
        yield said("batch", "same_batch", "refused", message, "Let the iterator go on from step to step.")


def _restored(told: Rehearsed) -> Iterator[Finding]:
    if told.on is None or told.again is None:
        return
    if told.on.batch != told.again.batch:
        message = "After kill -9 and restore the next batch is another one than without."
        yield said("batch", "batches_restart", "refused", message, "Take batches from run.batches(...).")
    elif not _same(told.on.loss, told.again.loss, _SAME):
        message = (
            f"The next step's loss is {told.again.loss:.9g} after kill -9 and restore, and {told.on.loss:.9g} without."
        )
        next_step = "Something is not in the state: the optimizer, a schedule, a random generator, a running mean."
        yield said("batch", "state_is_lost", "refused", message, next_step)


def _evaluated(told: Rehearsed) -> Iterator[Finding]:
    for name, value in told.evaluated:
        if not math.isfinite(value):
            message = f"{name} is {value} on one batch."
            yield said("batch", "metric_not_finite", "refused", message, "Look at how it is worked out.", name)


def _exported(exported: Exported | None) -> Iterator[Finding]:
    if exported is None:
        return
    if exported.bad_row is not None:
        message = f"The export predicts what is no number for row {exported.bad_row} of the sample."
        yield said("batch", "prediction_not_finite", "refused", message, "Look at this row.", f"row {exported.bad_row}")
    elif exported.spread == 0.0:
        message = "The export predicts the same for every row of the sample."
        yield said("batch", "same_prediction", "warned", message, "After so few steps it may; a dead layer does too.")
    if exported.why:
        message = f"It will be served by its own framework: {exported.why}"
        yield said(
            "batch", "export_falls_back", "warned", message, "Use operations that can be lowered, or leave it so."
        )


def check_learning(losses: Sequence[float]) -> tuple[Finding, ...]:
    """Whether a job learns one batch by heart, as every one that can learn does: a rung that refuses only stillness.

    `losses` are those of steps on one and the same batch, in order.
    """
    if len(losses) < 3 or not all(map(math.isfinite, losses)):
        return ()
    first, least = losses[0], min(losses[1:])
    if max(losses) - min(losses) <= 1e-12 * max(abs(first), 1e-12):
        message = f"The loss stays at {first:.6g} over {len(losses)} steps on one batch."
        next_step = "No parameter moves: look at the optimizer's parameters, the learning rate, and detached parts."
        return (said("learning", "nothing_moves", "refused", message, next_step),)
    if losses[-1] > first + 0.01 * abs(first):
        message = f"On one batch the loss goes up, from {first:.4g} to {losses[-1]:.4g} in {len(losses)} steps."
        next_step = "Look at the sign of the loss and at the learning rate."
        return (said("learning", "goes_up", "refused", message, next_step),)
    if first - least < 0.02 * abs(first):
        message = f"On one batch the loss goes from {first:.4g} to {least:.4g} only, in {len(losses)} steps."
        return (said("learning", "hardly_learns", "warned", message, "Look at the labels and the learning rate."),)
    return ()


def check_pairs(paired: Sequence[float], unpaired: Sequence[float]) -> tuple[Finding, ...]:
    """Whether the loss on new batches is lower with each label at its own row than with labels given to other rows of
    the batch; the second half of the steps counts. A warning: what learns slowly has learnt nothing yet.
    """
    steps = min(len(paired), len(unpaired))
    apart = np.subtract(unpaired[steps // 2 : steps], paired[steps // 2 : steps])
    if len(apart) < _FEWEST_PAIRS or not np.isfinite(apart).all():
        return ()
    if apart.mean() > _SURE * apart.std(ddof=1) / math.sqrt(len(apart)):
        return ()
    message = f"After {steps} batches the loss is what it is when labels are given to other rows ({paired[-1]:.4g})."
    next_step = "See whether each label stands at its own row: a join, a sort or a shift may have moved them."
    return (said("learning", "labels_tell_nothing", "warned", message, next_step),)


def _same(one: float, other: float, tolerance: float) -> bool:
    return one == other or abs(one - other) <= tolerance * max(1.0, abs(one), abs(other))
