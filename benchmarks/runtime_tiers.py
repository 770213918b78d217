"""What priority and metering cost: one admission decision with ten thousand jobs waiting, and counting a step's use."""

import statistics
import tempfile
import time
from pathlib import Path

from benchmarks.case import Case, Report, in_turn
from pressroom.flows.attempt_meter import AttemptMeter
from pressroom.tiers import Machine, Queue, Quota, Rules, Share, Waiting, Working, admit, synthetic_trace

_JOBS = 10_000
_EVENTS = 200
_STEP_S = 1.0
_MOST_S = 0.001


def cases(runs: int) -> list[Case]:
    """Both cases of this file; `benchmarks.runtime` puts them into its report."""
    return [_admission(runs), _metering(runs)]


def measure(runs: int) -> Report:
    """The same as a report of its own."""
    return Report(area="runtime", cases=tuple(cases(runs)))


def _admission(runs: int) -> Case:
    """Work ends, admission decides who is next, and that is done: 200 times with 10,000 jobs in the queue."""
    capacity = Share(cpu=256.0, memory_bytes=1 << 40)
    rules = Rules(capacity=capacity, quotas={f"team-{n}": Quota(sure=capacity.times(0.05)) for n in range(1, 21)})
    trace = synthetic_trace(rules, jobs=11_000, teams=20)[: _JOBS + 64]
    waiting = [
        Waiting(name=each.name, tier=each.tier, team=each.team, ask=each.ask, since_s=each.comes_s,
                expected_s=each.expected_s)
        for each in trace
    ]  # fmt: skip
    now_s = trace[-1].comes_s

    took: list[float] = []
    for _ in range(runs):
        machine, queue = Machine(rules, _full(rules)), Queue(rules, waiting)
        began = time.perf_counter()
        _decide(machine, queue, now_s)
        took.append(time.perf_counter() - began)
    each_ms = statistics.median(took) / _EVENTS * 1e3
    return Case(name="10,000 queued jobs: admission decision / 1 ms", unit="ms a decision", ours=each_ms,
                limit=_MOST_S * 1e3, target=1.0)  # fmt: skip


def _decide(machine: Machine, queue: Queue, now_s: float) -> None:
    for number in range(_EVENTS):
        ended = next((work for work in machine if work.stopping), None) or next(iter(machine), None)
        if ended is not None:
            machine.remove(ended.name)
        decided = admit(machine, queue, now_s + number)
        for work in decided.start:
            queue.remove(work.name)
            machine.add(work)
        for work, _ in decided.stop:
            machine.add(work.stopped())


def _full(rules: Rules) -> list[Working]:
    """A machine on which batch work holds everything."""
    return [
        Working(name=f"busy-{n}", tier="batch", team=f"team-{n % 20 + 1}", ask=Share(cpu=1.0, memory_bytes=1 << 31),
                started_s=0.0, safe_s=float(n))
        for n in range(int(rules.capacity.cpu))
    ]  # fmt: skip


def _metering(runs: int) -> Case:
    """A step that computes for a second: with its meter, which also writes to a folder, and without."""
    rounds = _rounds_of_a_second()

    def metered(folder: str) -> int:
        with AttemptMeter(Path(folder)):
            return _work(rounds)

    with tempfile.TemporaryDirectory() as folder:
        mine, bare = in_turn(runs, lambda: metered(folder), lambda: _work(rounds))
    return Case(name="metering of a step of a second / the step alone", unit="s", ours=mine, limit=bare, target=1.01)


def _work(rounds: int) -> int:
    """Sums that take the same time each time."""
    total = 0
    for number in range(rounds):
        total = (total * 31 + number) % 1_000_003
    return total


def _rounds_of_a_second() -> int:
    """How many rounds make about a second here."""
    few = 200_000
    began = time.perf_counter()
    _work(few)
    return int(few * _STEP_S / (time.perf_counter() - began))
