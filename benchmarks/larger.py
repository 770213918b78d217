"""Larger than memory: a training set of 10 million rows from 100 million facts on disk, under 4 GB of memory.

Facts and rows are generated onto the disk through the log, as an append would. Ours is a process of its own, with a
limit of 4 GB told, whose peak is what the kernel of the system saw (VmHWM). Beside it stands the least that the disk
asks for: read every byte of facts and rows once, write what was read and read that again, write and read the answer.
`PRESSROOM_LARGER` is the share of the full size (default 0.05).
"""

import dataclasses
import json
import os
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq

import pressroom as pr
from benchmarks.case import Case, Report, Stage
from benchmarks.peak import peak_of_this_process
from pressroom.facts import INSTANT
from pressroom.features import Progress
from pressroom.workspace import Workspace, open_workspace

_FACTS, _ROWS, _AT_ONCE = 100_000_000, 10_000_000, 2_000_000
_RIDERS, _DRIVERS = 2_000_000, 100_000
_DAY = 86_400_000_000
_START, _DAYS = 16_000 * _DAY, 90
_MEMORY_GB = 4.0
_TIMES_THE_BYTES = 8.0


class Rider(pr.Entity):
    """Who rides."""


class Driver(pr.Entity):
    """Who drives."""


class Ride(pr.Fact):
    """A ride was paid for."""

    rider: pr.Key[Rider]
    driver: pr.Key[Driver]
    fare: pr.Float


class Booked(pr.Fact):
    """A ride was booked."""

    rider: pr.Key[Rider]
    driver: pr.Key[Driver]
    distance: pr.Float


class Riding(pr.FeatureView, entity=Rider):
    """What a rider did lately."""

    rides_7d = Ride.count(window="7d")
    fare_30d = Ride.fare.sum(window="30d")
    last_fare = Ride.fare.last(ttl="30d")


class Driving(pr.FeatureView, entity=Driver):
    """What a driver did lately."""

    rides_1d = Ride.count(window="1d")
    fare_7d = Ride.fare.mean(window="7d")


bargain = pr.training_set(
    "bargain",
    spine=Booked,
    features=[Riding, Driving, pr.request(Booked.distance)],
    label=Ride.fare.next(within="7d", by=Ride.rider) > 20,
    split=pr.split_by_entity(Rider, validate=0.2),
    purpose="operations",
    baseline=[Booked.distance],
)


def measure(runs: int) -> Report:
    """Once, however many runs were asked for: it takes minutes."""
    share = float(os.environ.get("PRESSROOM_LARGER", "0.05"))
    with tempfile.TemporaryDirectory() as folder:
        at = Path(folder)
        made_s, facts, rows = _generate(at, share)
        command = [sys.executable, "-m", "benchmarks.larger", str(at)]
        told = json.loads(subprocess.run(command, check=True, stdout=subprocess.PIPE, text=True).stdout)
        limit_s = _bytes_alone(at, int(told["blob_bytes"]))
    name = f"{rows:,} rows from {facts:,} facts"
    stages = [Stage(name="generated, appended and settled", seconds=made_s, rows=facts)]
    stages += [Stage(name=stage["name"], seconds=stage["seconds"], rows=stage["rows"]) for stage in told["stages"]]
    return Report(
        area="larger",
        cases=(
            Case(name=f"{name}, peak of the process", unit="GB", ours=told["peak"] / 1e9, limit=_MEMORY_GB, target=1.0),
            Case(name=f"{name}, the bytes alone", unit="s", ours=told["s"], limit=limit_s, target=_TIMES_THE_BYTES),
        ),
        stages=(*stages, Stage(name="whole training set", seconds=told["s"], rows=told["rows"])),
    )


