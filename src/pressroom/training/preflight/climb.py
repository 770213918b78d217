"""The ladder of a preflight: place, data, memory, one batch through everything, learning, forecast, baseline."""

import math
import time
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from pathlib import Path

from pressroom.ports import Ended, Executor, Job
from pressroom.training.preflight.all_rows import check_data
from pressroom.training.preflight.baseline import Baseline, baseline_of
from pressroom.training.preflight.check_place import check_place
from pressroom.training.preflight.child import SPEC, TOLD, Phase, Said, Spec, read_told
from pressroom.training.preflight.finding import Climbed, Finding, Rung, refusals
from pressroom.training.preflight.forecast import (
    Forecast,
    MemoryLine,
    check_forecast,
    check_memory,
    forecast,
    memory_line,
)
from pressroom.training.preflight.long_run import LongRun
from pressroom.training.preflight.place import look_around
from pressroom.training.preflight.rehearsed import Failed, Rehearsed, check_learning, check_pairs, check_rehearsed
from pressroom.values import Instant, to_document


@dataclass(frozen=True, slots=True, kw_only=True)
class Surroundings:
    """What a preflight knows of where it is: the clock, the newest instant written down, devices, and prices."""

    now: Instant
    newest: Instant | None = None
    devices: tuple[str, ...] = ("cpu",)
    cost_per_s: float = 0.0
    currency: str = ""
    part_s: float = 45.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Preflight:
    """What was found before a run: it may start when nothing is `refused`."""

    name: str
    findings: tuple[Finding, ...]
    climbed: tuple[Climbed, ...]
    memory: MemoryLine | None = None
    forecast: Forecast | None = None
    baseline: Baseline | None = None

    @property
    def refused(self) -> tuple[Finding, ...]:
        """What stands against it."""
        return refusals(self.findings)


@dataclass(slots=True)
class _Ladder:
    """A preflight on its way up."""

    long: LongRun
    name: str
    file: Path
    executor: Executor
    entry: str
    folder: Path
    around: Surroundings
    told: Callable[[Rung], None]
    findings: list[Finding] = field(default_factory=list)
    climbed: list[Climbed] = field(default_factory=list)
    memory: MemoryLine | None = None
    forecast: Forecast | None = None
    baseline: Baseline | None = None

    def climb(self, rung: Rung, look: Callable[[], Iterable[Finding]]) -> bool:
        """Take a rung; whether the next may be taken."""
        self.told(rung)
        started = time.monotonic()
        self.findings += look()
        self.climbed.append(Climbed(rung=rung, seconds=time.monotonic() - started))
        return not refusals(self.findings)

    def place(self) -> Iterable[Finding]:
        """Is there what it asks for?"""
        expected = self.long.place
        seen = look_around(expected, now=self.around.now, devices=self.around.devices)
        return check_place(expected, seen, newest=self.around.newest)

    def data(self) -> Iterable[Finding]:
        """Do the rows say what they should? Then: what is to be beaten."""
        if self.long.data is None:
            return ()
        table, expected = self.long.data()
        found = check_data(table, expected, now=self.around.now)
        if not refusals(found):
            self.baseline = baseline_of(table, expected)
        return found

    def measure_memory(self) -> Iterable[Finding]:
        """What smaller batches take, and so what a whole one will."""
        limit = self.long.place.memory_bytes
        if not limit:
            return
        peaks: list[tuple[int, int]] = []
        whole = 0
        for share in (0.25, 0.5):
            said, ended = self.rehearse("memory", f"memory-{share}", share=share, limited=False)
            failed = _failure(said, ended)
            if failed is not None:
                yield from check_rehearsed(Rehearsed(failed=failed))
                return
            whole = max((each.size for each in said), default=0)
            rows = [each.step.rows for each in said if each.step is not None]
            peaks += [(max(rows), ended.peak_bytes)] if rows else []
        if len({rows for rows, _ in peaks}) == 2:
            self.memory = memory_line(peaks)
            yield from check_memory(self.memory, rows=whole, limit_bytes=limit)

    def one_batch(self) -> Iterable[Finding]:
        """Train, keep, kill -9, restore, go on, evaluate, export, predict."""
        said, ended = self.rehearse("go", "batch")
        steps = [each.step for each in said if each.step is not None]
        failed = _failure(said, ended, killed=True)
        told = Rehearsed(before=tuple(steps[:2]), on=steps[2] if len(steps) > 2 else None, failed=failed)
        if failed is None and told.on is not None:
            again, ended = self.rehearse("again", "batch")
            after = [each.step for each in again if each.step is not None]
            told = Rehearsed(
                before=told.before,
                on=told.on,
                again=after[0] if after else None,
                evaluated=tuple({k: v for each in (*said, *again) for k, v in each.metrics.items()}.items()),
                exported=next((each.exported for each in again if each.exported is not None), None),
                failed=_failure(again, ended),
            )
        planned = max((each.planned for each in said), default=0)
        if planned and steps:
            seconds = [step.seconds for step in steps]
            self.forecast = forecast(seconds, steps=planned, cost_per_s=self.around.cost_per_s)
        return check_rehearsed(told)

    def learning(self) -> Iterable[Finding]:
        """Can it learn one batch by heart?"""
        said, ended = self.rehearse("learn", "learning")
        losses = [each.step.loss for each in said if each.step is not None]
        failed = _failure(said, ended)
        if failed is not None:
            return check_rehearsed(Rehearsed(failed=failed))
        return (*check_learning(losses), *self._pairs())

    def _pairs(self) -> Iterable[Finding]:
        """Do labels tell more of their own rows than of others? Where batches are no pairs, that is not asked."""
        losses: dict[Phase, list[float]] = {}
        for phase in ("unpaired", "paired"):
            said, ended = self.rehearse(phase, phase)
            if _failure(said, ended) is not None:
                return ()
            losses[phase] = [each.step.loss for each in said if each.step is not None]
        return check_pairs(losses["paired"], losses["unpaired"])

    def cost(self) -> Iterable[Finding]:
        """Does it end in time, within its budget?"""
        if self.forecast is None:
            return ()
        options = self.long
        return check_forecast(
            self.forecast, most_s=options.most_s, budget=options.budget, currency=self.around.currency
        )

    def rehearse(self, phase: Phase, run: str, *, share: float = 1.0, limited: bool = True) -> tuple[list[Said], Ended]:
        """One part, in a process of its own."""
        folder = self.folder / f"{phase}-{run}"
        folder.mkdir(parents=True)
        spec = Spec(file=str(self.file), name=self.name, phase=phase, run=str(self.folder / "runs" / run), share=share)
        (folder / SPEC).write_bytes(to_document(spec))
        limit = self.long.place.memory_bytes if limited else 0
        self.executor.submit(
            Job(
                attempt=f"{self.folder.name}-{phase}-{run}",
                folder=str(folder),
                entry=self.entry,
                most_memory_bytes=limit or None,
                most_wall_s=self.around.part_s,
            )
        )
        ended: list[Ended] = []
        while not ended:
            ended = list(self.executor.poll(1.0))
        return list(read_told(folder / TOLD)), ended[0]


