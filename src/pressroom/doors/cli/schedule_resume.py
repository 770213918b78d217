"""`pressroom schedule-resume`: a paused schedule goes on."""

from typing import Annotated

import typer

from pressroom.doors.cli.options import HERE, Folder, Json
from pressroom.doors.cli.printing import print_json, print_lines
from pressroom.doors.cli.schedule_pause import ScheduleName
from pressroom.workspace import open_workspace


def schedule_resume_command(
    flow: ScheduleName,
    *,
    from_now: Annotated[bool, typer.Option("--from-now", help="Leave out what came due in the meantime.")] = False,
    folder: Folder = HERE,
    as_json: Json = False,
) -> None:
    """Let a paused schedule go on. What came due in the meantime was missed: the schedule's rule for that decides.

    Example:
      pressroom schedule-resume nightly --from-now
    """
    with open_workspace(folder) as workspace:
        resumed = workspace.schedules.resume(flow, from_now=from_now)
    if as_json:
        print_json({"schedule": flow, "resumed": resumed})
        return
    print_lines(f"{flow} goes on." if resumed else f"{flow} was not paused.")
