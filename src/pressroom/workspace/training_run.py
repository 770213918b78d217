"""Training runs: where their checkpoints lie, in a step of a flow, in a script and in a notebook."""

import os
from collections.abc import Mapping
from pathlib import Path
from typing import Any, Literal

from pressroom.flows import Journal, attempt_place
from pressroom.training import BadTraining, Cadence, Guard, Keep, TrainingOptions, TrainingRun, together_now
from pressroom.values import MICROSECONDS, check_name, parse_duration, to_document
from pressroom.workspace.assembly import checkpoint_files, no_files, system_clock

_JOURNAL = "journal"


def training_run(  # noqa: PLR0913  (each is somebody's decision, and all have defaults)
    name: str = "training",
    *,
    folder: Path | str | None = None,
    settings: Mapping[str, Any] | None = None,
    seed: int = 0,
    keep: Keep | None = None,
    every: str = "",
    overhead: float = 0.02,
    interruptions_every: str = "1d",
    on_bad: Literal["stop", "skip"] = "stop",
    guard: Guard | None = None,
    silent_after: str = "5min",
) -> TrainingRun:
    """A training that goes on where it was, whatever stopped it. Seeds Python, numpy and torch.

    In a step of a flow, checkpoints lie with the step's key: a retry, and a later run whose key is equal, go on; they
    are removed when the step's result is kept. Elsewhere they lie in `folder` (`checkpoints/NAME` here, if none is
    given), and `settings` say what must be equal to go on. Saving takes at most the share `overhead` of the time, and
    is the more frequent the more often the machine fails (`interruptions_every`); `every` ("10min") sets the interval
    itself. When no tick was heard for `silent_after` (and for ten usual ones; "" for never), the owner of the flow is
    told, with where it hangs. In a worker of `pr.spread` it is the training of all of them. Raises BadTraining, Held.
    """
    check_name(name, what="a training")
    if not 0 < overhead <= 1:
        raise BadTraining(f"overhead is {overhead}.", next_step="Give a share of the time, such as 0.02.")
    place = attempt_place()
    if place is not None and folder is None:
        where, journal = place.lasting / name, place.journal
    else:
        where = Path("checkpoints") / name if folder is None else Path(folder)
        journal = where.with_name(f"{where.name}.{_JOURNAL}")
    journal.parent.mkdir(parents=True, exist_ok=True)
    cadence = Cadence(overhead=overhead, between_interruptions_s=parse_duration(interruptions_every) / MICROSECONDS)
    if every:
        every_s = parse_duration(every) / MICROSECONDS
        cadence = Cadence(overhead=1.0, least_s=every_s, most_s=every_s)
    options = TrainingOptions(
        seed=seed,
        settings={key: to_document(value).decode() for key, value in (settings or {}).items()},
        cadence=cadence,
        keep=keep or Keep(),
        guard=guard or Guard(),
        on_bad=on_bad,
        silent_after_s=parse_duration(silent_after) / MICROSECONDS if silent_after else 0.0,
        most_memory_bytes=place.most_memory_bytes if place is not None else 0,
        together=together_now(),
    )
    # Of several workers the first alone writes.
    files = checkpoint_files(where.resolve()) if options.together.first else no_files()
    told = Journal(journal if options.together.first else Path(os.devnull))
    return TrainingRun(name, files=files, journal=told, clock=system_clock(), options=options)
