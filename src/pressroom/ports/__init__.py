"""What we ask of the outside: one small protocol a file, speaking only values.

Who answers is a backend's business; which backend answers is the workspace's. A port has at most seven methods.
"""

from pressroom.ports.attempt import (
    LOG,
    PROGRAM,
    Told,
    call_entry,
    disk_bytes,
    ended_by,
    left_in,
    log_of,
    to_log,
    told_in,
)
from pressroom.ports.blobs import Blobs, Draft, Unchecked
from pressroom.ports.clock import Clock
from pressroom.ports.crews import Asked, Crews, CrewWork, Left, Seat
from pressroom.ports.errors import BackendError, Damaged, Held, NoSpace, NotEnforced, VersionConflict, WorkerLost
from pressroom.ports.executor import (
    ABILITIES,
    Abilities,
    Ability,
    Ended,
    Executor,
    Job,
    Limit,
    Used,
    asked_of,
    lacking,
    refuse_more,
)
from pressroom.ports.group_figures import GroupFigures, folders_of, group_figures
from pressroom.ports.keys import Keys
from pressroom.ports.log import Entry, Log, Stored
from pressroom.ports.nodes import Node, Nodes
from pressroom.ports.notices import Notice, Notices
from pressroom.ports.records import Record, Records
from pressroom.ports.scratch import Scratch
from pressroom.ports.tables import Rewritten, Tables, Turned, Vacuumed
from pressroom.ports.workers import Work, Workers

__all__ = [
    "ABILITIES",
    "LOG",
    "PROGRAM",
    "Abilities",
    "Ability",
    "Asked",
    "BackendError",
    "Blobs",
    "Clock",
    "CrewWork",
    "Crews",
    "Damaged",
    "Draft",
    "Ended",
    "Entry",
    "Executor",
    "GroupFigures",
    "Held",
    "Job",
    "Keys",
    "Left",
    "Limit",
    "Log",
    "NoSpace",
    "Node",
    "Nodes",
    "NotEnforced",
    "Notice",
    "Notices",
    "Record",
    "Records",
    "Rewritten",
    "Scratch",
    "Seat",
    "Stored",
    "Tables",
    "Told",
    "Turned",
    "Unchecked",
    "Used",
    "Vacuumed",
    "VersionConflict",
    "Work",
    "WorkerLost",
    "Workers",
    "asked_of",
    "call_entry",
    "disk_bytes",
    "ended_by",
    "folders_of",
    "group_figures",
    "lacking",
    "left_in",
    "log_of",
    "refuse_more",
    "to_log",
    "told_in",
]
