"""The inside of a rehearsal: in a process of its own, a job does a few steps, is killed, goes on, and is exported."""

import json
import os
import signal
import time
import traceback
from collections.abc import Iterator
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any, Literal

import msgspec
import numpy as np
import pyarrow as pa

from pressroom.flows import find_in, load_module
from pressroom.models import Origin, inputs_from_table, pack, signature_of_sample
from pressroom.training.preflight.held_blobs import HeldBlobs
from pressroom.training.preflight.rehearsed import Exported, Failed, Step
from pressroom.training.run.cadence import Cadence
from pressroom.training.run.curve import Event
from pressroom.training.run.job import Finished, TrainingJob
from pressroom.training.run.kept_state import take
from pressroom.training.run.order import Order
from pressroom.training.run.rows_source import rows_in
from pressroom.training.run.train_run import TrainRun
from pressroom.values import FieldSchema, InvalidInput, digest_parts, from_document

ENTRY = "pressroom.training.preflight.child:rehearse"
SPEC, TOLD = "spec.json", "told.jsonl"
Phase = Literal["go", "again", "learn", "memory"]
_NEVER_S = 1e9
_KEPT_AT, _KILLED_AT = 2, 3
_BY_HEART = 8


@dataclass(frozen=True, slots=True, kw_only=True)
class Spec:
    """Which job, which part of the rehearsal, where it trains, and at which share of its batch size."""

    file: str
    job: str
    phase: Phase
    run: str
    share: float = 1.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Said:
    """One line that a rehearsal leaves: a step, what it came to, or where it failed; `part` is where it was then."""

    part: str
    step: Step | None = None
    metrics: dict[str, float] | None = None
    exported: Exported | None = None
    checkpoint_s: float = 0.0
    planned: int = 0
    batch_rows: int = 0
    failed: Failed | None = None


class _Rehearsal(TrainRun):
    """A run that does as many steps as are wanted, tells of each, and is killed where it is to be killed."""

    def __init__(self, spec: Spec, job: TrainingJob, told: Path) -> None:
        options = replace(job.options.run, cadence=Cadence(every_s=_NEVER_S), tell=_untold)
        super().__init__(Path(spec.run), options)
        self._spec = spec
        self._told = told
        self._steps_here = 0
        self._batch = ""
        self._rows = self._planned = self._batch_rows = 0
        self._since = time.monotonic()
        self.part = "state"

    def say(self, said: Said) -> None:
        """Append a line, durably: the process may be killed right after."""
        with open(self._told, "ab") as file:
            file.write(json.dumps(msgspec.to_builtins(said)).encode() + b"\n")
            file.flush()
            os.fsync(file.fileno())

    def state(self, make: Any) -> Any:
        """The job's state; batches come next."""
        made = super().state(make)
        self.part = "batches"
        return made

    def batches(self, source: Any, *, rows: int, epochs: int = 1, shuffled: bool = True) -> Iterator[Any]:
        """A few batches of the job's own, smaller ones where memory is measured, one again and again to learn it."""
        self._batch_rows = rows
        self._planned = Order(rows=rows_in(source), batch_rows=rows, epochs=epochs, seed=0).batches
        own = super().batches(source, rows=max(1, round(rows * self._spec.share)), epochs=epochs, shuffled=shuffled)
        first = None
        wanted = {"go": _KILLED_AT, "again": 1, "memory": 2, "learn": _BY_HEART}[self._spec.phase]
        while self._steps_here < wanted:
            self.part = "batches"
            batch = first if first is not None else next(own, None)
            if batch is None:
                break
            if self._spec.phase == "learn":
                first = batch
            self._batch, self._rows = digest_of(batch), _rows_of(batch)
            self.part = "step"
            self.say(Said(part="step"))
            self._since = time.monotonic()
            yield batch
        self.part = "end"

    def tick(self, *, loss: Any, rows: int = 0, **metrics: Any) -> None:
        """Tell of a step; keep the second, be killed after the third."""
        step = Step(batch=self._batch, loss=float(loss), rows=self._rows, seconds=time.monotonic() - self._since)
        self._steps_here += 1
        self.say(
            Said(
                part="step",
                step=step,
                metrics={name: float(value) for name, value in metrics.items()},
                batch_rows=self._batch_rows,
                planned=self._planned,
            )
        )
        if not np.isfinite(step.loss):
            raise SystemExit(0)
        super().tick(loss=loss, rows=rows, **metrics)
        if self._spec.phase != "go":
            return
        if self._steps_here == _KEPT_AT:
            self.part = "checkpoint"
            started = time.monotonic()
            self.checkpoint()
            self.say(Said(part="checkpoint", checkpoint_s=time.monotonic() - started))
        if self._steps_here == _KILLED_AT:
            os.kill(os.getpid(), signal.SIGKILL)

    def checkpoint(self) -> None:
        """Nothing is kept at the end of a rehearsal."""
        if self.part == "checkpoint":
            super().checkpoint()


