"""`pressroom run-check`: can a flow be run, and can its steps' results be kept?"""

from dataclasses import asdict

import psutil
import typer

from pressroom.doors.cli.flows import FlowName, Parameters, flow_named, read_parameters
from pressroom.doors.cli.options import HERE, Folder, Json
from pressroom.doors.cli.printing import print_json, print_lines
from pressroom.workspace import open_workspace


def run_check_command(
    flow: FlowName, parameters: Parameters = None, *, folder: Folder = HERE, as_json: Json = False
) -> None:
    """Say what is wrong with a flow before it runs, by line, and what to do. The exit code is 1 if a run would fail.

    Checked are: modules that are missing; values that can't be kept; steps whose annotations don't fit each other;
    steps that will run every time; limits that nobody keeps, or that this machine hasn't; secrets in the code; files
    that are read unseen; facts that there are not. No step is run; the flow's own lines between them are.

    Example:
      pressroom run-check nightly.py:nightly
    """
    with open_workspace(folder) as workspace:
        meant = flow_named(workspace, flow)
        found = workspace.flows.check(
            meant,
            read_parameters(meant, parameters or ()),
            memory_bytes=psutil.virtual_memory().total,
            facts=workspace.catalog.names("fact"),
        )
        unknown = workspace.flows.without_digest(meant)
    errors = sum(each.weight == "error" for each in found)
    if as_json:
        print_json(
            {
                "flow": meant.name,
                "errors": errors,
                "findings": [asdict(each) for each in found],
                "without_digest": unknown,
            }
        )
    else:
        print_lines(*(each.told() for each in found))
        if not errors:
            warnings = f"; {len(found)} warnings" if found else ""
            print_lines(f"{meant.name} can be run{warnings}.")
    if errors:
        raise typer.Exit(1)
