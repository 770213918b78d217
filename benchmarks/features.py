"""Features: training sets, wide and long; online reads; appends; keeping the online store up to date."""

import tempfile
from pathlib import Path

from benchmarks import appends, following, online_reads, three_groups, wide
from benchmarks.case import Report


def measure(runs: int) -> Report:
    """All of it, in a folder that goes away."""
    with tempfile.TemporaryDirectory() as folder:
        parts = (three_groups, wide, online_reads, appends, following)
        cases = [case for part in parts for case in part.cases(runs, Path(folder))]
    return Report(area="features", cases=tuple(cases))
