"""scikit-learn's linear models with the steps before them, folded into one dot product over raw inputs.

Each column on its way through a pipeline is a number (an input, a scale and an offset, and what null is taken as) or a
level (what each text adds, not weighted yet). The linear model at the end weighs them.
"""

from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Any

import numpy as np

from pressroom.models.outputs import not_lowered
from pressroom.models.signature import Signature
from pressroom.models.structure import Levels, Linear, Link
from pressroom.models.vectors import flat


@dataclass(frozen=True, slots=True, kw_only=True)
class _Number:
    """`scale * x + offset`, x null taken as `fill`; None: nothing filled it yet."""

    input: int
    scale: float = 1.0
    offset: float = 0.0
    fill: float | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class _Level:
    """1 where the input is `value`, else 0."""

    input: int
    value: str | None


@dataclass(frozen=True, slots=True, kw_only=True)
class _Text:
    """A string input as it comes; `fill` is what null is taken as."""

    input: int
    fill: str | None = None


_Column = _Number | _Level | _Text
_Columns = list[_Column]

_LINKS: dict[str, Link] = {
    **dict.fromkeys(("LogisticRegression", "LogisticRegressionCV"), "sigmoid"),
    **dict.fromkeys(
        ("LinearRegression", "Ridge", "RidgeCV", "Lasso", "LassoCV", "ElasticNet", "ElasticNetCV", "BayesianRidge",
         "HuberRegressor", "LinearSVR", "SGDRegressor", "QuantileRegressor", "TheilSenRegressor"),
        "identity",
    ),
    **dict.fromkeys(("PoissonRegressor", "GammaRegressor"), "exp"),
}  # fmt: skip


def linear_of(model: Any, signature: Signature) -> Linear | None:
    """The linear form of a fitted estimator or pipeline; None where its last step is no linear model of one output.

    Raises NotLowered where the last step is linear, and a step before it can't be folded.
    """
    steps = [step for _, step in model.steps] if type(model).__name__ == "Pipeline" else [model]
    steps = [step for step in steps if step is not None and step != "passthrough"]
    last: Any = steps[-1] if steps else None
    link = _LINKS.get(type(last).__name__)
    if link is None or not hasattr(last, "coef_") or np.atleast_2d(last.coef_).shape[0] != 1:
        return None
    signature = flat(signature)
    columns: _Columns = [
        _Text(input=place) if field.type == "string" else _Number(input=place)
        for place, field in enumerate(signature.inputs)
    ]
    for step in steps[:-1]:
        columns = _through(step, columns, signature)
    weights = np.ravel(last.coef_).astype(np.float64)
    return _weighed(columns, weights, float(np.ravel(last.intercept_)[0]), link, signature)


def _through(step: Any, columns: _Columns, signature: Signature) -> _Columns:
    known: dict[str, Callable[[Any, _Columns], _Columns]] = {
        "SimpleImputer": _imputed,
        "StandardScaler": _standardised,
        "MinMaxScaler": _stretched,
        "MaxAbsScaler": _shrunk,
        "RobustScaler": _centred,
        "OneHotEncoder": _encoded,
    }
    name = type(step).__name__
    if name == "Pipeline":
        for _, inner in step.steps:
            if inner is not None and inner != "passthrough":
                columns = _through(inner, columns, signature)
        return columns
    if name == "ColumnTransformer":
        return _side_by_side(step, columns, signature)
    if name not in known or not type(step).__module__.startswith("sklearn."):
        not_lowered(f"the step {name} before the linear model can't be folded into its weights")
    return known[name](step, columns)


def _side_by_side(step: Any, columns: _Columns, signature: Signature) -> _Columns:
    names = list(signature.names())
    made: _Columns = []
    for _, inner, chosen in step.transformers_:
        if isinstance(inner, str) and inner == "drop":
            continue
        places = [names.index(one) if isinstance(one, str) else int(one) for one in _listed(chosen, len(columns))]
        part = [columns[place] for place in places]
        made += part if isinstance(inner, str) else _through(inner, part, signature)
    return made


def _listed(chosen: Any, count: int) -> list[Any]:
    if isinstance(chosen, slice):
        return list(range(count))[chosen]
    found = list(np.atleast_1d(np.asarray(chosen, dtype=object)))
    if found and all(isinstance(one, bool | np.bool_) for one in found):
        return [place for place, wanted in enumerate(found) if wanted]
    return found


