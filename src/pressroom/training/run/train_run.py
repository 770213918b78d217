"""A training run: it owns when checkpoints are taken, where the data and the random state are, and what is watched."""

import contextlib
import fcntl
import math
import os
import signal
import sys
import threading
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from types import FrameType, TracebackType
from typing import Any, Literal, Self, TypeVar

import psutil

from pressroom.training.run.cadence import Cadence, running_cost
from pressroom.training.run.checkpoint_file import Mark
from pressroom.training.run.checkpoints import Checkpoints, Retention
from pressroom.training.run.curve import Curve, Event
from pressroom.training.run.errors import LossNotFinite, RunTaken
from pressroom.training.run.kept_state import Kept, put_back, take
from pressroom.training.run.order import Order
from pressroom.training.run.randomness import random_state, seed_all, set_random_state
from pressroom.training.run.rows_source import rows_at, rows_in
from pressroom.training.run.writer import Writer
from pressroom.training.sentinel import Sentinel, Tick
from pressroom.values import InvalidInput

S = TypeVar("S")
NotFinite = Literal["stop", "go_back"]
_MEMORY_EVERY = 50


@dataclass(frozen=True, slots=True, kw_only=True)
class RunOptions:
    """How a run behaves. `seed` sets all random generators at the start of a run, not when it goes on.

    When the loss is not finite, "stop" ends it, and "go_back" takes the state of the last checkpoint and goes on with
    the next batch, at most `most_returns` times. `tell` is called with what its owner should know.
    """

    seed: int = 0
    cadence: Cadence = field(default_factory=Cadence)
    retention: Retention = field(default_factory=Retention)
    not_finite: NotFinite = "stop"
    most_returns: int = 3
    most_memory_bytes: int = 0
    tell: Callable[[Event], None] = lambda event: _to_stderr(event)


