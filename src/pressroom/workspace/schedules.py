"""Schedules of a workspace: where their flows are declared, and how a tick is started: in a process of its own."""

import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

from pressroom.facts import Facts
from pressroom.flows import (
    Arrivals,
    Cursors,
    Files,
    Flows,
    Launched,
    Lease,
    Means,
    Outbox,
    PeriodRecords,
    PeriodTools,
    Schedules,
    Tick,
    Ticks,
)
from pressroom.values import FactSchema
from pressroom.workspace.assembly import DATA, Ports, ways_to_tell
from pressroom.workspace.settings import Settings

LOGS = "schedules"
_PROGRAM = "pressroom.workspace.run_tick"


def schedules_of(
    settings: Settings, *, ports: Ports, facts: Facts, fact: Callable[[str], FactSchema], flows: Flows
) -> Schedules:
    """The schedules in the project's definitions and in the files that the settings name."""
    named = (settings.project.definitions, *settings.schedules.files)
    arrivals = Arrivals(facts=facts, fact=fact)
    means = Means(
        declarations=Files([settings.folder / name for name in named]).look,
        launch=lambda tick: launch(settings.folder, tick),
        ticks=Ticks(ports.records),
        cursors=Cursors(ports.records),
        arrivals=arrivals,
        outbox=Outbox(ways_to_tell(settings), records=ports.records, clock=ports.clock),
        lease=Lease("schedules", keys=ports.keys, clock=ports.clock),
        clock=ports.clock,
        at_once=settings.schedules.at_once,
    )
    return Schedules(means, period_tools(ports, arrivals, flows))


def period_tools(ports: Ports, arrivals: Arrivals, flows: Flows) -> PeriodTools:
    """What work on periods is done with."""
    return PeriodTools(flows=flows, arrivals=arrivals, records=PeriodRecords(ports.records), clock=ports.clock)


def launch(folder: Path, tick: Tick) -> Launched:
    """Start a process for a tick. It is in a session of its own, so that it outlives whoever started it."""
    log = folder / DATA / LOGS / f"{tick.name}-{tick.at}.log"
    log.parent.mkdir(parents=True, exist_ok=True)
    with log.open("ab") as said:
        return subprocess.Popen(
            [sys.executable, "-m", _PROGRAM, str(folder), tick.name, str(tick.at)],
            stdin=subprocess.DEVNULL,
            stdout=said,
            stderr=said,
            start_new_session=True,
        )
