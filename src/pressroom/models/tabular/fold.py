"""Folding: a linear model of coded columns is a linear model of the raw ones, which needs no framework and no graph."""

from dataclasses import replace

from pressroom.models.signature import Signature
from pressroom.models.structure import Levels, Linear
from pressroom.models.tabular.coding import Coding
from pressroom.models.tabular.table_model import TableCard


def folded(card: TableCard, inner: Linear, signature: Signature) -> Linear | None:
    """The linear form over raw inputs; None where there is none (clock times, steps, a null that adds on its own)."""
    if card.calibration.kind not in ("none", "platt") or card.outputs > 1 or inner.levels:
        return None
    if card.calibration.kind == "platt" and inner.link != "sigmoid":
        return None
    weights, fills = dict.fromkeys(signature.names(), 0.0), dict[str, float | None]()
    levels: dict[str, Levels] = {}
    intercept, nulls, place = inner.intercept, dict[str, float](), 0
    for coding in card.codings:
        own = inner.weights[place : place + coding.width()]
        place += coding.width()
        if coding.way == "texts":
            added = [sum(w * x for w, x in zip(own, row, strict=True)) for row in coding.table]
            if coding.input in levels:
                return None
            levels[coding.input] = _levels(coding, added)
        elif coding.way == "missing":
            nulls[coding.input] = own[0]
        elif coding.way == "number":
            weights[coding.input] += own[0] * coding.scale
            intercept -= own[0] * coding.scale * coding.offset
            fills[coding.input] = coding.fill
        else:
            return None
    for name, weight in nulls.items():
        if not weight:
            continue
        if not weights.get(name) or fills.get(name) is None:
            return None
        fills[name] = (fills[name] or 0.0) + weight / weights[name]
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


def _levels(coding: Coding, added: list[float]) -> Levels:
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
