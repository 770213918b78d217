"""What we ask of the outside: one small protocol a file, speaking only values.

Who answers is a backend's business; which backend answers is the workspace's. A port has at most seven methods.
"""

from pressroom.ports.blobs import Blobs, Draft, Unchecked
from pressroom.ports.clock import Clock
from pressroom.ports.errors import BackendError, Damaged, Held, NoSpace, VersionConflict, WorkerLost
from pressroom.ports.executor import Ended, Executor, Job, Limit
from pressroom.ports.keys import Keys
from pressroom.ports.log import Entry, Log, Stored
from pressroom.ports.notices import Notice, Notices
from pressroom.ports.records import Record, Records
from pressroom.ports.scratch import Scratch
from pressroom.ports.tables import Rewritten, Tables, Turned, Vacuumed
from pressroom.ports.workers import Work, Workers

__all__ = [
    "BackendError",
    "Blobs",
    "Clock",
    "Damaged",
    "Draft",
    "Ended",
    "Entry",
    "Executor",
    "Held",
    "Job",
    "Keys",
    "Limit",
    "Log",
    "NoSpace",
    "Notice",
    "Notices",
    "Record",
    "Records",
    "Rewritten",
    "Scratch",
    "Stored",
    "Tables",
    "Turned",
    "Unchecked",
    "Vacuumed",
    "VersionConflict",
    "Work",
    "WorkerLost",
    "Workers",
]