def preflight(  # noqa: PLR0913  (a run, where it is, where it is tried, and who hears of it)
    long: LongRun,
    *,
    name: str,
    file: Path,
    entry: str,
    executor: Executor,
    folder: Path,
    around: Surroundings,
    told: Callable[[Rung], None] = lambda rung: None,
) -> Preflight:
    """Try everything that a long run will need, in processes as those it will run in, and stop at the first rung that
    refuses. The long run is `name` in `file`; `entry` is what the executor calls for a part ("module:function", which
    calls `rehearse`). `folder` is new and empty; `told` hears each rung as it begins. No part takes longer than
    `around.part_s`.
    """
    ladder = _Ladder(
        long=long, name=name, file=file, executor=executor, entry=entry, folder=folder, around=around, told=told
    )
    rungs: tuple[tuple[Rung, Callable[[], Iterable[Finding]]], ...] = (
        ("place", ladder.place),
        ("data", ladder.data),
        ("memory", ladder.measure_memory),
        ("batch", ladder.one_batch),
        ("learning", ladder.learning),
        ("forecast", ladder.cost),
    )
    for rung, look in rungs:
        if not ladder.climb(rung, look):
            break
    return Preflight(
        name=name,
        findings=tuple(ladder.findings),
        climbed=tuple(ladder.climbed),
        memory=ladder.memory,
        forecast=ladder.forecast,
        baseline=ladder.baseline,
    )


def _failure(said: list[Said], ended: Ended, *, killed: bool = False) -> Failed | None:
    """Why a part did not come through, if it did not; `killed` where it was to end by its own kill -9."""
    if any(each.step is not None and not math.isfinite(each.step.loss) for each in said):
        # It was told, and is said by its own rule.
        return None
    for each in said:
        if each.failed is not None:
            return each.failed
    part = said[-1].part if said else "make"
    if ended.stopped_for == "memory":
        return Failed(part=part, error=f"it held {ended.peak_bytes / 1e9:.2f} GB.", cause="memory")
    if ended.stopped_for == "time":
        return Failed(part=part, error=f"it took more than {ended.wall_s:.0f} s.", cause="time limit")
    if ended.signal is not None and not (killed and _steps(said) > 2):
        return Failed(part=part, error=f"its process was ended by signal {ended.signal}.")
    if ended.exit_code:
        return Failed(part=part, error=f"its process ended with {ended.exit_code}.")
    return None


def _steps(said: list[Said]) -> int:
    return sum(each.step is not None for each in said)
