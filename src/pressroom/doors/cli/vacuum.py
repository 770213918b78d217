"""`pressroom vacuum`: what only older versions of tables need is removed."""

from typing import Annotated

import typer

from pressroom.doors.cli.options import HERE, Folder, Json, reading
from pressroom.doors.cli.printing import print_json, print_lines, working
from pressroom.facts import KEEP_US
from pressroom.values import format_duration, parse_duration, snake_case
from pressroom.workspace import open_workspace

_KEEP = (
    f"Keep what was the newest within this time, {format_duration(KEEP_US)} if not said; 0: the newest version alone."
)


def _keep_us(text: str) -> int:
    return 0 if text.strip() == "0" else parse_duration(text)


def vacuum_command(
    fact: Annotated[
        str, typer.Argument(metavar="FACT", help="The table of this fact type only.", show_default=False)
    ] = "",
    *,
    keep: Annotated[int | None, typer.Option(parser=reading(_keep_us), metavar="TIME", help=_KEEP)] = None,
    folder: Folder = HERE,
    as_json: Json = False,
) -> None:
    """Remove for good the files that only older versions of tables need. Frozen training sets keep rows of their own.

    Example:
      pressroom vacuum --keep 7d
    """
    with open_workspace(folder) as workspace, working("Vacuuming"):
        done = workspace.upkeep.vacuum(snake_case(fact), keep_us=KEEP_US if keep is None else keep)
    if as_json:
        print_json({"removed": done})
        return
    for name, one in done.items():
        if one.files:
            print_lines(f"{name}: {one.files:,} files removed, {one.size_bytes:,} bytes.")
    if not any(one.files for one in done.values()):
        print_lines("There is nothing to remove.")
