"""`pressroom upkeep`: what has to be done to the facts every so often, if it is due."""

import signal
import threading
from types import FrameType
from typing import Annotated

import typer

from pressroom.doors.cli.options import HERE, Folder, Json
from pressroom.doors.cli.printing import print_json, print_lines, tell
from pressroom.values import MICROSECONDS, format_instant
from pressroom.workspace import Report, Workspace, open_workspace

LOOK_S = 30.0
"""How often to look whether something is due, at the least: the clock may have been put."""


def upkeep_command(
    *,
    keep_on: Annotated[
        bool, typer.Option("--keep-on", help="Go on until SIGTERM or Ctrl-C, doing each chore when it is due.")
    ] = False,
    folder: Folder = HERE,
    as_json: Json = False,
) -> None:
    """Do what is due: settle, compact, vacuum, sweep, and look whether facts are as fresh as they promise.

    How often, [upkeep] in pressroom.toml says. Run it by cron or a timer, or let it keep on; several at once share the
    work.

    Example:
      pressroom upkeep
      pressroom upkeep --keep-on
    """
    if keep_on and as_json:
        raise typer.BadParameter("one document can't say what goes on for ever", param_hint="--json")
    with open_workspace(folder) as workspace:
        if keep_on:
            _keep_on(workspace)
            return
        reports = workspace.chores.do_due()
    if as_json:
        print_json({"chores": [_document(report) for report in reports]})
    else:
        print_lines(*(report.words() for report in reports))
    if any(report.outcome == "failed" for report in reports):
        raise typer.Exit(1)


def _keep_on(workspace: Workspace) -> None:
    stop = threading.Event()

    def end(_number: int, _frame: FrameType | None) -> None:
        stop.set()

    before = {number: signal.signal(number, end) for number in (signal.SIGTERM, signal.SIGINT)}
    tell("Keeping the facts tidy. Stop with Ctrl-C.")
    try:
        while not stop.is_set():
            for report in workspace.chores.do_due():
                if report.said:
                    print_lines(report.words())
            stop.wait(_wait_s(workspace))
    finally:
        for number, old in before.items():
            signal.signal(number, old)


def _wait_s(workspace: Workspace) -> float:
    """Until the next chore is due, no shorter than a second and no longer than LOOK_S."""
    due, now = workspace.chores.next_due(), workspace.ports.clock.now()
    left_s = LOOK_S if due is None else (due - now) / MICROSECONDS
    return min(max(left_s, 1.0), LOOK_S)


def _document(report: Report) -> dict[str, object]:
    due = None if report.due is None else format_instant(report.due)
    return {"chore": report.name, "outcome": report.outcome, "said": report.said, "due": due}
