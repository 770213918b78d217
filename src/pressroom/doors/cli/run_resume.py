"""`pressroom run-resume`: a run again, with what it was given; what it made is not made again."""

from pathlib import Path

import msgspec

from pressroom.doors.cli.flows import RunName, flow_named
from pressroom.doors.cli.options import HERE, Folder, Json
from pressroom.doors.cli.run import run_shown
from pressroom.workspace import open_workspace


def run_resume_command(run: RunName, *, folder: Folder = HERE, as_json: Json = False) -> None:
    """Run the flow of a run again with the same parameters. Steps that ended are answered from what is kept.

    Example:
      pressroom run-resume nightly-7d2ee9b50002
    """
    with open_workspace(folder) as workspace:
        note = workspace.flows.started(run)
        flow = flow_named(workspace, f"{Path(note.file)}:{note.flow}")
        run_shown(workspace, flow, flow.bind(msgspec.json.decode(note.parameters)), as_json=as_json)
