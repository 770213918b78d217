"""Preflights of a workspace: its clock, prices and machine around a long run that is going to start here."""

import sys
import tempfile
from collections.abc import Callable
from pathlib import Path

from pressroom.costs import PriceBook
from pressroom.flows import find_in, load_module
from pressroom.ports import Clock
from pressroom.training import LongRun, Preflight, Rung, Surroundings, preflight
from pressroom.values import MICROSECONDS, InvalidInput
from pressroom.workspace.executors import executor_of
from pressroom.workspace.rehearse import ENTRY
from pressroom.workspace.settings import FILE, Settings


def preflight_in(
    file: Path, name: str, *, clock: Clock, prices: PriceBook, settings: Settings, told: Callable[[Rung], None]
) -> Preflight:
    """Try the long run `name` in `file` before it starts, in processes as those of flows. What it writes is removed.

    No clock may be behind the last change of the workspace's own file. Raises BadFlow, InvalidInput.
    """
    long = find_in(load_module(file), name)
    if not isinstance(long, LongRun):
        raise InvalidInput(f"{name!r} in {file.name} is no long run.", next_step=f"Write {name} = pr.LongRun(job=...).")
    around = Surroundings(
        now=clock.now(),
        newest=(settings.folder / FILE).stat().st_mtime_ns // (1_000_000_000 // MICROSECONDS),
        devices=_devices(),
        cost_per_s=prices.usd_per_cpu_s,
        currency=prices.currency,
    )
    executor = executor_of(settings, "process", str(file))
    try:
        with tempfile.TemporaryDirectory(prefix="pressroom-preflight-") as folder:
            return preflight(
                long,
                name=name,
                file=file.resolve(),
                entry=ENTRY,
                executor=executor,
                folder=Path(folder),
                around=around,
                told=told,
            )
    finally:
        executor.close()


def _devices() -> tuple[str, ...]:
    """What there is to compute on, as far as the system says it without a framework."""
    cards = sum(1 for _ in Path("/dev").glob("nvidia[0-9]*"))
    own = ("mps",) if sys.platform == "darwin" else ()
    return ("cpu", *(f"cuda:{number}" for number in range(cards)), *own)