def _imputed(step: Any, columns: _Columns) -> _Columns:
    if step.add_indicator or not (step.missing_values is None or step.missing_values != step.missing_values):
        not_lowered("its SimpleImputer adds indicators, or takes something else than null for missing")
    made: _Columns = []
    for column, fill in zip(columns, step.statistics_, strict=True):
        empty = fill is None or fill != fill
        if empty and not step.keep_empty_features:
            continue
        if isinstance(column, _Text):
            made.append(replace(column, fill=str(fill)))
        elif isinstance(column, _Number) and column.fill is None and column.scale == 1.0 and column.offset == 0.0:
            made.append(replace(column, fill=0.0 if empty else float(fill or 0.0)))
        else:
            not_lowered("its SimpleImputer does not stand before the other steps")
    return made


def _affine(columns: _Columns, scale: Any, offset: Any) -> _Columns:
    """`scale * column + offset`, one of each for every column."""
    made: _Columns = []
    for column, by, plus in zip(columns, scale, offset, strict=True):
        if not isinstance(column, _Number):
            not_lowered("it scales what is no number input")
        made.append(replace(column, scale=column.scale * float(by), offset=column.offset * float(by) + float(plus)))
    return made


def _standardised(step: Any, columns: _Columns) -> _Columns:
    scale = np.ones(len(columns)) if step.scale_ is None else 1.0 / step.scale_
    mean = step.mean_ if step.with_mean else np.zeros(len(columns))
    return _affine(columns, scale, -mean * scale)


def _stretched(step: Any, columns: _Columns) -> _Columns:
    if step.clip:
        not_lowered("its MinMaxScaler clips")
    return _affine(columns, step.scale_, step.min_)


def _shrunk(step: Any, columns: _Columns) -> _Columns:
    return _affine(columns, 1.0 / step.scale_, np.zeros(len(columns)))


def _centred(step: Any, columns: _Columns) -> _Columns:
    scale = np.ones(len(columns)) if step.scale_ is None else 1.0 / step.scale_
    center = np.zeros(len(columns)) if step.center_ is None else step.center_
    return _affine(columns, scale, -center * scale)


def _encoded(step: Any, columns: _Columns) -> _Columns:
    if getattr(step, "_infrequent_enabled", False):
        not_lowered("its OneHotEncoder puts rare texts together")
    drops = step.drop_idx_ if step.drop_idx_ is not None else [None] * len(columns)
    made: _Columns = []
    for column, values, drop in zip(columns, step.categories_, drops, strict=True):
        if not isinstance(column, _Text):
            not_lowered("its OneHotEncoder encodes what is no string input")
        if step.handle_unknown != "ignore":
            not_lowered("its OneHotEncoder refuses texts that it has not seen; give handle_unknown='ignore'")
        for place, value in enumerate(values):
            if drop is None or place != drop:
                null = value is None or value != value
                made.append(_Level(input=column.input, value=None if null else str(value)))
        if column.fill is not None:
            made.append(_Text(input=column.input, fill=column.fill))
    return made


def _weighed(columns: _Columns, weights: Any, intercept: float, link: Link, signature: Signature) -> Linear:
    count = len(signature.inputs)
    summed, fills = np.zeros(count), [None] * count
    tables: dict[int, dict[str | None, float]] = {
        place: {} for place, field in enumerate(signature.inputs) if field.type == "string"
    }
    null_as: dict[int, str] = {
        column.input: column.fill for column in columns if isinstance(column, _Text) and column.fill
    }
    weighed = [column for column in columns if not isinstance(column, _Text)]
    if len(weighed) != len(weights) or any(isinstance(c, _Text) and c.fill is None for c in columns):
        not_lowered("texts reach the linear model as they are")
    found: list[float | None] = list(fills)
    for column, weight in zip(weighed, weights.tolist(), strict=True):
        if isinstance(column, _Level):
            table = tables[column.input]
            table[column.value] = table.get(column.value, 0.0) + weight
            continue
        summed[column.input] += weight * column.scale
        intercept += weight * column.offset
        if found[column.input] not in (None, column.fill):
            not_lowered("one input is filled in two ways")
        found[column.input] = column.fill
    for place, field in enumerate(signature.inputs):
        if field.optional and field.type != "string" and found[place] is None:
            if summed[place]:
                not_lowered(f"there is no SimpleImputer before it, and {field.name} may be null")
            found[place] = 0.0
    levels = tuple(_levels(signature.inputs[place].name, table, null_as.get(place)) for place, table in tables.items())
    return Linear(
        inputs=signature.names(),
        weights=tuple(summed.tolist()),
        fills=tuple(found),
        intercept=intercept,
        link=link,
        levels=levels,
    )


def _levels(name: str, table: dict[str | None, float], null_as: str | None) -> Levels:
    values = tuple(sorted(value for value in table if value is not None))
    null = table.get(null_as, 0.0) if null_as is not None else table.get(None, 0.0)
    return Levels(input=name, values=values, weights=tuple(table[value] for value in values), null=null)
