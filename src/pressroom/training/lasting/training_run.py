"""A training run: owns the loops, and with them when to save, where to go on, what to watch, and when to stop."""

import logging
import time
from collections.abc import Iterator, Mapping
from contextlib import ExitStack
from contextvars import copy_context
from functools import partial
from math import isfinite
from types import TracebackType
from typing import Any, NoReturn, Self

from pressroom.flows import Journal, JournalKind, JournalLine, state_is_safe
from pressroom.ports import Clock, Held, Scratch
from pressroom.training.errors import BadTraining, Diverged, NotFinite, Preempted
from pressroom.training.lasting.bad_batch import bad_batch, wrong_rows
from pressroom.training.lasting.checkpoint_file import Head, completed
from pressroom.training.lasting.checkpoints import Checkpoints
from pressroom.training.lasting.guard import Verdict, Watch
from pressroom.training.lasting.loops import Loops, Pass, Reading, pass_over
from pressroom.training.lasting.number import number_of
from pressroom.training.lasting.options import Round, TrainingOptions
from pressroom.training.lasting.randomness import seed_all
from pressroom.training.lasting.retention import Note
from pressroom.training.lasting.rows import rows_by_place
from pressroom.training.lasting.saving import Saving, restore, restore_random
from pressroom.training.lasting.state import State
from pressroom.training.lasting.stopping import Stopping
from pressroom.training.lasting.watching import Watching

_LOG = logging.getLogger("pressroom.training")
_LINE_EVERY_S = 1.0
_HELD_S = 15.0
_MOST_BACK = 3


