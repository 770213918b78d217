"""`pressroom quality`: what facts declare about their rows, and what was measured."""

from typing import Annotated

import typer

from pressroom.doors.cli.options import HERE, Folder, Json
from pressroom.doors.cli.printing import print_json, print_lines, print_table, working
from pressroom.facts import Measure
from pressroom.values import format_instant, snake_case
from pressroom.workspace import open_workspace


def quality_command(
    fact: Annotated[str, typer.Argument(metavar="FACT", help="Of this fact type only.", show_default=False)] = "",
    *,
    folder: Folder = HERE,
    as_json: Json = False,
) -> None:
    """Show the newest measure of every check that facts declare. Batches are measured when they are appended.

    Declare checks on a field, `field(low=0, high=600, most_nulls=0.05)`, and on a fact,
    `class Ordered(pr.Fact, unique=("order",), fresh="2h")`.

    Example:
      pressroom quality ordered
    """
    with open_workspace(folder) as workspace, working("Looking"):
        names = [workspace.fact(snake_case(fact)).name] if fact else workspace.catalog.names("fact")
        measures = [measure for name in names for measure in workspace.facts.quality(workspace.fact(name))]
    if as_json:
        print_json({"checks": measures})
        return
    if not measures:
        print_lines("No check is declared.")
        return
    columns = ("fact", "check", "field", "expected>", "measured>", "passed", "rows>", "batch", "at")
    print_table(columns, [_line(measure) for measure in measures])


def _line(measure: Measure) -> tuple[object, ...]:
    passed = None if measure.passed is None else "yes" if measure.passed else "NO"
    found = None if measure.measured is None else f"{measure.measured:,.6g}"
    at = None if measure.at is None else format_instant(measure.at)
    expected = {"low": ">=", "high": "<="}.get(measure.check, "<=") + f" {measure.expected:,.6g}"
    rows, batch = (f"{measure.rows:,}", measure.batch) if measure.rows else (None, None)
    return (measure.fact, measure.check, measure.field, expected, found, passed, rows, batch, at)
