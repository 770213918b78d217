"""What can be wrong with a workspace.

PressroomError
├── NotFound ────┬─ NoWorkspace       no pressroom.toml here
│                ├─ UnknownView       no applied feature view is called so
│                └─ UnknownEntity     no fact is about things of this kind
├── InvalidInput ┬─ BadSettings       a setting that can't be right
│                └─ BadDefinitions    the project's definitions can't be loaded, or contradict each other
└── Refused ─────┬─ NotPromoted       a view lacks what other teams must be able to rely on
                 ├─ StillUsed         others use what somebody wants to take back
                 └─ StillThere        something about a subject came in while it was being forgotten
"""

from pressroom.values import InvalidInput, NotFound, Refused


class NoWorkspace(NotFound):
    """No pressroom.toml here."""


class UnknownView(NotFound):
    """No applied feature view is called so."""


class UnknownEntity(NotFound):
    """No fact is about things of this kind."""


class BadSettings(InvalidInput):
    """A setting that can't be right."""


class BadDefinitions(InvalidInput):
    """The project's definitions can't be loaded, or contradict each other."""


class NotPromoted(Refused):
    """A view lacks what other teams must be able to rely on."""


class StillUsed(Refused):
    """Others use what somebody wants to take back."""


class StillThere(Refused):
    """Something about a subject came in while it was being forgotten; forget it again."""
