"""Trials: a new model beside the one that answers, for a share of the units or for nobody; and who answers instead."""

from collections.abc import Sequence
from dataclasses import dataclass, replace

from pressroom.catalog import Catalog
from pressroom.serving.canary import CANARY, STABLE
from pressroom.serving.endpoint import Endpoint, EndpointDefinition
from pressroom.serving.errors import PushRefused
from pressroom.serving.promise import Fallback
from pressroom.serving.route import Route, Share, check_rules


@dataclass(frozen=True, slots=True, kw_only=True)
class Assignment:
    """By which key field units are spread over the routes, for which experiment; empty when one route answers all."""

    experiment: str = ""
    unit: str = ""
    salt: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Rollout:
    """How far a push goes. `canary` is the share, 0 to 1, that the new model answers on trial, beside what serves;
    `shadow` lets it answer nobody. `break_callers` lets requests of today be refused.
    """

    canary: float = 0.0
    shadow: bool = False
    break_callers: bool = False


def spread(
    definition: EndpointDefinition,
    shares: Sequence[Share],
    assignment: Assignment,
    rollout: Rollout,
    old: Endpoint | None,
) -> tuple[Sequence[Share], Assignment]:
    """The shares of a trial: the new model's, and the rest for what answers now."""
    check_rules(shares, (*definition.question.keys, *definition.question.brought()))
    if not rollout.canary and not rollout.shadow:
        return shares, assignment
    if old is None or len(shares) != 1:
        raise PushRefused(
            f"{definition.name} can't try a model: one model, beside a version that answers, is what a trial is of.",
            next_step="Push it to all first.",
        )
    settled = settled_route(old)
    if rollout.shadow:
        return (
            Share(model=settled.model, digest=settled.digest, variant=settled.variant),
            replace(shares[0], shadow=True, variant="shadow"),
        ), Assignment()
    if not 0.0 < rollout.canary < 1.0:
        raise PushRefused(f"{rollout.canary:.2%} is no share for a trial.", next_step="Give one between 0% and 100%.")
    if not definition.label_key:
        raise PushRefused(
            f"{definition.name} is asked about nobody in particular, so no share of them can be chosen.",
            next_step="Train with --entity COLUMN, or push with --shadow.",
        )
    trial = replace(shares[0], share=rollout.canary, variant=CANARY)
    rest = Share(model=settled.model, digest=settled.digest, share=1.0 - rollout.canary, variant=STABLE)
    return (trial, rest), Assignment(unit=definition.label_key, salt=f"{definition.name}.canary")


def settled_route(endpoint: Endpoint) -> Route:
    """Who answers most, leaving a trial aside."""
    answering = [r for r in endpoint.routes if not r.shadow and r.when is None and r.variant != CANARY]
    return max(answering, key=lambda route: route.high - route.low)


def settle_fallbacks(definition: EndpointDefinition, old: Endpoint | None, catalog: Catalog) -> tuple[Fallback, ...]:
    """The fallbacks, with the models that they mean today."""
    settled: list[Fallback] = []
    for fallback in definition.promise.fallbacks:
        if fallback.kind == "constant":
            settled.append(fallback)
        elif fallback.kind == "previous" and old is not None:
            route = settled_route(old)
            settled.append(replace(fallback, model=route.model, version=route.version, digest=route.digest))
        elif fallback.kind == "baseline":
            entry = catalog.current("model", f"{definition.training_set}.baseline")
            settled.append(replace(fallback, model=entry.name, version=entry.version, digest=entry.digest))
    return tuple(settled)
