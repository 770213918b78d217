"""Pressroom: the production floor for machine learning, as one package.

`import pressroom as pr` costs next to nothing: every public name is loaded from its room when it is first used.
"""

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from pressroom.client import connect
    from pressroom.facts import (
        Bool,
        Bytes,
        Entity,
        Enum,
        Fact,
        Float,
        Int,
        Key,
        String,
        Timestamp,
        Vector,
        batch_of,
        field,
    )
    from pressroom.features import (
        FeatureView,
        coalesce,
        day_of_week,
        derived,
        every,
        every_change,
        hour_of,
        is_null,
        isin,
        month_of,
        request,
        spine,
        where,
    )
    from pressroom.flows import cron, flow, interval, progress, step, when
    from pressroom.models import Ensemble, PartialCache, Rows, nodes, plan_of
    from pressroom.training import (
        ExpectedData,
        ExpectedPlace,
        Guard,
        Keep,
        LongRun,
        TrainingJob,
        split_by_entity,
        split_by_time,
        training_set,
    )
    from pressroom.values import FieldSchema, Period, PressroomError
    from pressroom.workspace import (
        Workspace,
        definitions_of,
        endpoint,
        experiment,
        open_workspace,
        pack,
        pack_ensemble,
        spread,
        training_run,
    )

__version__ = "0.1.0"

_ROOMS = {
    "client": ("connect",),
    "facts": (
        "Bool",
        "Bytes",
        "Entity",
        "Enum",
        "Fact",
        "Float",
        "Int",
        "Key",
        "String",
        "Timestamp",
        "Vector",
        "batch_of",
        "field",
    ),
    "features": (
        "FeatureView",
        "coalesce",
        "day_of_week",
        "derived",
        "every",
        "every_change",
        "hour_of",
        "is_null",
        "isin",
        "month_of",
        "request",
        "spine",
        "where",
    ),
    "flows": ("cron", "flow", "interval", "progress", "step", "when"),
    "models": ("Ensemble", "PartialCache", "Rows", "nodes", "plan_of"),
    "training": (
        "ExpectedData",
        "ExpectedPlace",
        "Guard",
        "Keep",
        "LongRun",
        "TrainingJob",
        "split_by_entity",
        "split_by_time",
        "training_set",
    ),
    "values": ("FieldSchema", "Period", "PressroomError"),
    "workspace": (
        "Workspace",
        "definitions_of",
        "endpoint",
        "experiment",
        "open_workspace",
        "pack",
        "pack_ensemble",
        "spread",
        "training_run",
    ),
}
_ROOM_OF = {name: room for room, names in _ROOMS.items() for name in names}

__all__ = [
    "Bool",
    "Bytes",
    "Ensemble",
    "Entity",
    "Enum",
    "ExpectedData",
    "ExpectedPlace",
    "Fact",
    "FeatureView",
    "FieldSchema",
    "Float",
    "Guard",
    "Int",
    "Keep",
    "Key",
    "LongRun",
    "PartialCache",
    "Period",
    "PressroomError",
    "Rows",
    "String",
    "Timestamp",
    "TrainingJob",
    "Vector",
    "Workspace",
    "batch_of",
    "coalesce",
    "connect",
    "cron",
    "day_of_week",
    "definitions_of",
    "derived",
    "endpoint",
    "every",
    "every_change",
    "experiment",
    "field",
    "flow",
    "hour_of",
    "interval",
    "is_null",
    "isin",
    "month_of",
    "nodes",
    "open_workspace",
    "pack",
    "pack_ensemble",
    "plan_of",
    "progress",
    "request",
    "spine",
    "split_by_entity",
    "split_by_time",
    "spread",
    "step",
    "training_run",
    "training_set",
    "when",
    "where",
]


def __getattr__(name: str) -> Any:
    """Load a public name from its room."""
    if name not in _ROOM_OF:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    return getattr(import_module(f"{__name__}.{_ROOM_OF[name]}"), name)


def __dir__() -> list[str]:
    """The public names, for completion."""
    return sorted(__all__)
