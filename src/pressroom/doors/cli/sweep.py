"""`pressroom sweep`: what unfinished steps left behind is removed, once nobody comes back for it."""

from typing import Annotated

import typer

from pressroom.doors.cli.options import HERE, Folder, Json, reading
from pressroom.doors.cli.printing import print_json, print_lines
from pressroom.flows import KEEP_UNFINISHED_US
from pressroom.values import format_duration, parse_duration
from pressroom.workspace import open_workspace

_KEEP = (
    f"Keep what was written to within this time, {format_duration(KEEP_UNFINISHED_US)} if not said; what a run that is "
    "alive needs is kept in any case."
)


def sweep_command(
    *,
    keep: Annotated[int | None, typer.Option(parser=reading(parse_duration), metavar="TIME", help=_KEEP)] = None,
    folder: Folder = HERE,
    as_json: Json = False,
) -> None:
    """Remove the checkpoints of steps that never came to their end, and that no later run took up.

    Example:
      pressroom sweep --keep 14d
    """
    with open_workspace(folder) as workspace:
        done = workspace.flows.sweep(keep_us=KEEP_UNFINISHED_US if keep is None else keep)
    if as_json:
        print_json({"removed": {"folders": done.folders, "bytes": done.size_bytes}, "kept": done.kept})
        return
    print_lines(done.words() or "There is nothing to remove.")
    if done.kept:
        print_lines(f"{done.kept:,} are in use, or were written to since.")
