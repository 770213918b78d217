"""A thousand features: 17,000 rows ask ten views of a hundred features each, whose facts are 37 MB of Parquet.

From tables on disk to columns in memory, in a process of its own: `python -m benchmarks.wide FOLDER RUNS`.
"""

import json
import statistics
import subprocess
import sys
import time
from pathlib import Path

import numpy as np
import pyarrow as pa

from benchmarks.case import Case
from benchmarks.peak import peak_of_this_process
from pressroom.facts import INSTANT, Aggregate, Facts
from pressroom.features import BoundFeatures, Features, Question, View
from pressroom.features.view import Feature
from pressroom.values import FactSchema, FieldSchema
from pressroom.workspace.assembly import Ports, embedded

_VIEWS, _FEATURES, _FACTS, _ROWS, _ENTITIES = 10, 100, 4_600, 17_000, 1_000
_DAY = 86_400_000_000
_START = 16_000 * _DAY
_MOST_S, _MOST_GB = 3.0, 2.0
_KEY = FieldSchema(name="customer", type="string", entity="customer")


def cases(runs: int, folder: Path) -> tuple[Case, ...]:
    """Seconds and gigabytes, against what they may be."""
    at = folder / "wide"
    ports = embedded(at)
    _facts(ports).append_checked([(schema, _rows(place)) for place, schema in enumerate(_schemas())])
    _facts(ports).settle()
    ports.close()
    command = [sys.executable, "-m", "benchmarks.wide", str(at), str(runs)]
    told = json.loads(subprocess.run(command, check=True, capture_output=True, text=True).stdout)
    name = f"{_ROWS:,} rows x {_VIEWS} views x {_FEATURES} features"
    return (
        Case(name=f"{name}, at most", unit="s", ours=told["seconds"], limit=_MOST_S, target=1.0),
        Case(name=f"{name}, whole process, at most", unit="GB", ours=told["bytes"] / 1e9, limit=_MOST_GB, target=1.0),
    )


def _facts(ports: Ports) -> Facts:
    return Facts(log=ports.log, tables=ports.tables, records=ports.records, clock=ports.clock)


def _schemas() -> list[FactSchema]:
    fields = tuple(FieldSchema(name=f"f{place:02}", type="float") for place in range(_FEATURES))
    return [FactSchema(name=f"measured_{place}", doc="", fields=(_KEY, *fields)) for place in range(_VIEWS)]


def _rows(place: int) -> pa.Table:
    rng = np.random.default_rng(place)
    event = np.sort(rng.integers(_START, _START + 90 * _DAY, _FACTS))
    columns = {"event": pa.array(event).cast(INSTANT), "known": pa.array(event + 60_000_000).cast(INSTANT)}
    columns["customer"] = pa.array([f"customer-{number}" for number in rng.integers(0, _ENTITIES, _FACTS)])
    for number in range(_FEATURES):
        columns[f"f{number:02}"] = pa.array(rng.normal(size=_FACTS))
    return pa.table(columns)


def _question() -> Question:
    views = [
        View(
            name=f"view_{place}",
            entity="customer",
            owner="",
            doc="",
            features=tuple(
                Feature(
                    name=field.name,
                    aggregate=Aggregate(fact=schema, kind="last", field=field.name, ttl_us=30 * _DAY, by="customer"),
                )
                for field in schema.fields[1:]
            ),
        )
        for place, schema in enumerate(_schemas())
    ]
    return Question(keys=(_KEY,), views=tuple(BoundFeatures(view=view, key="customer") for view in views), request=())


def _spine() -> pa.Table:
    rng = np.random.default_rng(99)
    as_of = rng.integers(_START, _START + 90 * _DAY, _ROWS)
    names = [f"customer-{number}" for number in rng.integers(0, _ENTITIES, _ROWS)]
    return pa.table({"as_of": pa.array(as_of).cast(INSTANT), "customer": pa.array(names)})


def _check(answers: pa.Table, spine: pa.Table) -> None:
    """Some rows against the facts themselves."""
    as_of = spine.column("as_of").cast(pa.int64()).to_numpy()
    names = spine.column("customer").to_pylist()
    for place in (0, _VIEWS - 1):
        facts = _rows(place)
        who = np.array(facts.column("customer").to_pylist())
        event, known = (facts.column(name).cast(pa.int64()).to_numpy() for name in ("event", "known"))
        values = facts.column("f42").to_numpy()
        found = answers.column(f"view_{place}.f42").to_pylist()
        for row in range(0, _ROWS, 500):
            seen = np.flatnonzero((who == names[row]) & (known <= as_of[row]) & (event >= as_of[row] - 30 * _DAY))
            if found[row] != (values[seen[-1]] if len(seen) else None):
                raise AssertionError(f"Row {row} of view {place} differs.")


def _main(folder: str, runs: str) -> None:
    ports = embedded(Path(folder))
    features = Features(facts=_facts(ports), keys=ports.keys)
    question, spine = _question(), _spine()
    took: list[float] = []
    for _ in range(int(runs)):
        started = time.perf_counter()
        answers, _ = features.offline(question, spine)
        took.append(time.perf_counter() - started)
    peak = peak_of_this_process()
    _check(answers, spine)
    assert (answers.num_rows, answers.num_columns) == (_ROWS, _VIEWS * _FEATURES)
    print(json.dumps({"seconds": statistics.median(took), "bytes": peak}))


if __name__ == "__main__":
    _main(*sys.argv[1:])