def _generate(folder: Path, share: float) -> tuple[float, int, int]:
    """A workspace with facts in its tables; how long that took, and how many facts and rows there are."""
    (folder / "pressroom.toml").write_text(f'[training]\nmemory = "{_MEMORY_GB:.0f}GB"\n', encoding="utf-8")
    facts, rows = int(_FACTS * share), int(_ROWS * share)
    started = time.perf_counter()
    with open_workspace(folder) as workspace:
        for made, fact, count in ((0, Ride, facts), (1, Booked, rows)):
            for start in range(0, count, _AT_ONCE):
                table = _some(fact, (made, start), min(_AT_ONCE, count - start), share)
                workspace.facts.append_checked([(fact.schema, table)])
                end = workspace.facts.log_end()
                workspace.facts.settle()
                workspace.facts.trim(end)
    return time.perf_counter() - started, facts, rows


def _some(fact: type[pr.Fact], seed: tuple[int, int], count: int, share: float) -> pa.Table:
    """Facts in no particular order; a tenth is known late."""
    rng = np.random.default_rng(seed)
    event = _START + rng.integers(0, _DAYS * _DAY, count)
    late = np.where(rng.random(count) < 0.1, rng.integers(0, _DAY, count), 1_000_000)
    known = event if fact is Booked else event + late
    columns = {
        "event": pa.array(event).cast(INSTANT),
        "known": pa.array(known).cast(INSTANT),
        "rider": _named("rider", rng.integers(0, int(_RIDERS * share), count)),
        "driver": _named("driver", rng.integers(0, int(_DRIVERS * share), count)),
        fact.schema.fields[2].name: pa.array(np.round(rng.gamma(2.0, 9.0, count), 2)),
    }
    return pa.table(columns)


def _named(what: str, numbers: "np.ndarray[tuple[int], np.dtype[np.int64]]") -> pa.Array:
    return pa.compute.binary_join_element_wise(what, pa.array(numbers).cast(pa.string()), "-")


def _bytes_alone(folder: Path, answer_bytes: int) -> float:
    """Seconds to read the tables, write what was read and read that again, and write and read the answer's bytes."""
    started = time.perf_counter()
    copy = folder / "copy.arrow"
    for name in ("ride", "booked"):
        for path in sorted((folder / "data" / "tables" / name).glob("*.parquet")):
            with pa.OSFile(str(copy), "wb") as sink:
                file = pq.ParquetFile(path)
                with pa.ipc.new_stream(sink, file.schema_arrow) as writer:
                    for batch in file.iter_batches():
                        writer.write_batch(batch)
            with pa.OSFile(str(copy)) as source, pa.ipc.open_stream(source) as stream:
                for batch in stream:
                    assert batch.num_rows
    copy.write_bytes(bytes(answer_bytes))
    assert len(copy.read_bytes()) == answer_bytes
    return time.perf_counter() - started


def _build(workspace: Workspace) -> dict[str, object]:
    known_at = _START + _DAYS * _DAY
    began: dict[str, float] = {}
    rows: dict[str, int] = {}

    def told(progress: Progress) -> None:
        began.setdefault(progress.stage, time.perf_counter())
        rows[progress.stage] = progress.total

    started = time.perf_counter()
    found, _ = workspace.training.build(bargain, known_at=known_at, progress=told)
    ended = time.perf_counter()
    marks = [*began.values(), ended]
    stages = [
        {"name": f"{stage} ({rows[stage]:,})", "seconds": after - marks[place], "rows": rows[stage]}
        for place, (stage, after) in enumerate(zip(began, marks[1:], strict=True))
    ]
    blob = workspace.settings.folder / "data" / "blobs" / found.blob[:2] / found.blob[2:]
    return {
        "s": ended - started,
        "rows": found.rows,
        "peak": peak_of_this_process(),
        "digest": found.digest,
        "blob_bytes": blob.stat().st_size,
        "stages": [{"name": "rows found", "seconds": marks[0] - started, "rows": found.rows}, *stages],
    }


def _main(folder: str) -> None:
    with open_workspace(folder) as workspace:
        limit = os.environ.get("PRESSROOM_LARGER_MEMORY")
        if limit is not None and workspace.larger is not None:
            memory = dataclasses.replace(workspace.larger.memory, limit_bytes=int(limit))
            object.__setattr__(workspace, "larger", dataclasses.replace(workspace.larger, memory=memory))
        print(json.dumps(_build(workspace)))


if __name__ == "__main__":
    _main(*sys.argv[1:])
