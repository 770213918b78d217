"""Assembly: which backend answers which port. The only place that knows the backends."""

from dataclasses import dataclass
from pathlib import Path

from pressroom.backends.delta.tables import DeltaTables
from pressroom.backends.local.blobs import LocalBlobs
from pressroom.backends.local.clock import SystemClock
from pressroom.backends.local.log import LocalLog
from pressroom.backends.memory.keys import MemoryKeys
from pressroom.backends.process.executor import ProcessExecutor
from pressroom.backends.sqlite.keys import SqliteKeys
from pressroom.backends.sqlite.records import SqliteRecords
from pressroom.flows import PREPARE
from pressroom.ports import Blobs, Clock, Executor, Keys, Log, Records, Tables

DATA = "data"
"""The folder in a workspace's folder that holds all that it keeps."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Ports:
    """All that the rooms ask of the outside."""

    blobs: Blobs
    records: Records
    tables: Tables
    keys: Keys
    log: Log
    clock: Clock

    def close(self) -> None:
        """Give back files and connections."""
        self.log.close()
        self.keys.close()
        self.records.close()


def embedded(folder: Path, *, clock: Clock | None = None) -> Ports:
    """The backends that need nothing but a folder: files, SQLite and Delta tables."""
    data = folder / DATA
    data.mkdir(parents=True, exist_ok=True)
    return Ports(
        blobs=LocalBlobs(data / "blobs"),
        records=SqliteRecords(data / "records.sqlite"),
        tables=DeltaTables(data / "tables"),
        keys=SqliteKeys(data / "keys.sqlite"),
        log=LocalLog(data / "log"),
        clock=clock or SystemClock(),
    )


def scratch_keys() -> Keys:
    """Keys to work out something in, which are gone with the process."""
    return MemoryKeys()


def executor_for(file: str) -> Executor:
    """What runs the steps of a flow's file: processes of this machine."""
    return ProcessExecutor(prepare=PREPARE, about=file)
