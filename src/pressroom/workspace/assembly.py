"""Assembly: which backend answers which port. The only place that knows the backends."""

from dataclasses import dataclass
from pathlib import Path

from pressroom.backends.delta.tables import DeltaTables
from pressroom.backends.local.blobs import LocalBlobs
from pressroom.backends.local.clock import SystemClock
from pressroom.backends.local.crews import ProcessCrews
from pressroom.backends.local.log import LocalLog
from pressroom.backends.local.notices import FileNotices
from pressroom.backends.local.scratch import LocalScratch
from pressroom.backends.local.workers import Processes
from pressroom.backends.memory.blobs import MemoryBlobs
from pressroom.backends.memory.keys import MemoryKeys
from pressroom.backends.memory.scratch import MemoryScratch
from pressroom.backends.memory.workers import OwnProcess
from pressroom.backends.sqlite.keys import SqliteKeys
from pressroom.backends.sqlite.records import SqliteRecords
from pressroom.backends.webhook.notices import WebhookNotices
from pressroom.features import LargerThanMemory, Memory
from pressroom.flows import Turns
from pressroom.ports import Blobs, Clock, Crews, Keys, Log, Notices, Records, Scratch, Tables, Workers
from pressroom.workspace.errors import BadSettings
from pressroom.workspace.settings import Settings, Working

DATA = "data"
"""The folder in a workspace's folder that holds all that it keeps."""
SCRATCH = "scratch"
"""The folder in it for what is larger than memory."""


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


def workers_of(told: Working) -> Workers:
    """Who works on buckets: a Ray cluster, processes, or this process. Raises BadSettings."""
    if told.processes < 1 or (told.ray and told.processes > 1):
        raise BadSettings(
            f"workers.processes is {told.processes}" + (", beside a Ray cluster." if told.ray else "."),
            next_step="Give a whole number from 1 on, or the address of a Ray cluster, not both.",
        )
    if told.ray:
        from pressroom.backends.ray.workers import RayWorkers

        return RayWorkers(told.ray)
    if told.processes > 1:
        return Processes(told.processes)
    return OwnProcess()


def larger_than_memory(settings: Settings) -> LargerThanMemory:
    """What answers may use that do not fit in memory."""
    told = settings.training
    folder = settings.folder / (told.scratch or f"{DATA}/{SCRATCH}")
    return LargerThanMemory(
        memory=Memory(limit_bytes=told.memory_bytes()),
        scratch=LocalScratch(folder=folder),
        workers=workers_of(settings.workers),
    )


def ways_to_tell(settings: Settings) -> dict[str, Notices]:
    """How owners are told of what failed. Raises InvalidInput."""
    ways: dict[str, Notices] = {"file": FileNotices(settings.folder / DATA / "notices.jsonl")}
    if settings.notices.webhook:
        ways["webhook"] = WebhookNotices(settings.notices.webhook)
    return ways


def turns_of(settings: Settings, clock: Clock) -> Turns:
    """The queue of the machine: a file that all processes share which have a part in it."""
    folder = settings.folder / (settings.machine.queue or DATA)
    folder.mkdir(parents=True, exist_ok=True)
    return Turns(keys=SqliteKeys(folder / "queue.sqlite"), rules=settings.machine.rules, clock=clock)


def checkpoint_files(folder: Path) -> Scratch:
    """Files that survive a power cut, for the checkpoints of one training."""
    return LocalScratch(folder=folder, durable=True)


def no_files() -> Scratch:
    """Files that nobody else sees, for a worker that writes none."""
    return MemoryScratch()


def crews_of(ray: str) -> Crews:
    """Who trains side by side: workers of the Ray cluster at an address, or processes of this machine."""
    if ray:
        from pressroom.backends.ray.crews import RayCrews

        return RayCrews(ray)
    return ProcessCrews()


def system_clock() -> Clock:
    """The clock of this machine."""
    return SystemClock()


def scratch_blobs() -> Blobs:
    """Blobs that live as long as whoever asked: for what is exported only to be looked at."""
    return MemoryBlobs()


def scratch_keys() -> Keys:
    """Keys to work out something in, which are gone with the process."""
    return MemoryKeys()
