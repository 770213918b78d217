"""`pressroom compact`: small files of tables become few."""

from typing import Annotated

import typer

from pressroom.doors.cli.options import HERE, Folder, Json
from pressroom.doors.cli.printing import print_json, print_lines, working
from pressroom.values import snake_case
from pressroom.workspace import open_workspace


def compact_command(
    fact: Annotated[
        str, typer.Argument(metavar="FACT", help="The table of this fact type only.", show_default=False)
    ] = "",
    *,
    folder: Folder = HERE,
    as_json: Json = False,
) -> None:
    """Put the small files of tables together, rows in the order of their instants. No answer changes by it.

    `settle` does this by itself once a table has gathered 32 small files. The old files stay until `pressroom vacuum`.

    Example:
      pressroom compact ordered
    """
    with open_workspace(folder) as workspace, working("Compacting"):
        done = workspace.upkeep.compact(snake_case(fact))
    if as_json:
        print_json({"compacted": done})
        return
    for name, one in done.items():
        if one.taken_parts:
            print_lines(f"{name}: {one.taken_parts:,} files became {one.put_parts:,}, with {one.put_rows:,} rows.")
    if not any(one.taken_parts for one in done.values()):
        print_lines("No table has small files to put together.")
