"""Run the benchmarks of one area."""

import argparse
import importlib
import json
from pathlib import Path

from benchmarks.case import Report, print_report

AREAS = ("demo", "features", "flows", "larger", "models", "runtime", "serving")


def main() -> None:
    """Measure an area, print a table, write the same as JSON."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks", description=__doc__)
    parser.add_argument("area", choices=AREAS)
    parser.add_argument("--json", type=Path, metavar="FILE", help="write the figures to a file")
    parser.add_argument("--runs", type=int, default=5, help="how often each case is measured (default 5)")
    told = parser.parse_args()
    report: Report = importlib.import_module(f"benchmarks.{told.area}").measure(told.runs)
    print_report(report)
    if told.json is not None:
        told.json.write_text(json.dumps(report.document(), indent=2) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
