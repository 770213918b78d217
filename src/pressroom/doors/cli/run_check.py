"""`pressroom run-check`: can a flow be run, and can its steps' results be kept?"""

from pressroom.doors.cli.flows import FlowName, Parameters, flow_named, read_parameters
from pressroom.doors.cli.options import HERE, Folder, Json
from pressroom.doors.cli.printing import print_json, print_lines
from pressroom.workspace import open_workspace


def run_check_command(
    flow: FlowName, parameters: Parameters = None, *, folder: Folder = HERE, as_json: Json = False
) -> None:
    """Load a flow, check its parameters, and name every step whose code has no digest, so that it would always run.

    Example:
      pressroom run-check nightly.py:nightly
    """
    with open_workspace(folder) as workspace:
        meant = flow_named(workspace, flow)
        plan = workspace.flows.plan(meant, read_parameters(meant, parameters or ()))
        unknown = workspace.flows.without_digest(meant)
    if as_json:
        print_json({"flow": plan.flow, "calls": len(plan.calls), "without_digest": unknown, "beyond": plan.beyond})
        return
    for step, reasons in unknown.items():
        print_lines(f"{step} will run every time: {'; '.join(reasons)}.")
    print_lines(f"{plan.flow} can be run: {len(plan.calls)} calls are seen from here.")
