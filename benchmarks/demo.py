"""The demo's stages, and its training set against the same answer written by hand."""

import dataclasses
import tempfile
import time
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import TypeVar

import numpy as np
import pyarrow as pa
import pyarrow.dataset as ds
import pyarrow.parquet as pq

from benchmarks import handwritten
from benchmarks.case import Case, Report, Stage, in_turn
from pressroom.demo import run_demo
from pressroom.demo.definitions import late_arrival
from pressroom.demo.flights import FlightFacts, flight_facts
from pressroom.demo.folder import make_folder
from pressroom.demo.history import history
from pressroom.facts import INSTANT
from pressroom.training import Split, TrainingSetDefinition
from pressroom.values import parse_instant
from pressroom.workspace import Workspace, open_workspace

_END = parse_instant("2014-02-01T00:00Z")
_FACTS = ("scheduled", "departure", "landing", "weather_observed")
_COLUMNS = {
    "scheduled": (
        "event",
        "known",
        "flight",
        "tail",
        "origin",
        "carrier",
        "departs",
        "distance",
        "hour",
        "month",
        "seq",
    ),
    "departure": ("event", "known", "origin", "delay"),
    "landing": ("event", "known", "flight", "tail", "carrier", "delay"),
    "weather_observed": ("event", "known", "origin", "temp", "wind_speed", "precip", "visib", "pressure"),
}
_TARGET = 2.0
Result = TypeVar("Result")


def measure(runs: int) -> Report:
    """Load the whole year once, stage by stage; then measure the training set in turn with the hand-written one."""
    stages: list[Stage] = []
    with tempfile.TemporaryDirectory() as folder, open_workspace(make_folder(Path(folder) / "demo")) as workspace:
        facts = _timed(stages, "read and work out facts", flight_facts, _rows_of)
        _load(workspace, facts, stages)
        whole_year = dataclasses.replace(late_arrival, split=Split(train_until=_END - 1, validate_until=_END))
        cases = (_answer(workspace, whole_year, runs), _freeze(workspace, whole_year, runs, Path(folder)))
        stages += _whole_demo(Path(folder) / "whole")
    return Report(area="demo", cases=cases, stages=tuple(stages))


def _whole_demo(folder: Path) -> list[Stage]:
    """`pressroom demo` once, stage by stage, as its own bill counts them."""
    result = run_demo(folder, told=lambda stage, done, total: None)
    trained, asked = result.trained.training_set.rows, result.replayed.requests
    history_rows = sum(count for name, count in result.facts.by_fact.items() if name in _FACTS)
    facts = history_rows + result.replayed.appended
    rows = {
        "facts.read": facts,
        "facts.append": history_rows,
        "features.materialize": history_rows,
        "facts.settle": facts + asked,
        "push": 1,
        "replay": result.replayed.appended + asked,
        "serve": asked,
        "readout": asked,
        "parity": asked,
    }
    stages = [
        Stage(name=f"demo: {line.step}", seconds=line.wall_s, rows=rows.get(line.step, trained))
        for line in result.found.bill.lines
    ]
    return [*stages, Stage(name="demo: all of it", seconds=result.wall_s, rows=facts + asked)]


def _rows_of(facts: FlightFacts) -> int:
    return sum(table.num_rows for table in (facts.scheduled, facts.departures, facts.landings, facts.weather))


def _timed(stages: list[Stage], name: str, work: Callable[[], Result], rows: Callable[[Result], int]) -> Result:
    started = time.perf_counter()
    result = work()
    stages.append(Stage(name=name, seconds=time.perf_counter() - started, rows=rows(result)))
    return result


def _load(workspace: Workspace, facts: FlightFacts, stages: list[Stage]) -> None:
    batches = history(facts, _END)
    workspace.apply(workspace.definitions())
    _timed(stages, "append (checked, durable)", lambda: workspace.facts.append(*batches), lambda r: _sum(r))
    _timed(stages, "materialise online", workspace.follow, lambda applied: applied)
    _timed(stages, "settle into tables", workspace.settle, lambda moved: sum(moved.values()))


def _sum(receipts: Sequence[object]) -> int:
    return sum(getattr(receipt, "appended", 0) for receipt in receipts)


def _answer(workspace: Workspace, definition: TrainingSetDefinition, runs: int) -> Case:
    """All features and the label of all flights, from the tables on disk to columns in memory."""

    def ours() -> pa.Table:
        spine, _ = workspace.facts.read(definition.spine.fact, _COLUMNS["scheduled"])
        spine = spine.sort_by("seq")
        as_of = pa.compute.subtract(spine.column("departs").cast(pa.int64()), definition.spine.before_us)
        spine = spine.append_column("as_of", as_of.cast(INSTANT))
        answers, _ = workspace.features.offline(definition.question, spine)
        label, _ = workspace.features.label(definition.label, definition.spine.fact, spine, known_at=_END)
        return answers.append_column("label", label)

    def limit() -> handwritten.Answer:
        return handwritten.answer(_read_by_hand(workspace))

    _check_equal(ours(), limit())
    mine, theirs = in_turn(runs, ours, limit)
    return Case(name="training set, 336,776 rows: answer", unit="s", ours=mine, limit=theirs, target=_TARGET)


def _freeze(workspace: Workspace, definition: TrainingSetDefinition, runs: int, folder: Path) -> Case:
    """The same, split, filtered to known labels, digested and kept; by hand: filtered and written as Parquet."""

    def ours() -> None:
        workspace.training.build(definition, known_at=_END)

    def limit() -> None:
        tables = _read_by_hand(workspace)
        answers = handwritten.answer(tables)
        known = pa.array(~np.isnan(answers["label"]))
        rows = pa.table({name: pa.array(values) for name, values in answers.items()})
        carried = tables["scheduled"].select(
            ["flight", "tail", "origin", "carrier", "departs", "distance", "hour", "month"]
        )
        for name in carried.column_names:
            rows = rows.append_column(name, carried.column(name))
        pq.write_table(rows.filter(known), folder / "by_hand.parquet", compression="zstd")

    mine, theirs = in_turn(runs, ours, limit)
    return Case(name="training set, 336,776 rows: frozen", unit="s", ours=mine, limit=theirs, target=_TARGET)


def _read_by_hand(workspace: Workspace) -> dict[str, pa.Table]:
    tables = workspace.settings.folder / "data" / "tables"
    read = {
        name: ds.dataset(sorted((tables / name).rglob("*.parquet"))).to_table(columns=list(_COLUMNS[name]))
        for name in _FACTS
    }
    return {**read, "scheduled": read["scheduled"].sort_by("seq")}


def _check_equal(ours: pa.Table, limit: handwritten.Answer) -> None:
    for name, theirs in limit.items():
        mine = ours.column(name).cast(pa.float64()).to_numpy()
        if not np.array_equal(mine, theirs, equal_nan=True):
            wrong = int(np.flatnonzero(~((mine == theirs) | (np.isnan(mine) & np.isnan(theirs))))[0])
            raise AssertionError(f"{name} differs in row {wrong}: ours {mine[wrong]!r}, by hand {theirs[wrong]!r}")
