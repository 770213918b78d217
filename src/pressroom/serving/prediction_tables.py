"""Answers as facts: many become one table of columns, and no Python value is made for a row that could be spared."""

import random
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import chain

import numpy as np
import pyarrow as pa

from pressroom.facts import INSTANT, arrow_schema
from pressroom.models import Values, prediction_field
from pressroom.serving.answers import Answers, Shadowed
from pressroom.serving.endpoint import Endpoint
from pressroom.serving.given import AskedColumns, one_block
from pressroom.serving.spans import Spans, spelled
from pressroom.values import FactSchema

Waiting = tuple[Answers, Sequence[Shadowed]]
_MOST_FORMS = 64


@dataclass(frozen=True, slots=True, kw_only=True)
class _Form:
    """What an endpoint's answers are written as, worked out once; `asked` says where the columns that they have of
    their question come from.
    """

    fact: FactSchema
    schema: pa.Schema
    asked: dict[str, str]


class PredictionTables:
    """Makes tables of answers, for one writer."""

    def __init__(self) -> None:
        """Know no endpoint yet."""
        self._forms: dict[tuple[str, int], _Form] = {}

    def of(self, taken: Sequence[Waiting]) -> list[tuple[FactSchema, pa.Table]]:
        """The facts of some answers, and of what shadows said beside them."""
        # By version too: around a push, answers to two different questions wait together.
        groups: dict[tuple[str, int], list[Waiting]] = {}
        for answers, shadowed in taken:
            groups.setdefault((answers.endpoint.name, answers.endpoint.version), []).append((answers, shadowed))
        tables: list[tuple[FactSchema, pa.Table]] = []
        for name, group in groups.items():
            endpoint, drawn = group[0][0].endpoint, _drawn(group)
            fact, table = _predictions(self._form(name, endpoint), endpoint, [answers for answers, _ in group])
            tables.append((fact, _sampled(table, [mask for mask, _ in drawn])))
            beside = [(answers, each) for answers, shadowed in group for each in shadowed]
            if beside:
                fact, table = _shadows(endpoint, beside)
                tables.append((fact, _sampled(table, [mask for mask, count in drawn for _ in range(count)])))
        return tables

    def _form(self, name: tuple[str, int], endpoint: Endpoint) -> _Form:
        form = self._forms.get(name)
        if form is None:
            if len(self._forms) >= _MOST_FORMS:
                self._forms.clear()
            fact = endpoint.predictions()
            form = self._forms[name] = _Form(fact=fact, schema=arrow_schema(fact), asked=_asked(endpoint))
        return form


def _asked(endpoint: Endpoint) -> dict[str, str]:
    question = endpoint.question
    found = {field.name: field.name for field in (*question.keys, *question.brought())}
    return found | {prediction_field(field.name): field.name for field in question.inputs()}


def _predictions(form: _Form, endpoint: Endpoint, group: Sequence[Answers]) -> tuple[FactSchema, pa.Table]:
    count = sum(map(len, group))
    event = _instants([answers.as_of for answers in group])
    columns: dict[str, pa.Array] = {
        "event": event,
        "known": event,
        "prediction_id": _names(group),
        "unit": _mostly_null([answers.units for answers in group], count),
        "prediction": pa.array([*chain.from_iterable(answers.predictions for answers in group)], pa.float64()),
        **_routes(group, count),
        "endpoint_version": pa.repeat(endpoint.version, count),
        "latency_us": pa.array(_spread([answers.latency_us for answers in group])),
        "fallback": _fallbacks(group, count),
        "trace_id": _traces([answers.traces for answers in group], count),
    }
    numbers = _numbers(group)
    for column in form.schema:
        source = form.asked.get(column.name)
        if source is None or column.name in columns:
            continue
        if source in numbers:
            columns[column.name] = numbers[source]
        else:
            columns[column.name] = _array([answers.asked.column(source) for answers in group], column.type)
    made = [_as(columns[column.name], column.type) for column in form.schema]
    table = pa.Table.from_arrays(made, schema=form.schema)
    return form.fact, table


def _shadows(endpoint: Endpoint, beside: Sequence[tuple[Answers, Shadowed]]) -> tuple[FactSchema, pa.Table]:
    fact = endpoint.shadows()
    columns: dict[str, list[Values]] = {}
    for answers, shadowed in beside:
        route, count = shadowed.route, len(answers)
        said: dict[str, Values] = {field.name: answers.asked.column(field.name) for field in endpoint.question.keys}
        said |= {"event": answers.as_of.listed(), "known": answers.as_of.listed(), "prediction_id": [*answers.ids]}
        said |= {"prediction": shadowed.predictions, "told": answers.predictions}
        said |= {"model": [route.model] * count, "version": [route.version] * count, "digest": [route.digest] * count}
        said |= {"endpoint_version": [endpoint.version] * count}
        for name, values in said.items():
            columns.setdefault(name, []).append(values)
    schema = arrow_schema(fact)
    return fact, pa.Table.from_arrays([_array(columns[each.name], each.type) for each in schema], schema=schema)


