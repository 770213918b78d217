"""`pressroom run-debug`: an attempt again, in this terminal, with the inputs that it had."""

import pdb
import traceback
from typing import Annotated

import typer

from pressroom.doors.cli.flows import RunName
from pressroom.doors.cli.options import HERE, Folder, Json
from pressroom.doors.cli.printing import print_json, print_lines, tell
from pressroom.workspace import open_workspace


def run_debug_command(
    run: RunName,
    attempt: Annotated[str, typer.Argument(metavar="ATTEMPT", help="An attempt, or a step's name.")],
    *,
    debugger: Annotated[bool, typer.Option("--pdb/--no-pdb", help="Open Python's debugger where it fails.")] = True,
    folder: Folder = HERE,
    as_json: Json = False,
) -> None:
    """Call a step with the same inputs as in an attempt, in this process; where it fails, look around. Nothing is kept.

    Example:
      pressroom run-debug nightly-7d2ee9b50002 0001-fit
    """
    with open_workspace(folder) as workspace:
        step, arguments = workspace.flows.inputs_of(run, attempt)
    tell(f"{step.name}({', '.join(f'{name}={type(value).__name__}' for name, value in arguments.items())})")
    try:
        value = step.function(**arguments)
    except Exception as error:
        if not debugger:
            raise
        tell("".join(traceback.format_exception(error, limit=-5)))
        pdb.post_mortem(error.__traceback__)
        raise typer.Exit(1) from error
    if as_json:
        print_json({"step": step.name, "value": repr(value)})
        return
    print_lines(repr(value))
