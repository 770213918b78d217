"""`pressroom schedule`: flows are run when they are due."""

import signal
import threading
from types import FrameType
from typing import Annotated

import typer

from pressroom.doors.cli.options import HERE, Folder, Json
from pressroom.doors.cli.printing import print_json, print_lines, tell
from pressroom.flows import Look, Scheduler, Tick
from pressroom.values import MICROSECONDS, PressroomError, format_instant
from pressroom.workspace import Workspace, open_workspace

LONGEST_WAIT_S = 5.0
"""How often to look at the least: the lease is kept, facts arrive, files change, and the clock may be put."""


def schedule_command(
    *,
    keep_on: Annotated[
        bool, typer.Option("--keep-on", help="Go on until SIGTERM or Ctrl-C, running each flow when it is due.")
    ] = False,
    folder: Folder = HERE,
    as_json: Json = False,
) -> None:
    """Run the flows that are due by their schedules, each in a process of its own.

    Without --keep-on, look once and start what is due: for cron or a timer of the machine. Of several that keep on, one
    leads, and another takes over when it is gone. What was started goes on when this ends.

    Example:
      pressroom schedule --keep-on
    """
    if keep_on and as_json:
        raise typer.BadParameter("one document can't say what goes on for ever", param_hint="--json")
    with open_workspace(folder) as workspace:
        scheduler = workspace.schedules.scheduler()
        try:
            if keep_on:
                _keep_on(workspace, scheduler)
                return
            turn = scheduler.turn()
        finally:
            scheduler.leave()
    if as_json:
        print_json(
            {
                "leads": turn.leads,
                "made": [_document(tick) for tick in turn.made],
                "started": [_document(tick) for tick in turn.started],
                "wrong": dict(turn.wrong),
            }
        )
        return
    if not turn.leads:
        print_lines("Somebody else sees to the schedules.")
    elif not turn.started:
        print_lines("Nothing is due.")
    _show(turn)


def _keep_on(workspace: Workspace, scheduler: Scheduler) -> None:
    stop = threading.Event()

    def end(_number: int, _frame: FrameType | None) -> None:
        stop.set()

    before = {number: signal.signal(number, end) for number in (signal.SIGTERM, signal.SIGINT)}
    tell("Running flows by their schedules. Stop with Ctrl-C; what runs then goes on.")
    led: bool | None = None
    wrong: dict[str, str] = {}
    try:
        while not stop.is_set():
            try:
                turn = scheduler.turn()
            except PressroomError as error:
                # A full disk or a store that is away now is no reason to be gone when it is back.
                tell(str(error))
                stop.wait(LONGEST_WAIT_S)
                continue
            if turn.leads != led:
                tell("Seeing to the schedules." if turn.leads else "Somebody else sees to the schedules: standing by.")
                led = turn.leads
            _show(turn, known=wrong)
            wrong = dict(turn.wrong)
            stop.wait(_wait_s(workspace, turn))
    finally:
        for number, old in before.items():
            signal.signal(number, old)


def _show(turn: Look, known: dict[str, str] | None = None) -> None:
    for name, words in turn.wrong.items():
        if (known or {}).get(name) != words:
            tell(f"{name}: {words}")
    for tick in turn.made:
        if tick.state != "due":
            print_lines(f"{tick.name}: {format_instant(tick.at)} was {tick.state}: {tick.words}.")
    for tick in turn.started:
        print_lines(f"{tick.name}: started for {tick.period.words()}, due at {format_instant(tick.at)}.")
    for notice in turn.told:
        print_lines(f"{notice.owner or 'nobody in particular'} was told: {notice.text}")


def _wait_s(workspace: Workspace, turn: Look) -> float:
    """Until the next tick, sooner while something runs or the leader is somebody else."""
    if turn.open or not turn.leads:
        return 0.5 if turn.open else 1.0
    due = workspace.schedules.next_due()
    left_s = LONGEST_WAIT_S if due is None else (due - workspace.ports.clock.now()) / MICROSECONDS
    return min(max(left_s, 0.05), LONGEST_WAIT_S)


def _document(tick: Tick) -> dict[str, object]:
    return {
        "name": tick.name,
        "at": format_instant(tick.at),
        "period": tick.period.words(),
        "state": tick.state,
        "words": tick.words,
    }
