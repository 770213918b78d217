"""`pressroom ensemble`: where each node of an ensemble runs, why, and what a row costs on this machine."""

from typing import Annotated

import typer

from pressroom.doors.cli.options import HERE, Folder, Json
from pressroom.doors.cli.printing import print_json, print_lines, print_table
from pressroom.workspace import open_workspace


def ensemble_command(
    name: Annotated[str, typer.Argument(metavar="NAME", help="An ensemble: a name, NAME@^2, an alias or a digest.")],
    *,
    folder: Folder = HERE,
    as_json: Json = False,
) -> None:
    """Show which nodes of an ensemble are fused into one session, which run by themselves and why, the casts that are
    made, and microseconds a row, measured now.

    Example:
      pressroom ensemble risk_blend
    """
    with open_workspace(folder) as workspace:
        planned = workspace.models.plan(name)
    if as_json:
        print_json({"ensemble": name, "sessions": planned.sessions(), "plan": planned})
        return
    rows = [(node.node, node.what, node.where, node.gives, node.why or None) for node in planned.nodes]
    print_table(("node", "is", "runs in", "gives", "why"), rows)
    print_lines(*(f"cast {cast}" for cast in planned.casts))
    print_lines(planned.cost())
