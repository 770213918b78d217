"""Checks of a push that let the new version answer beside the old one: golden rows, and what was asked lately."""

import math
import time
from collections import deque
from collections.abc import Sequence
from typing import Any, cast

import msgspec
import numpy as np
import pyarrow as pa

from pressroom.facts import Facts, from_payload
from pressroom.features import TooOld, Value
from pressroom.models import LoadedModel, golden_rows, inputs_from_rows, prediction_field
from pressroom.ports import Blobs, Stored
from pressroom.serving.answers import Answers
from pressroom.serving.endpoint import Endpoint
from pressroom.serving.errors import PushRefused
from pressroom.serving.live import WARM_ROWS, warm_up
from pressroom.serving.predict import Predictor

REPLAYED = 100
"""Logged predictions that a push answers again, the newest."""

_ENOUGH = 20
_MOST_DIFFERENT = 0.05
_TOLERANCE = 1e-6
_CLOSE = 1e-9
Row = dict[str, Any]


def warm(models: Sequence[LoadedModel], blobs: Blobs) -> str:
    """Every model answers batches as requests bring them."""
    for model in models:
        warm_up(model, blobs, WARM_ROWS)
    return f"answered batches of {', '.join(map(str, WARM_ROWS))}"


def check_server_path(models: Sequence[LoadedModel], blobs: Blobs) -> str:
    """Golden rows, sent as JSON and read as a request is, one at a time, are answered as they were when packed."""
    worst, count = 0.0, 0
    for model in models:
        inputs, expected = golden_rows(model.package, blobs)
        columns = {name: [_plain(value) for value in column.tolist()] for name, column in inputs.items()}
        for place, wanted in enumerate(expected.tolist()):
            row = {field.name: _as(field.type, columns[field.name][place]) for field in model.package.signature.inputs}
            sent = msgspec.json.decode(msgspec.json.encode(row))
            found = float(model.runnable.predict(inputs_from_rows(model.package.signature, [sent]))[0])
            worst, count = max(worst, abs(found - wanted)), count + 1
        if not worst <= _TOLERANCE:
            raise PushRefused(
                f"{model.package.name} answers golden rows differently when they are sent (by {worst:.3g}).",
                next_step="Train it again in this environment.",
            )
    return f"{count} golden rows, one at a time: largest difference {worst:.1g}"


def check_replay(predictor: Predictor, old: Endpoint | None, facts: Facts) -> str:
    """What was asked lately is asked again: the features are the same, and answers come within the promise."""
    rows = [] if old is None else _logged(old, facts)
    if old is None or not rows:
        return "nothing was asked lately"
    alike = old.question.digest() == predictor.endpoint.question.digest()
    different, took, answered = 0, list[float](), 0
    for row in rows:
        asked = _asked(predictor.endpoint, row)
        started = time.perf_counter()
        try:
            answers = predictor.predict([asked], row["event"])
        except TooOld:
            continue
        took.append(time.perf_counter() - started)
        answered += 1
        different += alike and not _same(answers, row)
    if not answered:
        return "what was asked lately is no longer kept online"
    if different > max(1, _MOST_DIFFERENT * answered):
        raise PushRefused(
            f"{different} of {answered} rows that were asked lately have other features now.",
            next_step=f"Run `pressroom parity {predictor.endpoint.name}`, which says which.",
        )
    slow_ms, promised_ms = float(np.quantile(took, 0.99)) * 1e3, predictor.endpoint.promise.deadline_ms
    if answered >= _ENOUGH and slow_ms > promised_ms:
        raise PushRefused(
            f"Answers take {slow_ms:.1f} ms (99th percentile), {promised_ms} ms are promised.",
            next_step="Push a quicker model, or promise less.",
        )
    alike_told = f"{answered - different} of {answered} rows have the features they had"
    return f"{alike_told if alike else f'{answered} rows answered'}; 99th percentile {slow_ms:.2f} ms"


def _logged(endpoint: Endpoint, facts: Facts) -> list[Row]:
    """The newest predictions of this version that are still in the log, as plain rows; instants as microseconds."""
    name = endpoint.predictions().name
    newest: deque[bytes] = deque(maxlen=REPLAYED)

    def keep(stored: Stored) -> None:
        if stored.entry.topic == name:
            newest.append(stored.entry.payload)

    facts.follow(facts.log_start(), keep)
    rows: list[Row] = []
    while newest and len(rows) < REPLAYED:
        table = _instants_as_numbers(from_payload(newest.pop(), first_seq=0))
        told = [row for row in table.to_pylist() if row["endpoint_version"] == endpoint.version]
        rows += [row for row in reversed(told) if not row.get("fallback")][: REPLAYED - len(rows)]
    return rows


def _instants_as_numbers(table: pa.Table) -> pa.Table:
    for place, field in enumerate(table.schema):
        if pa.types.is_timestamp(field.type):
            table = table.set_column(place, field.name, table.column(place).cast(pa.int64()))
    return table


def _asked(endpoint: Endpoint, row: Row) -> dict[str, Value]:
    keys = {field.name for field in endpoint.question.keys}
    return {
        field.name: row.get(field.name if field.name in keys else prediction_field(field.name))
        for field in endpoint.row_fields()
    }


def _same(answers: Answers, row: Row) -> bool:
    return all(_equal(value, row.get(prediction_field(name))) for name, value in answers.at(0).answered.values.items())


def _equal(one: object, other: object) -> bool:
    if isinstance(one, float) and isinstance(other, float | int):
        return math.isclose(one, other, rel_tol=_CLOSE, abs_tol=_CLOSE) or (one != one and other != other)
    return one == other


def _plain(value: object) -> object:
    if isinstance(value, list):
        numbers = cast("list[float]", value)
        return None if numbers[0] != numbers[0] else numbers
    return None if isinstance(value, float) and value != value else value


def _as(kind: str, value: Any) -> object:
    if value is None or kind in ("float", "string", "vector"):
        return value
    return bool(value) if kind == "bool" else int(value)
