"""Trainings over several workers: processes of this machine, or of a Ray cluster."""

import logging
from collections.abc import Callable
from typing import Any, TypeVar

from pressroom.flows import attempt_place
from pressroom.ports import Crews
from pressroom.training import BadTraining, Stopping, answer_of, spread_of, train_together, work_of
from pressroom.workspace.assembly import crews_of

R = TypeVar("R")
_LOG = logging.getLogger("pressroom.training")


def spread(train: Callable[..., R], /, *given: Any, workers: int | tuple[int, int], ray: str = "") -> R:
    """Call `train(*given)` in several workers that train one model side by side; what it returns in the first of them.

    `train` is written as for one process, around `pr.training_run(...)`: each worker gets its share of every batch,
    gradients of PyTorch modules in the state are averaged after each backward pass, and all end with the same state,
    that of a single process up to rounding. The first writes checkpoints, which any number of workers goes on from.

    `workers` is a number, or the least and the most, (1, 4): when one is lost, those left go on from the last
    checkpoint, and when there is room again, more. A node that is drained (`pressroom drain`) is left with nothing
    lost. They are processes of this machine, or of the Ray cluster at the address `ray`, whose nodes see this folder
    under the same path. `train` is defined at the top of a file; arguments and answer are plain data, arrays, tables.

    Raises BadTraining, WorkerLost, Preempted, and what `train` raises.
    """
    asked_for = spread_of(workers)
    work = work_of(train, given, attempt_place())
    crews: Crews = crews_of(ray)
    stopping = Stopping()
    stopping.listen()
    try:
        room = crews.room()
        if not ray and room < asked_for.least:
            raise BadTraining(
                f"The training asks for {asked_for.least} workers, and this machine has {room} cores.",
                next_step=f"Ask for fewer (workers=({room}, {asked_for.most})), or name a Ray cluster.",
            )
        came = train_together(crews, work, asked_for, told=_tell, stop=stopping.asked.is_set)
    finally:
        stopping.leave()
        crews.close()
    return answer_of(came, train)


def _tell(words: str) -> None:
    _LOG.warning("%s", words)
