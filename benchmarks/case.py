"""Cases: ours and the limit, measured in turn, so that a machine that drifts drifts for both."""

import gc
import statistics
import time
from collections.abc import Callable
from dataclasses import asdict, dataclass, field
from typing import Any

from rich.console import Console
from rich.table import Table


@dataclass(frozen=True, slots=True, kw_only=True)
class Case:
    """Medians of ours and of the limit, their ratio, and the ratio asked for."""

    name: str
    unit: str
    ours: float
    limit: float
    target: float

    @property
    def ratio(self) -> float:
        """Ours over the limit; smaller is better."""
        return self.ours / self.limit

    @property
    def met(self) -> bool:
        """Whether the ratio is within the target."""
        return self.ratio <= self.target


@dataclass(frozen=True, slots=True, kw_only=True)
class Stage:
    """Something that is timed for itself: seconds, and how many rows went through."""

    name: str
    seconds: float
    rows: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Report:
    """All of an area."""

    area: str
    cases: tuple[Case, ...]
    stages: tuple[Stage, ...] = field(default=())

    def document(self) -> dict[str, Any]:
        """The report as JSON-able values."""
        return {
            "area": self.area,
            "cases": [{**asdict(case), "ratio": case.ratio, "met": case.met} for case in self.cases],
            "stages": [{**asdict(stage), "rows_per_s": stage.rows / stage.seconds} for stage in self.stages],
        }


def in_turn(runs: int, ours: Callable[[], object], limit: Callable[[], object]) -> tuple[float, float]:
    """Median seconds of both, measured A B A B ... after one run of each that does not count."""
    mine, theirs = medians(runs, ours, limit)
    return mine, theirs


def again(times: int, work: Callable[[], object]) -> Callable[[], None]:
    """The same work so often that a clock sees it."""

    def run() -> None:
        for _ in range(times):
            work()

    return run


def medians(runs: int, *works: Callable[[], object]) -> list[float]:
    """Median seconds of several, measured in turn after one run of each that does not count."""
    for work in works:
        work()
    took: list[list[float]] = [[] for _ in works]
    for _ in range(runs):
        for work, times in zip(works, took, strict=True):
            gc.collect()
            started = time.perf_counter()
            work()
            times.append(time.perf_counter() - started)
    return [statistics.median(times) for times in took]


def print_report(report: Report) -> None:
    """The report as tables."""
    console = Console()
    cases = Table("case", "unit", title=f"{report.area}: ours over the limit (medians)", title_justify="left")
    for column in ("ours", "limit", "ratio", "target", "met"):
        cases.add_column(column, justify="right")
    for case in report.cases:
        met = "yes" if case.met else "NO"
        figures = (f"{case.ours:.4g}", f"{case.limit:.4g}", f"{case.ratio:.2f}", f"{case.target:g}", met)
        cases.add_row(case.name, case.unit, *figures)
    console.print(cases)
    if report.stages:
        stages = Table("stage", title="stages", title_justify="left")
        for column in ("seconds", "rows", "rows/s"):
            stages.add_column(column, justify="right")
        for stage in report.stages:
            stages.add_row(stage.name, f"{stage.seconds:.3f}", f"{stage.rows:,}", f"{stage.rows / stage.seconds:,.0f}")
        console.print(stages)
