"""Derived features inside a view: worked out from its own features, by their bare names."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from pressroom.facts import Aggregate
from pressroom.features.errors import BadView
from pressroom.features.formulas.derivation import Derivation
from pressroom.features.formulas.derived import Derived
from pressroom.features.formulas.record import Made, Moment, Source, made_of
from pressroom.values import FieldSchema


@dataclass(frozen=True, slots=True, kw_only=True)
class _Own:
    """A feature of the very view that is being made."""

    name: str
    schema: FieldSchema

    def made(self) -> Made:
        return made_of(self.name, self)


def derive_in_view(
    view: str,
    features: Mapping[str, FieldSchema],
    aggregates: Mapping[str, Aggregate],
    derived: Sequence[tuple[str, Derived]],
) -> tuple[Derivation, ...]:
    """The derived features of the view called so, which has these features, defined by these aggregates.

    A parameter is the feature of its name or the aggregate that it is set to, a derived feature above, or the instant.
    """
    own: dict[str, Source] = {name: _Own(name=name, schema=schema) for name, schema in features.items()}
    found: list[Derivation] = []
    for key, each in derived:
        if key != each.name or key in own:
            raise BadView(f"{view}.{key} is a function called {each.name}.", next_step="Give each its own name.")
        each.settle(
            {parameter: _own(f"{view}.{key}", each, parameter, own, aggregates) for parameter in each.parameters}
        )
        found.append(each.derivation())
        own[key] = each
    return tuple(found)


def _own(
    name: str, derived: Derived, parameter: str, own: Mapping[str, Source], aggregates: Mapping[str, Aggregate]
) -> Source:
    of = derived.parameters[parameter]
    if isinstance(of, Moment):
        return of
    meant = parameter
    if of is not None:
        same = [key for key, aggregate in aggregates.items() if aggregate is of]
        same += [key for key, source in own.items() if source is of]
        meant = same[0] if same else ""
    if meant not in own:
        what = "which there is not above it" if of is None else "set to what is not of this view"
        raise BadView(
            f"{name} is worked out from {parameter}, {what}.",
            next_step=f"Inside a view there are its own features, {', '.join(own)}; else define it outside.",
        )
    return own[meant]