class TrainRun:
    """One run under one folder, in one process at a time; opened again it goes on where its last checkpoint was.

    `run.state(make)` first, then `for batch in run.batches(...)`, and in the loop `run.tick(loss=...)` after each step.
    """

    def __init__(self, folder: Path, options: RunOptions | None = None) -> None:
        """Take the folder. Raises RunTaken while another process trains in it."""
        self.folder = folder
        self.options = options or RunOptions()
        folder.mkdir(parents=True, exist_ok=True)
        self._lock = _take_folder(folder)
        self._checkpoints = Checkpoints(folder / "checkpoints", self.options.retention)
        self._curve = Curve(folder)
        self._writer = Writer(self._checkpoints, lambda words: self._tell("not_written", words))
        self._sentinel = Sentinel(most_memory_bytes=self.options.most_memory_bytes)
        self._mark = Mark()
        self._state: Any = None
        self._kept: Kept | None = None
        self._cost_s: float | None = None
        self._taken_at = self._started = time.monotonic()
        self._before_s = 0.0
        self._asked_at = 0.0
        self._waited_s = 0.0
        self._returns = 0
        self._stop = threading.Event()
        self._memory = 0
        self._restored = self._find()

    @property
    def step(self) -> int:
        """How many steps are done, those of earlier processes counted in."""
        return self._mark.step

    @property
    def restored(self) -> bool:
        """Whether it goes on from a checkpoint."""
        return self._restored

    def __enter__(self) -> Self:
        """Train in a `with`: what is asked for by SIGTERM is kept before the process ends."""
        if threading.current_thread() is threading.main_thread():
            self._handler = signal.signal(signal.SIGTERM, self._asked_to_stop)
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """Keep the end of a run that came through; what failed is gone on from its last checkpoint."""
        if kind is None and self._state is not None:
            self.checkpoint()
        self.close()

    def state(self, make: Callable[[], S]) -> S:
        """The state of the training: what `make` returns, filled from the last checkpoint where there is one.

        Dicts, lists, numbers, text, arrays, and models and optimizers that give their state away. It is kept by
        reference: change it in place. Raises BadState.
        """
        if self._state is not None:
            raise InvalidInput("This run has its state already.", next_step="Call run.state(...) once.")
        if not self._restored:
            seed_all(self.options.seed)
        state = make()
        if self._kept is None:
            take(state)
            self._state = state
            return state
        found = put_back({"state": state, "random": None}, self._kept)
        self._state, self._kept = found["state"], None
        set_random_state(found["random"])
        return self._state

    def batches(self, source: Any, *, rows: int, epochs: int = 1, shuffled: bool = True) -> Iterator[Any]:
        """Batches of `rows` rows, `epochs` times over, from where the run is: what was trained on is not read again.

        `source` is a table, an array, or a tuple or dict of these; a batch is the same. Shuffled by the run's seed and
        the epoch. Raises InvalidInput.
        """
        order = Order(rows=rows_in(source), batch_rows=rows, epochs=epochs, seed=self.options.seed, shuffled=shuffled)
        epoch, permutation = -1, order.permutation(0)
        self._asked_at = time.monotonic()
        while self._mark.batches < order.batches:
            number = self._mark.batches
            if number // order.batches_per_epoch != epoch:
                epoch = number // order.batches_per_epoch
                permutation = order.permutation(epoch)
            batch = rows_at(source, order.rows_of(number, permutation))
            self._waited_s += time.monotonic() - self._asked_at
            self._mark = _moved(self._mark, batches=number + 1)
            yield batch
            self._asked_at = time.monotonic()

    def tick(self, *, loss: Any, rows: int = 0, **metrics: Any) -> None:
        """Say that a step is done. Takes a checkpoint when one is due, and ends the process when it was asked to stop.

        Raises LossNotFinite where the loss is NaN or infinite and `not_finite` is "stop", or it came too often.
        """
        value = float(loss)
        best = self._mark.best if self._mark.best is not None and self._mark.best <= value else value
        self._mark = _moved(
            self._mark,
            step=self._mark.step + 1,
            trained_s=self._before_s + time.monotonic() - self._started,
            loss=value,
            best=best if math.isfinite(value) else self._mark.best,
        )
        self._curve.add(self.step, self._mark.trained_s, {"loss": value, **{k: float(v) for k, v in metrics.items()}})
        self._watch(value, rows)
        if not math.isfinite(value):
            self._not_finite(value)
        elif self._stop.is_set():
            self._give_way()
        elif time.monotonic() - self._taken_at >= self._interval_s() and not self._writer.busy:
            self._take(wait=False)

    def checkpoint(self) -> None:
        """Take a checkpoint now, and wait until it is written."""
        self._take(wait=True)

    def wait_for_checkpoint(self) -> None:
        """Wait until the checkpoint that is being written is there."""
        self._writer.wait()

    def close(self) -> None:
        """Finish what is being written, and give the folder back."""
        self._writer.wait()
        self._curve.flush(self.step, self._mark.trained_s)
        self._curve.close()
        if hasattr(self, "_handler"):
            signal.signal(signal.SIGTERM, self._handler)
        os.close(self._lock)

    def _find(self) -> bool:
        """Go to the newest checkpoint that is whole, and tell of those that are not."""
        found = self._checkpoints.newest()
        if found is None:
            return False
        self._mark, self._kept, told = found
        self._before_s = self._mark.trained_s
        for words in told:
            self._tell("damaged", words)
        self._tell("restored", f"It goes on from step {self.step:,}.")
        return True

    def _interval_s(self) -> float:
        # Until one was taken nobody knows the cost: the first comes early.
        return self.options.cadence.interval_s(self._cost_s or 0.0)

    def _take(self, *, wait: bool) -> None:
        started = time.monotonic()
        kept = take({"state": self._state, "random": random_state()})
        self._writer.write(self._mark, kept)
        if wait:
            self._writer.wait()
        else:
            self._cost_s = running_cost(self._cost_s, time.monotonic() - started)
        self._taken_at = time.monotonic()

    def _watch(self, loss: float, rows: int) -> None:
        if self.step % _MEMORY_EVERY == 1 or not self._memory:
            self._memory = psutil.Process().memory_info().rss
        now = time.monotonic() - self._started
        tick = Tick(at_s=now, loss=loss, rows=rows, waited_s=self._waited_s, memory_bytes=self._memory)
        self._waited_s = 0.0
        for alarm in self._sentinel.see(tick):
            self._tell(alarm.kind, alarm.message, alarm.next_step)

    def _not_finite(self, loss: float) -> None:
        where = f"batch {self._mark.batches:,} (step {self.step:,})"
        newest = None
        if self.options.not_finite == "go_back" and self._returns < self.options.most_returns:
            self._writer.wait()
            newest = self._checkpoints.newest()
        if newest is None:
            raise LossNotFinite(
                f"The loss is {loss} after {where}.",
                next_step='Look at this batch and at the learning rate; not_finite="go_back" would leave it out.',
            )
        self._returns += 1
        mark, kept, _ = newest
        put_back({"state": self._state, "random": None}, kept)
        self._tell("went_back", f"The loss is {loss} after {where}: it goes on from the state of step {mark.step:,}.")

    def _asked_to_stop(self, number: int, frame: FrameType | None) -> None:
        self._stop.set()

    def _give_way(self) -> None:
        """Keep where it is, and end as whoever asked expects it: by the signal."""
        self.checkpoint()
        self._tell("preempted", f"It was asked to stop, and keeps step {self.step:,}.")
        self.close()
        signal.signal(signal.SIGTERM, signal.SIG_DFL)
        os.kill(os.getpid(), signal.SIGTERM)

    def _tell(self, kind: str, message: str, next_step: str = "") -> None:
        event = Event(step=self.step, kind=kind, message=message, next_step=next_step)
        self._curve.tell(event)
        # Whoever listens must not stop a run of four weeks.
        with contextlib.suppress(Exception):
            self.options.tell(event)


def _to_stderr(event: Event) -> None:
    sys.stderr.write(f"{event.message} {event.next_step}".rstrip() + "\n")
    sys.stderr.flush()


def _moved(mark: Mark, **changes: Any) -> Mark:
    return Mark(**{name: changes.get(name, getattr(mark, name)) for name in Mark.__slots__})


def _take_folder(folder: Path) -> int:
    handle = os.open(folder / "lock", os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o644)
    try:
        fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except OSError as error:
        os.close(handle)
        raise RunTaken(
            f"Another process trains in {folder}.", next_step="Wait for it, or train under another name."
        ) from error
    return handle
