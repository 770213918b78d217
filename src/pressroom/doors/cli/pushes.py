"""`pressroom pushes`: what happened to an endpoint, step by step."""

from typing import Annotated

import typer

from pressroom.doors.cli.options import HERE, Folder, Json
from pressroom.doors.cli.printing import print_json, print_table
from pressroom.serving import PushStep
from pressroom.values import format_instant
from pressroom.workspace import open_workspace

_OUTCOMES = ("push", "rollback", "canary")


def pushes_command(
    endpoint: Annotated[str, typer.Argument(metavar="ENDPOINT", help="An endpoint that was pushed, or tried to be.")],
    *,
    steps: Annotated[bool, typer.Option("--steps", help="Every check, not outcomes alone.")] = False,
    folder: Folder = HERE,
    as_json: Json = False,
) -> None:
    """Show the pushes and rollbacks of an endpoint, also those that failed and why.

    Example:
      pressroom pushes delivery_risk --steps
    """
    with open_workspace(folder) as workspace:
        taken = workspace.serving.steps(endpoint)
    shown = [step for step in taken if steps or step.verdict.check in _OUTCOMES]
    if as_json:
        print_json({"endpoint": endpoint, "steps": [_document(step) for step in shown]})
        return
    rows = [
        (format_instant(step.at), step.version, step.verdict.check, "yes" if step.verdict.held else "NO",
         step.verdict.found)
        for step in shown
    ]  # fmt: skip
    print_table(("at", "version>", "step", "held", "found"), rows)


def _document(step: PushStep) -> dict[str, object]:
    verdict = step.verdict
    return {
        "push": step.push,
        "version": step.version,
        "at": format_instant(step.at),
        "step": verdict.check,
        "held": verdict.held,
        "found": verdict.found,
        "took_us": verdict.took_us,
    }
