"""`pressroom run-why`: why a step was run again, or failed."""

from dataclasses import asdict
from typing import Annotated

import typer

from pressroom.doors.cli.flows import ATTEMPT_COLUMNS, RunName, attempt_line
from pressroom.doors.cli.options import HERE, Folder, Json
from pressroom.doors.cli.printing import print_json, print_lines, print_table
from pressroom.flows import AttemptNote
from pressroom.workspace import open_workspace


def run_why_command(
    run: RunName,
    step: Annotated[str, typer.Argument(metavar="STEP", help="Of this step or attempt only.", show_default=False)] = "",
    *,
    folder: Folder = HERE,
    as_json: Json = False,
) -> None:
    """Show what became of every call of a run, and why: what changed since the result was kept, or what went wrong.

    Example:
      pressroom run-why nightly-7d2ee9b50002 fit
    """
    with open_workspace(folder) as workspace:
        note = workspace.flows.started(run)
        notes = [each for each in workspace.flows.attempts(run) if step in ("", each.step, each.attempt)]
    if as_json:
        print_json({"run": asdict(note), "attempts": [asdict(each) for each in notes]})
        return
    print_table(ATTEMPT_COLUMNS, [attempt_line(each) for each in notes], title=f"{run}: {note.state} {note.words}")
    for each in notes:
        if each.state == "failed":
            print_lines(*_told(run, each), "")


def _told(run: str, note: AttemptNote) -> list[str]:
    return [
        f"{note.attempt} failed: {note.cause}.",
        *(f"  {line}" for line in (note.evidence or "").splitlines()),
        *([f"  at {note.where}"] if note.where else []),
        f"  {note.advice}",
        f"  What it printed: pressroom run-logs {run} {note.attempt}",
    ]
