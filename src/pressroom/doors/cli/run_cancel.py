"""`pressroom run-cancel`: stop a run."""

from pressroom.doors.cli.flows import RunName
from pressroom.doors.cli.options import HERE, Folder, Json
from pressroom.doors.cli.printing import print_json, print_lines
from pressroom.workspace import open_workspace


def run_cancel_command(run: RunName, *, folder: Folder = HERE, as_json: Json = False) -> None:
    """Ask a run on this machine to stop: its steps get five seconds to end. What it made is kept.

    Example:
      pressroom run-cancel nightly-7d2ee9b50002
    """
    with open_workspace(folder) as workspace:
        asked = workspace.flows.cancel(run)
    if as_json:
        print_json({"run": run, "asked": asked})
        return
    print_lines(f"{run} was asked to stop." if asked else f"{run} does not run on this machine.")
