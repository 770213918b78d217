"""What can be wrong with a workspace.

PressroomError
├── NotFound ────── NoWorkspace       no pressroom.toml here
└── InvalidInput ┬─ BadSettings       a setting that can't be right
                 └─ BadDefinitions    the project's definitions can't be loaded, or contradict each other
"""

from pressroom.values import InvalidInput, NotFound


class NoWorkspace(NotFound):
    """No pressroom.toml here."""


class BadSettings(InvalidInput):
    """A setting that can't be right."""


class BadDefinitions(InvalidInput):
    """The project's definitions can't be loaded, or contradict each other."""
