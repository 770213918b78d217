"""Adapters are found by their entry points (group `pressroom.adapters`): ours and a stranger's the same way."""

from importlib.metadata import EntryPoint, entry_points

from pressroom.models.errors import UnknownKind, UnsupportedModel
from pressroom.models.model import Adapter

GROUP = "pressroom.adapters"


def installed_adapters() -> tuple[Adapter, ...]:
    """Every installed adapter, in the order of their kinds."""
    return tuple(_make(point) for point in _points())


def adapter_for(model: object) -> Adapter:
    """The adapter that owns `model`; raises UnsupportedModel, naming the kinds there are."""
    # Code last: an adapter that keeps the model as data is always the better one.
    for adapter in sorted(installed_adapters(), key=lambda adapter: adapter.tier == "code"):
        if adapter.owns(model):
            return adapter
    kind = type(model)
    raise UnsupportedModel(
        f"No adapter speaks {kind.__module__}.{kind.__qualname__}; there are adapters for {_kinds()}.",
        next_step=f"Train with one of these, or install a package that offers an adapter ({GROUP}).",
    )


def adapter_of_kind(kind: str) -> Adapter:
    """The adapter whose packages say `kind`; raises UnknownKind, naming the kinds there are."""
    for point in _points():
        if point.name == kind:
            return _make(point)
    raise UnknownKind(
        f"No adapter speaks the kind {kind!r}; there are adapters for {_kinds()}.",
        next_step="Install the package that offered the adapter when the model was packed, in the same environment.",
    )


def adapter_kinds() -> frozenset[str]:
    """The kinds that there are adapters for, none of which is imported."""
    return frozenset(point.name for point in _points())


def _points() -> list[EntryPoint]:
    return sorted(entry_points(group=GROUP), key=lambda point: point.name)


def _make(point: EntryPoint) -> Adapter:
    made: Adapter = point.load()()
    return made


def _kinds() -> str:
    return ", ".join(point.name for point in _points())