def _drawn(group: Sequence[Waiting]) -> list[tuple[list[bool], int]]:
    """Which rows of each answers are written down, and how many shadows stand beside them; nothing: all are."""
    share = group[0][0].endpoint.promise.log_share
    if share >= 1.0:
        return []
    return [([random.random() < share for _ in range(len(answers))], len(shadowed)) for answers, shadowed in group]


def _sampled(table: pa.Table, masks: Sequence[list[bool]]) -> pa.Table:
    return table.filter(pa.array([*chain.from_iterable(masks)], pa.bool_())) if masks else table


def _instants(columns: Sequence[Spans[int]]) -> pa.Array:
    return pa.array(_spread(columns)).cast(INSTANT)


def _spread(columns: Sequence[Spans[int]]) -> "np.ndarray[tuple[int], np.dtype[np.int64]]":
    values = np.array([*chain.from_iterable(column.values for column in columns)], dtype=np.int64)
    return np.repeat(values, [*chain.from_iterable(column.counts for column in columns)])


def _names(group: Sequence[Answers]) -> pa.Array:
    letters = spelled([answers.ids for answers in group])
    count, width = letters.shape
    ends = np.arange(0, width * (count + 1), width, dtype=np.int32)
    return pa.StringArray.from_buffers(count, pa.py_buffer(ends), pa.py_buffer(letters))


def _mostly_null(columns: Sequence[Sequence[str | None]], count: int) -> pa.Array:
    if all(column.count(None) == len(column) for column in columns):
        return pa.nulls(count, pa.string())
    return pa.array([*chain.from_iterable(columns)], pa.string())


def _fallbacks(group: Sequence[Answers], count: int) -> pa.Array:
    if not any(answers.fallbacks for answers in group):
        return pa.nulls(count, pa.string())
    return pa.array([answers.fallbacks.get(place) for answers in group for place in range(len(answers))], pa.string())


def _traces(columns: Sequence[Spans[str]], count: int) -> pa.Array:
    if not any(any(column.values) for column in columns):
        return pa.nulls(count, pa.string())
    return pa.array([trace or None for column in columns for trace in column.listed()], pa.string())


def _routes(group: Sequence[Answers], count: int) -> dict[str, pa.Array]:
    first = group[0].routes[0]
    if all(answers.routes.count(first) == len(answers.routes) for answers in group):
        words = (first.model, first.version, first.digest)
        found = {name: _same(word, count) for name, word in zip(("model", "version", "digest"), words, strict=True)}
        return found | {"variant": _same(first.variant or None, count)}
    routes = [*chain.from_iterable(answers.routes for answers in group)]
    return {
        "model": pa.array([route.model for route in routes], pa.string()),
        "version": pa.array([route.version for route in routes], pa.string()),
        "digest": pa.array([route.digest for route in routes], pa.string()),
        "variant": pa.array([route.variant or None for route in routes], pa.string()),
    }


def _same(word: str | None, count: int) -> pa.Array:
    """One text in every row, written once: model and digest would be a third of all that is written."""
    if word is None:
        return pa.nulls(count, pa.string())
    return pa.DictionaryArray.from_arrays(np.zeros(count, dtype=np.int8), pa.array([word], pa.string()))


def _numbers(group: Sequence[Answers]) -> dict[str, pa.Array]:
    """The number columns that lie side by side in all answers. Nothing in them is null."""
    block = one_block([answers.asked.block if isinstance(answers.asked, AskedColumns) else None for answers in group])
    return {} if block is None else {name: pa.array(column) for name, column in block.columns().items()}


def _array(parts: Sequence[Values], kind: pa.DataType) -> pa.Array:
    plain = pa.int64() if kind == INSTANT else kind
    arrays = [part for part in parts if isinstance(part, np.ndarray) and part.ndim == 1]
    # NaN is how a tensor says null.
    if len(arrays) == len(parts):
        made = pa.array(arrays[0] if len(arrays) == 1 else np.concatenate(arrays), from_pandas=True).cast(plain)
    else:
        lists = (part.tolist() if isinstance(part, np.ndarray) else part for part in parts)
        made = pa.array([*chain.from_iterable(lists)], plain, from_pandas=True)
    return _as(made, kind)


def _as(made: pa.Array, kind: pa.DataType) -> pa.Array:
    return made if made.type == kind or pa.types.is_dictionary(made.type) else made.cast(kind)
