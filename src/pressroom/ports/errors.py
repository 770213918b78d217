"""What a backend may answer instead of doing what was asked; drivers' own errors stop at the backend.

PressroomError
├── Refused ──┬─ NotEnforced     an attempt asks for more than its executor enforces
│             └─ BackendError    the outside can't do it now
│              ├── NoSpace      nowhere to put the bytes; nothing of the call was kept
│              ├── WorkerLost   a task whose workers died, however often it was tried
│              └── Damaged      stored bytes are not what was written
└── Conflict ── VersionConflict a record was changed by somebody else first
               └─ Held          somebody else is at the same work
"""

from pressroom.values import Conflict, Refused


class BackendError(Refused):
    """The outside can't do it now."""


class NotEnforced(Refused):
    """An attempt asks for more than its executor enforces, or for an executor that can't be used here."""


class NoSpace(BackendError):
    """Nowhere to put the bytes; nothing of the call was kept."""


class WorkerLost(BackendError):
    """A task whose workers died, however often it was tried."""


class Damaged(BackendError):
    """Stored bytes are not what was written."""


class VersionConflict(Conflict):
    """A record was changed by somebody else first."""


class Held(Conflict):
    """Somebody else is at the same work."""
