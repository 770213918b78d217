"""Folding: a linear model of coded columns is a linear model of the raw ones, which needs no framework and no graph."""

from collections.abc import Sequence
from dataclasses import replace

from pressroom.models.signature import Signature
from pressroom.models.structure import Levels, Linear
from pressroom.models.tabular.coding import Coding
from pressroom.models.tabular.table_model import TableCard


def folded(card: TableCard, inner: Linear, signature: Signature) -> Linear | None:
    """The linear form over raw inputs; None where there is none (clock times, steps, a null that adds on its own)."""
    if not _may_fold(card, inner):
        return None
    weights, fills = dict.fromkeys(signature.names(), 0.0), dict[str, float | None]()
    levels: dict[str, Levels] = {}
    intercept, nulls, place = inner.intercept, dict[str, float](), 0
    for coding in card.codings:
        own = inner.weights[place : place + coding.width()]
        place += coding.width()
        if coding.way == "texts":
            levels[coding.input] = _levels(coding, own)
        elif coding.way == "missing":
            nulls[coding.input] = own[0]
        else:
            weights[coding.input] += own[0] * coding.scale
            intercept -= own[0] * coding.scale * coding.offset
            fills[coding.input] = coding.fill
    if not _nulls_filled(nulls, weights, fills):
        return None
    texts = {field.name for field in signature.inputs if field.type == "string"}
    made = Linear(
        inputs=signature.names(),
        weights=tuple(weights.values()),
        fills=tuple(None if name in texts else fills.get(name, 0.0) for name in signature.names()),
        intercept=intercept,
        link=inner.link,
        levels=tuple(levels.get(name, Levels(input=name, values=(), weights=())) for name in sorted(texts)),
    )
    return _calibrated(made, card)


def _may_fold(card: TableCard, inner: Linear) -> bool:
    ways = {"none"} | ({"platt"} if inner.link == "sigmoid" else set[str]())
    places = [(coding.input, coding.way) for coding in card.codings]
    return (
        card.outputs == 1
        and card.calibration.kind in ways
        and not inner.levels
        and len(set(places)) == len(places)
        and all(way in ("texts", "missing", "number") for _, way in places)
    )


def _nulls_filled(nulls: dict[str, float], weights: dict[str, float], fills: dict[str, float | None]) -> bool:
    """Move what a null adds into what it is taken as; False where that can't be, for the number itself adds nothing."""
    for name, weight in nulls.items():
        if not weight:
            continue
        if not weights.get(name) or fills.get(name) is None:
            return False
        fills[name] = (fills[name] or 0.0) + weight / weights[name]
    return True


def _levels(coding: Coding, own: Sequence[float]) -> Levels:
    added = [sum(w * x for w, x in zip(own, row, strict=True)) for row in coding.table]
    weights = dict(zip(coding.texts, added[:-1], strict=True))
    null = weights.get("", added[-1])
    return Levels(
        input=coding.input,
        values=coding.texts,
        weights=tuple(weights[text] for text in coding.texts),
        null=null,
        other=added[-1],
    )


def _calibrated(made: Linear, card: TableCard) -> Linear:
    if card.calibration.kind == "none":
        return made
    by = card.calibration.slope
    return replace(
        made,
        weights=tuple(by * weight for weight in made.weights),
        intercept=by * made.intercept + card.calibration.offset,
        levels=tuple(
            replace(
                each,
                weights=tuple(by * weight for weight in each.weights),
                null=by * each.null,
                other=by * each.other,
            )
            for each in made.levels
        ),
    )
