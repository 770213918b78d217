"""Rerouting: who of an endpoint answers whom from now on; what nobody speaks of stays as it is. Pure."""

from collections.abc import Sequence
from dataclasses import dataclass

from pressroom.serving.endpoint import Endpoint
from pressroom.serving.errors import PushRefused
from pressroom.serving.route import Route, Share
from pressroom.serving.trial import Assignment
from pressroom.values import BUCKETS, InvalidInput


@dataclass(frozen=True, slots=True, kw_only=True)
class Rerouting:
    """The routes that are wanted, of each kind: None leaves those of today, nothing takes them away.

    `unit` is the key or request field by which units are spread over shares; empty: as today, or by the label's key.
    """

    shares: tuple[Share, ...] | None = None
    rules: tuple[Share, ...] | None = None
    shadows: tuple[Share, ...] | None = None
    unit: str = ""


def rerouted(now: Endpoint, wanted: Rerouting) -> list[Share]:
    """Every share of the next version: rules first, then shares, then shadows.

    Refuses to keep a canary's share, which nobody would watch any more, shares of the same name, and no share at all.
    """
    if now.canary and wanted.shares is None:
        raise PushRefused(
            f"{now.name} tries a model now, and the trial would end.",
            next_step="Push that model to all, or roll back, or say the shares, too.",
        )
    shares = _kept(now, "share") if wanted.shares is None else _named(wanted.shares)
    if not shares:
        raise InvalidInput("Nobody would answer the rest.", next_step="Give shares that add up to 100%.")
    rules = _kept(now, "rule") if wanted.rules is None else wanted.rules
    shadows = _kept(now, "shadow") if wanted.shadows is None else wanted.shadows
    return [*rules, *shares, *shadows]


def reassigned(now: Endpoint, shares: Sequence[Share], wanted: Rerouting, *, key: str) -> Assignment:
    """How units are spread over these shares. Who had a variant keeps it as long as the variants are the same.

    Refuses a unit that requests don't bring.
    """
    names = [field.name for field in now.row_fields()]
    if wanted.unit and wanted.unit not in names:
        raise InvalidInput(f"Requests bring no {wanted.unit!r}.", next_step=f"Go by one of {', '.join(names)}.")
    spread = [share for share in shares if share.when is None and not share.shadow]
    unit = wanted.unit or now.unit or key
    known = {name: None for route in now.routes if (name := route.variant) and _kind(route) == "share"}
    if now.unit == unit and list(known) == [share.variant for share in spread]:
        return Assignment(experiment=now.experiment, unit=unit, salt=now.salt)
    if len(spread) == 1:
        return Assignment()
    return Assignment(unit=unit, salt=f"{now.name}.routes")


def _named(shares: Sequence[Share]) -> Sequence[Share]:
    names = [share.variant for share in shares]
    if len(set(names)) < len(names):
        raise InvalidInput(
            f"Two shares have the same name: {', '.join(names)}.", next_step="Name each variant: VARIANT:MODEL=SHARE."
        )
    return shares


def _kept(now: Endpoint, kind: str) -> list[Share]:
    routes = sorted((route for route in now.routes if _kind(route) == kind), key=lambda route: route.low)
    return [
        Share(
            model=route.model,
            digest=route.digest,
            variant=route.variant,
            share=(route.high - route.low) / BUCKETS if kind == "share" else 1.0,
            when=route.when,
            shadow=route.shadow,
        )
        for route in routes
    ]


def _kind(route: Route) -> str:
    if route.shadow:
        return "shadow"
    return "share" if route.when is None else "rule"
