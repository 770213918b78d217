"""The inside of a rehearsal: in a process of its own, a job does a few steps, is killed, goes on, and is exported."""

import json
import math
import os
import signal
import time
import traceback
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Literal

import msgspec
import numpy as np
import pyarrow as pa

from pressroom.flows import find_in, load_module
from pressroom.models import Origin, inputs_from_table, pack, signature_of_sample
from pressroom.ports import Blobs
from pressroom.training.lasting.job import tick
from pressroom.training.lasting.number import number_of
from pressroom.training.lasting.state import State
from pressroom.training.lasting.training_run import TrainingRun
from pressroom.training.preflight.fewer_rows import FewerRows
from pressroom.training.preflight.long_run import LongRun
from pressroom.training.preflight.rehearsed import Exported, Failed, Step
from pressroom.values import FieldSchema, InvalidInput, digest_parts, from_document

SPEC, TOLD = "spec.json", "told.jsonl"
Phase = Literal["go", "again", "learn", "memory", "paired", "unpaired"]
OpenRun = Callable[[Path], TrainingRun]
_KEPT_AT, _KILLED_AT, _BY_HEART = 2, 3, 8
_STEPS: Mapping[Phase, int] = {
    "go": _KILLED_AT, "again": 1, "memory": 2, "learn": _BY_HEART, "paired": 40, "unpaired": 40
}  # fmt: skip
_PAIRS_S = 8.0
"""So long new batches are taken at most, to see whether what is learnt from labels is more than chance."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Spec:
    """Which long run, which part of its rehearsal, where it trains, and at which share of its batch size."""

    file: str
    name: str
    phase: Phase
    run: str
    share: float = 1.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Said:
    """One line that a rehearsal leaves: a step, what it came to, or where it failed; `part` is where it was then."""

    part: str
    step: Step | None = None
    metrics: dict[str, float] = field(default_factory=dict)
    exported: Exported | None = None
    planned: int = 0
    size: int = 0
    failed: Failed | None = None


class _Rehearsal:
    """Does as many steps as are wanted, tells of each, and is killed where it is to be killed."""

    def __init__(self, spec: Spec, long: LongRun, told: Path, blobs: Blobs) -> None:
        self.part = "make"
        self._spec = spec
        self._long = long
        self._told = told
        self._blobs = blobs

    def go(self, run: TrainingRun) -> None:
        """All of the part that is asked for."""
        job, settings = self._long.job, self._long.settings
        state = run.state(**job.make(settings))
        fewer = FewerRows(run, self._spec.share)
        self.part = "batches"
        first: Any = None
        until = time.monotonic() + _PAIRS_S
        # What stands for the run has all that it has.
        batches = job.batches(fewer, settings)  # pyright: ignore[reportArgumentType]
        for number in range(1, _STEPS[self._spec.phase] + 1):
            self.part = "batches"
            batch = next(batches, None)
            if batch is None or ("paired" in self._spec.phase and time.monotonic() > until):
                break
            if self._spec.phase == "unpaired":
                batch = unpaired(batch, number)
            first = batch if first is None else first
            self._step(run, state, first if self._spec.phase == "learn" else batch, fewer)
            if self._spec.phase == "go":
                self._keep_or_die(run, number)
        if self._spec.phase == "again":
            self._end(state)

    def say(self, said: Said) -> None:
        """Append a line, durably: the process may be killed right after."""
        with open(self._told, "ab") as file:
            file.write(json.dumps(msgspec.to_builtins(said)).encode() + b"\n")
            file.flush()
            os.fsync(file.fileno())

    def _step(self, run: TrainingRun, state: State, batch: Any, fewer: FewerRows) -> None:
        self.part = "step"
        self.say(Said(part="step"))
        started = time.monotonic()
        learned = self._long.job.step(state, batch)
        metrics = dict(learned) if isinstance(learned, Mapping) else {"loss": learned}
        plain = {name: number_of(value) for name, value in metrics.items()}
        loss = plain.pop("loss", math.nan)
        step = Step(batch=digest_of(batch), loss=loss, rows=rows_of(batch), seconds=time.monotonic() - started)
        self.say(Said(part="step", step=step, metrics=plain, planned=fewer.planned * self._epochs(), size=fewer.size))
        if math.isfinite(loss):
            tick(run, learned)
        else:
            raise InvalidInput("The loss is no number.", next_step="See the finding on it.")

    def _epochs(self) -> int:
        return self._long.job.epochs

    def _keep_or_die(self, run: TrainingRun, number: int) -> None:
        if number == _KEPT_AT:
            self.part = "checkpoint"
            run.save()
        if number == _KILLED_AT:
            os.kill(os.getpid(), signal.SIGKILL)

    def _end(self, state: State) -> None:
        job = self._long.job
        if job.evaluate is not None:
            self.part = "evaluate"
            self.say(Said(part="evaluate", metrics={k: float(v) for k, v in job.evaluate(state).items()}))
        self.part = "export"
        self.say(Said(part="export", exported=_exported(job.export(state), self._long, self._spec.name, self._blobs)))


def rehearse(folder: Path, open_run: OpenRun, blobs: Blobs) -> int:
    """Do one part of a rehearsal as an attempt; `open_run` opens a run in a folder, as it would be opened later;
    `blobs` take what is exported."""
    spec = from_document((folder / SPEC).read_bytes(), Spec)
    long = find_in(load_module(Path(spec.file)), spec.name)
    if not isinstance(long, LongRun):
        raise InvalidInput(f"{spec.name} is no long run.", next_step=f"Write {spec.name} = LongRun(job=...).")
    rehearsal = _Rehearsal(spec, long, folder / TOLD, blobs)
    try:
        with open_run(Path(spec.run)) as run:
            rehearsal.go(run)
    except Exception as error:  # noqa: BLE001  (whatever a job raises is what came of it)
        traceback.print_exc()
        rehearsal.say(Said(part=rehearsal.part, failed=_failed(error, rehearsal.part, Path(spec.file))))
        return 1
    return 0


def read_told(path: Path) -> Iterator[Said]:
    """What a rehearsal left; a loss may be NaN, for which JSON proper has no word."""
    if path.exists():
        for line in path.read_bytes().splitlines():
            yield msgspec.convert(json.loads(line), Said)


def digest_of(batch: Any) -> str:
    """What a batch holds, as a digest: arrays and tensors, tables, and what they are in."""
    return digest_parts(_parts_of(batch))


def _parts_of(batch: Any) -> Iterator[str]:
    if isinstance(batch, Mapping):
        for name, part in batch.items():
            yield str(name)
            yield from _parts_of(part)
    elif isinstance(batch, (tuple, list)):
        for part in batch:
            yield from _parts_of(part)
    elif isinstance(batch, (pa.Table, pa.RecordBatch)):
        yield repr(batch.to_pylist())
    else:
        yield repr(np.asarray(batch).tolist())


def unpaired(batch: Any, number: int) -> Any:
    """A batch of inputs and labels, the labels given to other rows of it. Raises InvalidInput for any other batch."""
    if not isinstance(batch, tuple) or len(batch) < 2 or not all(hasattr(each, "shape") for each in batch):
        raise InvalidInput("The batch is no tuple of arrays.", next_step="Nothing is to be done.")
    order = np.random.default_rng(number).permutation(len(batch[-1]))
    return (*batch[:-1], batch[-1][order])


def rows_of(batch: Any) -> int:
    """How many rows a batch has."""
    if isinstance(batch, Mapping):
        return rows_of(next(iter(batch.values()), ()))
    if isinstance(batch, (tuple, list)) and batch and hasattr(batch[0], "__len__"):
        return rows_of(batch[0])
    found: Any = batch
    if hasattr(found, "num_rows"):
        return int(found.num_rows)
    return len(found) if hasattr(found, "__len__") else 1


def _exported(model: Any, long: LongRun, name: str, blobs: Blobs) -> Exported:
    """The finished model, packed as it would be; what stands in the way of that is raised."""
    sample = long.sample()
    output = FieldSchema(name=long.target, type="float", doc=f"what {name} predicts")
    signature = signature_of_sample(sample, output)
    packed = pack(model, name="rehearsed", signature=signature, golden=sample, origin=Origin(), blobs=blobs)
    answers = np.asarray(packed.runnable.predict(inputs_from_table(signature, sample)), dtype=float)
    bad = np.flatnonzero(~np.isfinite(answers.reshape(len(answers), -1)).all(axis=1))
    return Exported(
        why=packed.package.why if packed.package.form == "native" else "",
        bad_row=int(bad[0]) if len(bad) else None,
        spread=0.0 if len(bad) else float(np.ptp(answers)),
    )


def _failed(error: Exception, part: str, file: Path) -> Failed:
    """The line of the job's own code at which it came up."""
    frames = [each for each in traceback.extract_tb(error.__traceback__) if each.filename == str(file)]
    where = f"{file.name}:{frames[-1].lineno}" if frames else ""
    cause = "memory" if isinstance(error, MemoryError) else ""
    return Failed(part=part, error=f"{type(error).__name__}: {error}", where=where, cause=cause)