class TrainingRun:
    """One training, in the process that does it. Use it in a `with` block; one process at a time may have it, or the
    workers that it is spread over, of whom the first writes.
    """

    def __init__(self, name: str, *, files: Scratch, journal: Journal, clock: Clock, options: TrainingOptions) -> None:
        """Take the place of checkpoints, wherever the last process left it. Raises Held, BadTraining."""
        self.name = name
        self.options = options
        self._together = options.together
        self._journal, self._clock = journal, clock
        self._context = copy_context()
        self._loops = Loops(self._reached)
        self._watch = Watch(options.guard)
        self._watching = Watching(self._trouble, options, journal.stacks)
        self._state: State | None = None
        self._taken: Mapping[str, bytes] | None = None
        self._metrics: dict[str, float] = {}
        self._losses: list[float] = []
        self._told_at, self._told_tick = -1.0, 0
        self._ticks = self._saved_tick = 0
        self._starts = 1
        self._trained_s, self._since = 0.0, time.monotonic()
        self._backs, self._back_to = 0, -1
        self._holds = ExitStack()
        self._hold(files)
        self._checkpoints = Checkpoints(files, options.keep, told=partial(self._trouble, about="checkpoint"))
        not_saved = partial(self._trouble, about="not_saved")
        self._saving = Saving(self._checkpoints, options.cadence, trouble=not_saved, saved=self._tell_saved)
        self._stopping = Stopping()
        self._stopping.listen()
        seed_all(options.seed)

    def __enter__(self) -> Self:
        """Itself."""
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, _: TracebackType | None) -> None:
        """Save the end, and close."""
        try:
            if error is None and self._state is not None and self._ticks != self._saved_tick:
                self._save()
        finally:
            self.close()

    @property
    def tick_number(self) -> int:
        """How many ticks are done, those of earlier processes included."""
        return self._ticks

    @property
    def epoch(self) -> int:
        """The epoch that is on, from 0."""
        return self._loops.epoch

    @property
    def is_resumed(self) -> bool:
        """Whether `state` found a checkpoint."""
        return self._starts > 1

    @property
    def workers(self) -> int:
        """How many train side by side."""
        return self._together.part.of

    @property
    def stood_still_s(self) -> float:
        """Seconds for which copies were taken, and nothing was trained."""
        return self._saving.blocked_s

    @property
    def interval_s(self) -> float:
        """Seconds between checkpoints, as it now holds."""
        return self._saving.interval_s()

    def state(self, **parts: Any) -> State:
        """Name what training changes: models, optimizers, schedulers, boosters (None before the first round), numpy
        arrays and generators, plain data. If there is a checkpoint they are put back, in place where that can be done.

        Raises BadTraining where the checkpoint is of other parts or settings, or where none is what was written.
        """
        if self._state is not None:
            raise BadTraining("The state was named already.", next_step="Name all parts in one call.")
        self._state = State(**parts)
        # What can't be kept is found here, and not at the first checkpoint.
        self._state.copied()
        self._together.take(self._state, self._share)
        found = self._together.found(self._checkpoints.newest)
        if found is None:
            self._together.draw_apart(self.options.seed, 0)
            self._tell("began", words=self._together.words.removeprefix(", "))
            return self._state
        head, files = found
        self._refuse_other_settings(head)
        self._take_up(head, files)
        self._starts = head.starts + 1
        self._saved_tick = self._ticks
        self._tell("taken up", words=f"start {self._starts}, from tick {self._ticks}{self._together.words}")
        return self._state

    def epochs(self, count: int) -> Iterator[int]:
        """Epoch numbers, from the one that was on. Loop over `batches` or `steps` inside."""
        return self._loops.epochs(count)

    def batches(
        self, rows: Any, *, size: int, epochs: int = 1, shuffle: bool = True, whole: bool = False
    ) -> Iterator[Any]:
        """Batches of rows, from the one after the last that was saved; what was read before is not read again.

        `rows`: arrays or tensors, a tuple or mapping of them, an Arrow table, a dataset by number, Parquet files. The
        order is drawn from the seed and the epoch alone. Inside of `run.epochs(...)`, those of the epoch that is on.
        Where the training is spread, each worker gets its share of every batch.
        """
        if size < 1:
            raise BadTraining(f"A batch of {size} rows.", next_step="Give a size of 1 or more.")
        source, part = rows_by_place(rows), self._together.part
        reading = Reading(size=size, seed=self.options.seed, shuffle=shuffle, whole=whole, part=part)
        return self._loops.passes(epochs, lambda place: pass_over(source, place, reading))

    def steps(self, count: int) -> Iterator[int]:
        """The numbers 0 to count - 1, from the one after the last that was saved: for loops that read nothing."""
        made = Pass(count=count, make=lambda number: number, words=f"{count} steps")
        return self._loops.passes(1, lambda place: made)

    def rounds(self, count: int, *, each: int = 25) -> Iterator[Round]:
        """Rounds of boosting, `each` at a time: train them on from `state.booster` with the round's seed, then tick.

        Boosters do not give away the state that they draw from, so each group draws from a seed of its own: only then
        is an interrupted training the same as an undisturbed one.
        """
        if self.workers > 1:
            raise BadTraining("Rounds of boosting are not spread over workers.", next_step="Use one worker.")
        groups = -(-count // each)

        def make(number: int) -> Round:
            first = number * each
            return Round(first=first, count=min(each, count - first), seed=self.options.seed + first)

        made = Pass(count=groups, make=make, words=f"{count} rounds by {each}")
        return self._loops.passes(1, lambda place: made)

    def averaged(self, value: Any) -> Any:
        """A number, array or tensor worked out from this worker's rows (a mean over them), as it is over the whole
        batch. For what is not a gradient of a PyTorch module in the state: those are averaged when a backward pass is
        over. All workers must call it. Alone, it is `value`.
        """
        return self._together.averaged(value, self._share())

    def tick(self, loss: Any = None, *, may_save: bool = True, **metrics: Any) -> bool:
        """A batch is done. Looks at the loss, writes metrics, saves if that is due, stops if that was asked for.

        `may_save=False` where state would be lost that is not named, as between gradients that are gathered. False
        when the run went back to a checkpoint, to go on without this batch. Raises NotFinite (data), Diverged, and
        Preempted, after which the same training goes on where it was.
        """
        state = self._state
        if state is None or not self._loops.open:
            raise BadTraining(
                "A tick outside of the run's loops." if state is not None else "A tick before the state was named.",
                next_step="Call run.state(...) first, and run.tick(...) in `for batch in run.batches(...)`.",
            )
        agreed = self._together.agree(
            None if loss is None else number_of(loss),
            {name: number_of(value) for name, value in metrics.items()},
            share=self._share(),
            asked=self._stopping.asked.is_set(),
            due=may_save and self._saving.due(),
        )
        number = agreed.loss
        if number is not None:
            verdict = self._watch.judge(number)
            if verdict != "fine":
                return self._bad(number, verdict)
            self._losses.append(number)
        self._watching.tick(number, self._loops.waited_s)
        self._together.ticks = self._ticks = self._ticks + 1
        self._metrics.update(agreed.metrics)
        now = time.monotonic()
        if now - self._told_at >= _LINE_EVERY_S or self._ticks == 1:
            self._tell_metrics(now)
        if agreed.asked and may_save:
            self._preempt()
        if agreed.due:
            self._save()
        return True

    def measure(self, **metrics: Any) -> None:
        """Write metrics of an evaluation; checkpoints from here on carry them, and `Keep(best=...)` goes by them."""
        self._metrics.update({name: number_of(value) for name, value in metrics.items()})
        self._tell_metrics(time.monotonic())

    def save(self) -> None:
        """Take a checkpoint now, and wait until it is written. Raises BadTraining when it was not."""
        failed = self._saving.writer.failed
        self._save()
        self._saving.writer.wait()
        if self._together.any(self._saving.writer.failed > failed):
            raise BadTraining("The checkpoint was not written.", next_step="See the line before this one.")

    def close(self) -> None:
        """Wait for what is being written, and let another process have the training."""
        self._saving.writer.wait()
        self._stopping.leave()
        if self._losses or self._told_tick != self._ticks:
            self._tell_metrics(time.monotonic())
        self._watching.leave()
        if self._state is not None:
            self._tell("ended")
        self._holds.close()

    def _hold(self, files: Scratch) -> None:
        """The process before may be about to die; then its hold goes with it."""
        until = time.monotonic() + _HELD_S
        while True:
            try:
                self._holds.enter_context(files.hold("training"))
                return
            except Held:
                if time.monotonic() > until:
                    raise Held(
                        f"Another process is at the training {self.name}.", next_step="End it, or wait for its end."
                    ) from None
                time.sleep(0.05)

    def _refuse_other_settings(self, head: Head) -> None:
        given = dict(self.options.settings)
        told = {**head.settings, "seed": str(head.settings.get("seed", ""))}
        mine = {**given, "seed": str(self.options.seed)}
        for name in sorted({*told, *mine}):
            if told.get(name) != mine.get(name):
                raise BadTraining(
                    f"The checkpoint was trained with {name} = {told.get(name, 'nothing')}, not {mine.get(name)}.",
                    next_step="Train from the start in another folder, or give what it was.",
                )

    def _take_up(self, head: Head, files: Mapping[str, bytes]) -> None:
        state = self._state
        if state is not None:
            restore(state, files)
        self._taken = files
        self._ticks = head.note.tick
        self._trained_s, self._since = head.note.trained_s, time.monotonic()
        self._metrics = dict(head.note.metrics)
        self._loops.rows = dict(head.rows)
        self._loops.skipped |= set(head.skipped)
        self._loops.go_to(head.place)
        self._watch.forget()
        self._losses.clear()

    def _reached(self) -> None:
        if self._taken is not None:
            restore_random(self._taken)
            self._together.draw_apart(self.options.seed, self._ticks)
            self._taken = None

    def _share(self) -> float:
        weight = self._loops.weight()
        return 1.0 / self.workers if weight is None else weight

    def _save(self) -> None:
        state = self._state
        if state is None:
            return
        self._together.check_once(state)
        if self._ticks > self._back_to:
            self._backs = 0
        if not self._together.first:
            self._saved_tick = self._ticks
            return
        note = Note(
            tick=self._ticks,
            trained_s=self._trained_s + time.monotonic() - self._since,
            metrics=tuple(sorted((name, value) for name, value in self._metrics.items() if isfinite(value))),
        )
        about = Head(
            note=note,
            place=self._loops.done(),
            settings={**self.options.settings, "seed": str(self.options.seed)},
            rows=dict(self._loops.rows),
            skipped=tuple(sorted(self._loops.skipped)),
            starts=self._starts,
            files=(),
        )
        self._saving.save(state, partial(completed, about))
        self._saved_tick = self._ticks

    def _tell_saved(self, head: Head) -> None:
        written = sum(size for _, size, _ in head.files)
        figures = {"bytes": float(written), "interval_s": self._saving.interval_s()}
        self._tell("saved", tick=head.note.tick, figures=figures)
        # The thread that wrote it does not know by itself which attempt this is.
        self._context.run(state_is_safe)

    def _preempt(self) -> NoReturn:
        failed = self._saving.writer.failed
        self._save()
        self._saving.writer.wait()
        how = "saved" if self._saving.writer.failed == failed else "NOT saved: the last good checkpoint stands"
        words = f"Asked to stop at tick {self._ticks}; {how}."
        # Where nobody catches it, the program ends without a traceback that would say so.
        _LOG.warning("%s: %s", self.name, words)
        raise Preempted(words, next_step="Run it again: it goes on from there.")

    def _bad(self, loss: float, verdict: Verdict) -> bool:
        at = self._loops.place
        where = f"tick {self._ticks + 1}, epoch {at.epoch}, batch {at.batch}"
        wrong = self._together.first_words(wrong_rows(self._loops.batch, self._loops.rows_of_batch()))
        error = bad_batch(loss, verdict, where=where, wrong=wrong)
        if self.options.on_bad == "stop":
            raise error
        return self._back(error)

    def _back(self, error: NotFinite | Diverged) -> bool:
        """To the last good checkpoint; to the one before where going there did not help."""
        bad, reached = self._loops.place, self._ticks
        self._saving.writer.wait()
        self._backs += 1
        before = self._saved_tick if self._backs > 1 else None
        found = self._together.found(lambda: self._checkpoints.newest(before=before))
        if found is None or self._backs > _MOST_BACK:
            raise error
        head, files = found
        self._take_up(head, files)
        self._loops.skipped.add(bad)
        self._saved_tick, self._back_to = head.note.tick, reached
        self._trouble(f"Back at tick {self._ticks}, to go on without that batch: {error.message}", "went_back")
        return False

    def _trouble(self, words: str, about: str) -> None:
        _LOG.warning("%s: %s", self.name, words)
        self._tell("trouble", words=words, about=about)

    def _tell_metrics(self, now: float) -> None:
        if self._losses:
            self._metrics["loss"] = sum(self._losses) / len(self._losses)
            self._losses.clear()
        figures = dict(self._metrics)
        if self._told_at >= 0 and now > self._told_at:
            figures["ticks_per_s"] = (self._ticks - self._told_tick) / (now - self._told_at)
            figures["waits"] = min(self._watching.waited_s() / (now - self._told_at), 1.0)
        self._told_at, self._told_tick = now, self._ticks
        self._tell("measured", figures=figures)

    def _tell(
        self,
        kind: JournalKind,
        *,
        figures: Mapping[str, float] | None = None,
        words: str = "",
        tick: int = -1,
        about: str = "",
    ) -> None:
        """What can't be written down stops no training."""
        line = JournalLine(
            at=self._clock.now(), kind=kind, tick=self._ticks if tick < 0 else tick, epoch=self._loops.epoch,
            figures=figures or {}, words=words, about=about, next_within_s=self._watching.heard_within_s(),
        )  # fmt: skip
        try:
            self._journal.tell(line)
        except OSError as error:
            _LOG.warning("%s: the journal can't be written: %s", self.name, error)