def read_told(path: Path) -> Iterator[Said]:
    """What a rehearsal left; a loss may be NaN, for which JSON proper has no word."""
    if path.exists():
        for line in path.read_bytes().splitlines():
            yield msgspec.convert(json.loads(line), Said)


def rehearse(folder: Path) -> int:
    """Do one part of a rehearsal, as the executor's entry."""
    spec = from_document((folder / SPEC).read_bytes(), Spec)
    job = find_in(load_module(Path(spec.file)), spec.job)
    if not isinstance(job, TrainingJob):
        raise InvalidInput(f"{spec.job} is no training job.", next_step="Put @training_job above it.")
    run = _Rehearsal(spec, job, folder / TOLD)
    try:
        with run:
            finished = job.function(run)
            if spec.phase == "again":
                run.part = "export"
                run.say(_exported(finished, job))
    except Exception as error:  # noqa: BLE001  (whatever a job raises is what came of it)
        traceback.print_exc()
        run.say(Said(part=run.part, failed=_failed(error, run.part, job)))
        return 1
    return 0


def digest_of(batch: Any) -> str:
    """What a batch holds, as a digest: arrays, tables, and what they are in."""
    if isinstance(batch, (pa.Table, pa.RecordBatch)):
        batch = batch.to_pydict()
    kept = take(batch if not isinstance(batch, pa.Array) else batch.to_pylist())
    return digest_parts([repr(kept.shape), *(repr(each.tolist()) for each in kept.arrays)])


def _rows_of(batch: Any) -> int:
    if isinstance(batch, dict):
        return _rows_of(next(iter(batch.values()), ()))
    if isinstance(batch, (tuple, list)) and batch and hasattr(batch[0], "__len__"):
        return _rows_of(batch[0])
    found: Any = batch
    return found.num_rows if isinstance(found, (pa.Table, pa.RecordBatch)) else len(found)


def _untold(event: Event) -> None:
    """A rehearsal's own events are nobody's business."""


def _exported(finished: Any, job: TrainingJob) -> Said:
    """What came of the job, packed as it would be, and what both forms say of the same rows."""
    if not isinstance(finished, Finished):
        raise InvalidInput(
            f"{job.name} returned a {type(finished).__name__}.", next_step="Return Finished(model=..., sample=...)."
        )
    output = FieldSchema(name=finished.target, type="float", doc=f"what {job.name} predicts")
    signature = signature_of_sample(finished.sample, output)
    packed = pack(
        finished.model,
        name=job.name,
        signature=signature,
        golden=finished.sample,
        origin=Origin(),
        blobs=HeldBlobs(),
    )
    answers = np.asarray(packed.runnable.predict(inputs_from_table(signature, finished.sample)), dtype=float)
    bad = np.flatnonzero(~np.isfinite(answers.reshape(len(answers), -1)).all(axis=1))
    return Said(
        part="export",
        metrics={name: float(value) for name, value in finished.metrics.items()},
        exported=Exported(
            why=packed.package.why if packed.package.form == "native" else "",
            bad_row=int(bad[0]) if len(bad) else None,
            spread=0.0 if len(bad) else float(np.ptp(answers)),
        ),
    )


def _failed(error: Exception, part: str, job: TrainingJob) -> Failed:
    """The line of the job's own code at which it came up."""
    frames = [each for each in traceback.extract_tb(error.__traceback__) if each.filename == str(job.file)]
    where = f"{job.file.name}:{frames[-1].lineno}" if frames else ""
    cause = "memory" if isinstance(error, MemoryError) else ""
    return Failed(part=part, error=f"{type(error).__name__}: {error}", where=where, cause=cause)
