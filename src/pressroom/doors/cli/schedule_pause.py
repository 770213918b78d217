"""`pressroom schedule-pause`: a schedule rests."""

from typing import Annotated

import typer

from pressroom.doors.cli.options import HERE, Folder, Json
from pressroom.doors.cli.printing import print_json, print_lines
from pressroom.workspace import open_workspace

ScheduleName = Annotated[
    str, typer.Argument(metavar="FLOW", help="A flow with a schedule, as `pressroom schedules` shows it.")
]


def schedule_pause_command(
    flow: ScheduleName,
    *,
    why: Annotated[str, typer.Option("--why", help="What to say to whoever looks.")] = "",
    folder: Folder = HERE,
    as_json: Json = False,
) -> None:
    """Start no runs of a schedule until it is resumed. What runs already goes on.

    Example:
      pressroom schedule-pause nightly --why "the source is being moved"
    """
    with open_workspace(folder) as workspace:
        paused = workspace.schedules.pause(flow, why)
    if as_json:
        print_json({"schedule": flow, "paused": paused})
        return
    print_lines(f"{flow} is paused." if paused else f"{flow} was paused already.")
