"""Where a step runs: what walls and containers cost, and what admission and metering do, where they are measured."""

import importlib
import importlib.util

from benchmarks import runtime_executors
from benchmarks.case import Case, Report

_TIERS = "benchmarks.runtime_tiers"


def measure(runs: int) -> Report:
    """Every case of the area."""
    cases: list[Case] = list(runtime_executors.cases(runs))
    if importlib.util.find_spec(_TIERS) is not None:
        cases += importlib.import_module(_TIERS).cases(runs)
    return Report(area="runtime", cases=tuple(cases))
