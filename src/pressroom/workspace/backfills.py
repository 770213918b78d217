"""Backfills of a workspace, and the processes that work on their periods."""

import os
import select
import signal
import subprocess
import sys
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path

from pressroom.facts import Facts
from pressroom.flows import Arrivals, Backfills, Flows, Lease, PeriodRecords, PeriodTold, PeriodTools
from pressroom.ports import BackendError
from pressroom.values import FactSchema, Period, from_document, to_document
from pressroom.workspace.assembly import DATA, Ports
from pressroom.workspace.settings import Settings

_PROGRAM = "pressroom.workspace.work_periods"
_GRACE_S = 15.0


def backfills_of(
    settings: Settings, *, ports: Ports, facts: Facts, fact: Callable[[str], FactSchema], flows: Flows
) -> Backfills:
    """The work on periods of a workspace."""
    tools = PeriodTools(
        flows=flows,
        arrivals=Arrivals(facts=facts, fact=fact),
        records=PeriodRecords(ports.records),
        clock=ports.clock,
    )
    return Backfills(
        tools,
        hire=lambda file, flow: PeriodProcess(settings.folder, file=file, flow=flow),
        lease=lambda flow: Lease(f"backfill/{flow}", keys=ports.keys, clock=ports.clock),
    )


class PeriodProcess:
    """One process that works on periods of a flow, and keeps what it has imported for the next."""

    def __init__(self, folder: Path, *, file: Path, flow: str) -> None:
        """Start it. What it prints goes to data/backfills."""
        log = folder / DATA / "backfills" / f"{flow}.log"
        log.parent.mkdir(parents=True, exist_ok=True)
        with log.open("ab") as said:
            self._process = subprocess.Popen(
                [sys.executable, "-m", _PROGRAM, str(folder), str(file), flow],
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                stderr=said,
                start_new_session=True,
            )
        self._log = log
        self._unread = b""
        self._works = False

    def begin(self, period: Period) -> None:
        """Hand it a period. Raises BackendError when it is gone."""
        stdin = self._process.stdin
        try:
            if stdin is not None:
                stdin.write(to_document(period) + b"\n")
                stdin.flush()
                self._works = True
        except OSError as error:
            raise self._gone() from error

    def poll(self, wait_s: float) -> PeriodTold | None:
        """What it says of its period. Raises BackendError when it is gone."""
        stdout = self._process.stdout
        if stdout is None or not select.select([stdout], [], [], wait_s)[0]:
            return None
        read = os.read(stdout.fileno(), 1 << 16)
        if not read:
            raise self._gone()
        self._unread += read
        line, end, rest = self._unread.partition(b"\n")
        if not end:
            return None
        self._unread = rest
        self._works = False
        return from_document(line, PeriodTold)

    def close(self) -> None:
        """It ends when nothing more is handed to it; SIGTERM cancels its run, SIGKILL follows in fifteen seconds."""
        process = self._process
        if process.stdin is not None:
            with suppress(OSError):
                process.stdin.close()
        if self._works:
            process.terminate()
        try:
            process.wait(_GRACE_S)
        except subprocess.TimeoutExpired:
            with suppress(ProcessLookupError):
                os.killpg(process.pid, signal.SIGKILL)
            process.wait()
        if process.stdout is not None:
            process.stdout.close()

    def _gone(self) -> BackendError:
        return BackendError("The process that worked on it is gone.", next_step=f"See {self._log}, and run it again.")
