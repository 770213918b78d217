"""Pressroom: the production floor for machine learning, as one package.

`import pressroom as pr` costs next to nothing: every public name is loaded from its room when it is first used.
"""

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from pressroom.client import connect
    from pressroom.facts import Bool, Entity, Fact, Float, Int, Key, String, Timestamp, batch_of, field
    from pressroom.features import FeatureView, request
    from pressroom.training import split_by_time, training_set
    from pressroom.values import PressroomError
    from pressroom.workspace import Workspace, definitions_of, endpoint, experiment, open_workspace

__version__ = "0.1.0"

_ROOMS = {
    "client": ("connect",),
    "facts": ("Bool", "Entity", "Fact", "Float", "Int", "Key", "String", "Timestamp", "batch_of", "field"),
    "features": ("FeatureView", "request"),
    "training": ("split_by_time", "training_set"),
    "values": ("PressroomError",),
    "workspace": ("Workspace", "definitions_of", "endpoint", "experiment", "open_workspace"),
}
_ROOM_OF = {name: room for room, names in _ROOMS.items() for name in names}

__all__ = [
    "Bool",
    "Entity",
    "Fact",
    "FeatureView",
    "Float",
    "Int",
    "Key",
    "PressroomError",
    "String",
    "Timestamp",
    "Workspace",
    "batch_of",
    "connect",
    "definitions_of",
    "endpoint",
    "experiment",
    "field",
    "open_workspace",
    "request",
    "split_by_time",
    "training_set",
]


def __getattr__(name: str) -> Any:
    """Load a public name from its room."""
    if name not in _ROOM_OF:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    return getattr(import_module(f"{__name__}.{_ROOM_OF[name]}"), name)


def __dir__() -> list[str]:
    """The public names, for completion."""
    return sorted(__all__)
