"""Schedules of a workspace: where their flows are declared, and how a tick is started: in a process of its own."""

import subprocess
import sys
from pathlib import Path

from pressroom.flows import (
    Cursors,
    Files,
    Launched,
    Lease,
    Means,
    Outbox,
    PeriodTools,
    Schedules,
    Tick,
    Ticks,
)
from pressroom.ports import BackendError
from pressroom.workspace.assembly import DATA, Ports, ways_to_tell
from pressroom.workspace.settings import Settings

LOGS = "schedules"
_PROGRAM = "pressroom.workspace.run_tick"


def outbox_of(settings: Settings, ports: Ports) -> Outbox:
    """Where what owners are told is written down first. Raises InvalidInput."""
    return Outbox(ways_to_tell(settings), records=ports.records, clock=ports.clock)


def schedules_of(settings: Settings, *, ports: Ports, periods: PeriodTools) -> Schedules:
    """The schedules in the project's definitions and in the files that the settings name."""
    named = (settings.project.definitions, *settings.schedules.files)
    means = Means(
        declarations=Files([settings.folder / name for name in named]).look,
        launch=lambda tick: launch(settings.folder, tick),
        ticks=Ticks(ports.records),
        cursors=Cursors(ports.records),
        arrivals=periods.arrivals,
        outbox=outbox_of(settings, ports),
        look_after=periods.flows.look_after_lost,
        lease=Lease("schedules", keys=ports.keys, clock=ports.clock),
        clock=ports.clock,
        at_once=settings.schedules.at_once,
    )
    return Schedules(means, periods)


def launch(folder: Path, tick: Tick) -> Launched:
    """Start a process for a tick. It is in a session of its own, so that it outlives whoever started it.

    Raises BackendError.
    """
    log = folder / DATA / LOGS / f"{tick.name}-{tick.at}.log"
    try:
        log.parent.mkdir(parents=True, exist_ok=True)
        with log.open("ab") as said:
            return subprocess.Popen(
                [sys.executable, "-m", _PROGRAM, str(folder), tick.name, str(tick.at)],
                stdin=subprocess.DEVNULL,
                stdout=said,
                stderr=said,
                start_new_session=True,
            )
    except OSError as error:
        raise BackendError(
            f"No process could be started for {tick.name}: {error.strerror}.", next_step="It is tried again."
        ) from error
