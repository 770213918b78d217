"""Models: packed alone and fused, in parts by entity, loaded. Needs scikit-learn, xgboost, lightgbm and torch."""

import tempfile
from pathlib import Path

from benchmarks import by_entity, fused, packed
from benchmarks.case import Report


def measure(runs: int) -> Report:
    """All of it, in a folder that goes away."""
    with tempfile.TemporaryDirectory() as folder:
        cases = [case for part in (packed, fused, by_entity) for case in part.cases(runs, Path(folder))]
    return Report(area="models", cases=tuple(cases))
