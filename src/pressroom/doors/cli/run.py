"""`pressroom run`: a flow, step by step, what was made before not made again."""

import sys
from typing import Annotated, Any

import typer
from rich.console import Console

from pressroom.doors.cli.flows import FlowName, Parameters, flow_named, read_parameters
from pressroom.doors.cli.options import HERE, Folder, Json
from pressroom.doors.cli.printing import print_json, print_lines, tell
from pressroom.doors.cli.run_progress import RunProgress
from pressroom.tiers import TIERS, Tier, tier_named
from pressroom.workspace import Workspace, open_workspace

_TIER = f"In another tier than the flow's own: {', '.join(TIERS)}."


def run_command(
    flow: FlowName,
    parameters: Parameters = None,
    *,
    tier: Annotated[str, typer.Option(help=_TIER, show_default=False)] = "",
    folder: Folder = HERE,
    as_json: Json = False,
) -> None:
    """Run a flow. Steps whose code, arguments and environment are what they were are not run again.

    Example:
      pressroom run nightly.py:nightly days=7
    """
    with open_workspace(folder) as workspace:
        meant = flow_named(workspace, flow)
        urgency = tier_named(tier) if tier else None
        run_shown(workspace, meant, read_parameters(meant, parameters or ()), tier=urgency, as_json=as_json)


def run_shown(
    workspace: Workspace, flow: Any, parameters: dict[str, Any], *, as_json: bool, tier: Tier | None = None
) -> None:
    """Run, show how it goes on stderr, and write what came of it."""
    with RunProgress(Console(stderr=True, markup=False, highlight=False)) as progress:
        try:
            done = workspace.flows.run(flow, parameters, watch=progress.show, warn=tell, tier=tier)
        except BaseException:
            if progress.run:
                tell(f"{progress.run}: see `pressroom run-why {progress.run}`.")
            raise
    counts = {state: sum(call.state == state for call in done.calls) for state in ("kept", "done")}
    if as_json:
        print_json({"run": done.run, "value": _shown(done.value), "ran": counts["done"], "kept": counts["kept"]})
        return
    print_lines(f"{done.run}: {counts['done']} steps ran, {counts['kept']} were answered from what is kept.")
    if done.value is not None:
        typer.echo(_shown(done.value))
    sys.stdout.flush()


def _shown(value: Any) -> Any:
    """Plain data as it is, all else as its words."""
    if value is None or isinstance(value, bool | int | float | str):
        return value
    if isinstance(value, dict):
        return {str(key): _shown(each) for key, each in value.items()}
    if isinstance(value, list | tuple):
        return [_shown(each) for each in value]
    return repr(value)
