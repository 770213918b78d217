"""What we ask of the outside: one small protocol a file, speaking only values.

Who answers is a backend's business; which backend answers is the workspace's. A port has at most seven methods.
"""

from pressroom.ports.blobs import Blobs
from pressroom.ports.clock import Clock
from pressroom.ports.errors import BackendError, Damaged, NoSpace, VersionConflict
from pressroom.ports.executor import Ended, Executor, Limit, Work
from pressroom.ports.keys import Keys
from pressroom.ports.log import Entry, Log, Stored
from pressroom.ports.records import Record, Records
from pressroom.ports.tables import Rewritten, Tables, Turned, Vacuumed

__all__ = [
    "BackendError",
    "Blobs",
    "Clock",
    "Damaged",
    "Ended",
    "Entry",
    "Executor",
    "Keys",
    "Limit",
    "Log",
    "NoSpace",
    "Record",
    "Records",
    "Rewritten",
    "Stored",
    "Tables",
    "Turned",
    "Vacuumed",
    "VersionConflict",
    "Work",
]
