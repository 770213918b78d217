"""Saving: when a checkpoint is due, a copy is taken and written beside the training; and taken up again."""

import time
from collections.abc import Callable, Mapping

from pressroom.training.lasting.cadence import Cadence, Costs
from pressroom.training.lasting.checkpoint_file import Head, described
from pressroom.training.lasting.checkpoints import Checkpoints
from pressroom.training.lasting.plain import copy_plain, plain_of
from pressroom.training.lasting.randomness import random_state, set_random_state
from pressroom.training.lasting.state import State
from pressroom.training.lasting.writer import Writer

_STATE, _RANDOM = "state/", "random/"


class Saving:
    """Saves one training. Durations are by a clock that never jumps."""

    def __init__(
        self,
        checkpoints: Checkpoints,
        cadence: Cadence,
        *,
        trouble: Callable[[str], None],
        saved: Callable[[Head], None],
    ) -> None:
        """`saved` hears of each that was written, in the thread that wrote it.

        The first is due at once: it shows what one costs, and whether its place can be written to.
        """
        self._checkpoints = checkpoints
        self._cadence = cadence
        self._costs = Costs()
        self._blocked_s: list[float] = []
        self._last: float | None = None
        self._saved = saved
        self.writer = Writer(trouble)
        self.blocked_s = 0.0

    def due(self) -> bool:
        """Whether a checkpoint should be taken now: the interval is over, and nothing is being written."""
        if self._last is not None and time.monotonic() - self._last < self.interval_s():
            return False
        return not self.writer.busy()

    def interval_s(self) -> float:
        """The interval that now holds."""
        while self._blocked_s and self.writer.costs_s:
            self._costs.add(self._blocked_s.pop(0) + self.writer.costs_s.pop(0))
        cost = self._costs.cost_s()
        return self._cadence.least_s if cost is None else self._cadence.interval_s(cost)

    def save(self, state: State, head: Callable[[tuple[tuple[str, int, str], ...]], Head]) -> None:
        """Copy now, write later. `head` is completed with the names, sizes and digests of the files."""
        self.writer.wait()
        started = time.perf_counter()
        copied, drawn = state.copied(), copy_plain(random_state(), what="random state")

        def write() -> None:
            files = {f"{_STATE}{name}": content for name, content in copied().items()}
            files |= {f"{_RANDOM}{name}": content for name, content in drawn().items()}
            done = head(described(files))
            self._checkpoints.write(done, files)
            self._saved(done)

        self.writer.start(write)
        took = time.perf_counter() - started
        self._blocked_s.append(took)
        self.blocked_s += took
        self._last = time.monotonic()


def restore(state: State, files: Mapping[str, bytes]) -> None:
    """Put the parts back."""
    state.restore({name.removeprefix(_STATE): each for name, each in files.items() if name.startswith(_STATE)})


def restore_random(files: Mapping[str, bytes]) -> None:
    """Draw on from where it was."""
    set_random_state(
        plain_of({name.removeprefix(_RANDOM): each for name, each in files.items() if name.startswith(_RANDOM)})
    )
