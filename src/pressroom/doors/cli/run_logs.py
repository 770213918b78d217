"""`pressroom run-logs`: what an attempt printed."""

import time
from dataclasses import asdict
from pathlib import Path
from typing import Annotated

import typer

from pressroom.doors.cli.flows import RunName
from pressroom.doors.cli.options import HERE, Folder, Json
from pressroom.doors.cli.printing import print_json, tell
from pressroom.flows import read_progress
from pressroom.ports import log_of
from pressroom.workspace import open_workspace

_LOOK_S = 0.2


def run_logs_command(
    run: RunName,
    attempt: Annotated[str, typer.Argument(metavar="ATTEMPT", help="An attempt, or a step's name.")],
    *,
    follow: Annotated[bool, typer.Option("--follow", "-f", help="Go on while the run goes on.")] = False,
    folder: Folder = HERE,
    as_json: Json = False,
) -> None:
    """Write what an attempt prints, also while it runs; how far it says that it is goes to stderr.

    Example:
      pressroom run-logs nightly-7d2ee9b50002 0001-fit --follow
    """
    with open_workspace(folder) as workspace:
        log = workspace.flows.log(run, attempt)
        if as_json:
            said = read_progress(log.parent)
            far = None if said is None else asdict(said)
            print_json({"run": run, "attempt": attempt, "log": _read(log, 0), "progress": far})
            return
        shown, far = 0, None
        while True:
            goes_on = follow and workspace.flows.is_running(run)
            text = _read(log, shown)
            typer.echo(text, nl=False)
            shown += len(text.encode())
            said = read_progress(log.parent)
            if said is not None and said != far:
                far = said
                tell(f"{attempt}: {said.words()}")
            if not goes_on:
                return
            time.sleep(_LOOK_S)


def _read(log: Path, start: int) -> str:
    return log_of(str(log.parent), start).decode("utf-8", errors="backslashreplace")
