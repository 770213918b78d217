"""`pressroom parity`: the features that were served, against the same ones recomputed from facts."""

from typing import Annotated

import typer

from pressroom.doors.cli.options import HERE, Folder, Json
from pressroom.doors.cli.printing import print_json, print_lines, print_table, working
from pressroom.workspace import open_workspace


def parity_command(
    endpoint: Annotated[str, typer.Argument(metavar="ENDPOINT", help="An endpoint that answers.")],
    *,
    folder: Folder = HERE,
    as_json: Json = False,
) -> None:
    """Recompute the features of an endpoint's logged predictions from facts, and compare every bit.

    Exits with 1 where any value differs.

    Example:
      pressroom parity delivery_risk
    """
    with open_workspace(folder) as workspace, working("Recomputing"):
        report = workspace.parity(endpoint)
    if as_json:
        print_json(report)
    else:
        print_lines(f"{report.checked:,} predictions, {report.values:,} feature values, {report.unequal:,} unequal.")
    if not report.unequal:
        return
    if not as_json:
        print_table(("feature", "unequal>"), [(name, f"{count:,}") for name, count in report.by_feature])
        shown = [(one.prediction_id, one.feature, one.served, one.recomputed) for one in report.examples]
        print_table(("prediction", "feature", "served", "recomputed"), shown)
    raise typer.Exit(1)
