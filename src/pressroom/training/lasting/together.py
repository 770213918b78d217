"""Together: the workers of one training, as a run sees them. Whoever trains alone is a worker of one."""

import io
import json
from collections.abc import Callable, Generator, Mapping
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass
from typing import Any

import numpy as np

from pressroom.models import Alone, Fellows, resumes
from pressroom.training.errors import BadTraining
from pressroom.training.lasting.checkpoint_file import Head, read_checkpoint, write_checkpoint
from pressroom.training.lasting.randomness import draw_apart
from pressroom.training.lasting.share import Part
from pressroom.training.lasting.state import State
from pressroom.values import digest_parts

_SPREADS = "torch"
Found = tuple[Head, dict[str, bytes]]


@dataclass(frozen=True, slots=True, kw_only=True)
class Agreed:
    """What all workers make of a tick: loss and metrics over the whole batch, whether one was asked to stop, and
    whether the first finds a checkpoint due.
    """

    loss: float | None
    metrics: Mapping[str, float]
    asked: bool
    due: bool


class Together:
    """Workers that call the same in the same order. `asked` says whether this one was asked to put its state away;
    `words` are what a checkpoint's reader should know of how this crew came together.
    """

    def __init__(self, fellows: Fellows | None = None, *, asked: Callable[[], bool] = bool, words: str = "") -> None:
        """Alone, unless there are fellows."""
        self._fellows = fellows or Alone()
        self._asked = asked
        self.words = words
        self.part = Part(place=self._fellows.place, of=self._fellows.size)
        self.ticks = 0
        self._checked = False

    @property
    def first(self) -> bool:
        """Whether this is the one that writes."""
        return self.part.place == 0

    def agree(
        self, loss: float | None, metrics: Mapping[str, float], *, share: float, asked: bool, due: bool
    ) -> Agreed:
        """One tick of all: losses and metrics of shares become those of the batch."""
        asked = asked or self._asked()
        if self.part.of == 1:
            return Agreed(loss=loss, metrics=metrics, asked=asked, due=due)
        names = sorted(metrics)
        values = [0.0 if loss is None else loss, *(metrics[name] for name in names)]
        # A share that counts for nothing may be no number either.
        weighted = [value * share if share else 0.0 for value in values]
        flags = [float(asked), float(due and self.first)]
        some_asked, first_due, batch_loss, *rest = self._fellows.add_up(np.array([*flags, *weighted])).tolist()
        return Agreed(
            loss=None if loss is None else batch_loss,
            metrics=dict(zip(names, rest, strict=True)),
            asked=some_asked > 0,
            due=first_due > 0,
        )

    def found(self, look: Callable[[], Found | None]) -> Found | None:
        """The checkpoint that the first finds, in every worker."""
        if self.part.of == 1:
            return look()
        found = look() if self.first else None
        sink = io.BytesIO()
        if found is not None:
            write_checkpoint(sink, found[0], found[1])
        content = self._fellows.hand_round(sink.getvalue())
        if self.first or not content:
            return found
        return read_checkpoint(io.BytesIO(content))

    def any(self, mine: bool) -> bool:  # noqa: FBT001  (a question that all answer)
        """Whether it is so with one of them."""
        return (self.part.of > 1 and bool(self._fellows.add_up(np.array([float(mine)]))[0])) or mine

    def first_words(self, mine: str) -> str:
        """What the first worker that has something to say says; empty where nobody has."""
        said = [each.decode() for each in self._fellows.gather(mine.encode())]
        return next((each for each in said if each), "")

    def averaged(self, value: Any, share: float) -> Any:
        """A value of shares as that of the batch."""
        return self._fellows.averaged(value, share)

    def take(self, state: State, share: Callable[[], float]) -> None:
        """From here on the state is that of all. Raises BadTraining for what can't be spread, and where it differs."""
        if self.part.of == 1:
            return
        for name, part in vars(state).items():
            adapter = resumes(part)
            if adapter is not None and adapter.kind != _SPREADS:
                raise BadTraining(
                    f"state.{name} is of {adapter.kind}, which is not spread over workers.",
                    next_step="Train it with one worker, or write it in PyTorch or numpy.",
                )
        self._refuse_differences(state, "is not the same in all workers before the first batch")
        for part in vars(state).values():
            self._fellows.follow(part, share)

    def check_once(self, state: State) -> None:
        """After the first batch of a start: what went apart by then will go on to do so. Raises BadTraining."""
        if self.part.of > 1 and not self._checked:
            self._checked = True
            self._refuse_differences(state, "went apart between workers with the first batch")

    def draw_apart(self, seed: int, ticks: int) -> None:
        """Let torch draw other numbers in each worker: their rows are others. All else draws the same in all."""
        if not self.first:
            draw_apart([seed, self.part.place, ticks])

    def _refuse_differences(self, state: State, how: str) -> None:
        mine = _digests(state)
        for place, content in enumerate(self._fellows.gather(json.dumps(mine).encode())):
            theirs: dict[str, str] = json.loads(content)
            wrong = next((name for name in sorted({*mine, *theirs}) if mine.get(name) != theirs.get(name)), None)
            if wrong is not None:
                raise BadTraining(
                    f"state.{wrong} {how} (worker {place} has another than worker {self.part.place}).",
                    next_step="Make it from the seed alone; average what is computed by hand with run.averaged(...); "
                    "replace layers that look at their own rows only (BatchNorm) by LayerNorm or GroupNorm.",
                )


def _digests(state: State) -> dict[str, str]:
    files = sorted(state.copied()().items())
    return {
        name: digest_parts(part for path, content in files if path.startswith(f"{name}/") for part in (path, content))
        for name in vars(state)
    }


_TOGETHER: ContextVar[Together | None] = ContextVar("pressroom_together", default=None)


def together_now() -> Together:
    """The workers that this process is one of; alone, where it is none."""
    return _TOGETHER.get() or Together()


@contextmanager
def together_with(workers: Together) -> Generator[None]:
    """Within this block, training runs are those of these workers."""
    token = _TOGETHER.set(workers)
    try:
        yield
    finally:
        _TOGETHER.reset(token)
